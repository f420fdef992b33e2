"""Replays a recorded cloud on loopback: logins, discovery, lists, pages, objects and errors as the services give.

    python demo/cloud/replay.py [--keystone-port 5000] [--announce FILE]

Every service listens on a port of its own; FILE receives a JSON object with `auth_url`, `username`, `password`,
`project_name`, the same of a service, with `service_` before it, and `control`, when all of them answer. `control` is
an address on which the replay itself listens:

    GET  /        the state, the recordings, how many requests were answered and which actions were received
    POST /state   {"state": "after"}            answer from another recording from now on
    POST /outage  {"services": ["nova"], "kind": "silence" | "error"}   hang up, or answer 503; [] ends the outage
    POST /logout                                forget every token, as a Keystone does whose keys were rotated
    POST /offer   {"type": "policy", "name": "congress", "url": "http://…"}   enter a service into the catalog

Actions are accepted and remembered, and change nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from answers import Answer, failure, unauthorized
from identity import ADMIN, PASSWORDS, SERVICE, Identity

RECORDINGS = Path(__file__).resolve().parent / "recordings"
SCOPING = {"all_tenants", "is_public", "visibility", "details", "limit", "marker", "sort_key", "sort_dir", "sort"}
"""Query parameters that do not select objects by a member of the same name."""


class Recording:
    """One recorded state of the cloud."""

    def __init__(self, path: Path) -> None:
        self.exact: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.lists: dict[tuple[str, str], tuple[str, list[Any]]] = {}
        for exchange in json.loads(path.read_text()):
            service, method, target = exchange["service"], exchange["method"], exchange["path"]
            self.exact[service, method, canonical(target)] = exchange
            body = exchange["body"]
            if method == "GET" and exchange["authenticated"] and isinstance(body, dict):
                for member, objects in body.items():
                    if isinstance(objects, list) and not member.endswith("_links"):
                        self.lists[service, urlsplit(target).path] = (member, objects)


def canonical(target: str) -> str:
    """Path and sorted query, so that the order of parameters does not matter."""
    parts = urlsplit(target)
    return f"{parts.path}?{urlencode(sorted(parse_qsl(parts.query)))}"


def recorded_identity(recording: Recording) -> Identity:
    """The tokens of the recorded cloud."""
    token = next(
        one["body"]["token"]
        for (service, method, path), one in recording.exact.items()
        if (service, method) == ("keystone", "POST") and path.startswith("/v3/auth/tokens")
    )
    listed = (recording.lists["keystone", path][1] for path in ("/v3/projects", "/v3/roles"))
    projects, roles = ({one["name"]: one["id"] for one in objects} for objects in listed)
    return Identity(token, projects, roles)


class Cloud:
    """All recordings and what has happened since the start. Safe to use from many threads."""

    def __init__(self, recordings: Path, names: tuple[str, ...] = ("before", "after")) -> None:
        self.recordings = {name: Recording(recordings / f"{name}.json") for name in names}
        self.services = sorted({service for service, _, _ in self.recordings[names[0]].exact})
        self.state = names[0]
        self.outage: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.identity = recorded_identity(self.recordings[names[0]])
        self.actions: list[dict[str, Any]] = []
        self.requests = 0

    def answer(
        self, service: str, method: str, target: str, token: str | None, subject: str | None, body: Any
    ) -> Answer:
        self.requests += 1
        recording = self.recordings[self.state]
        if service == "keystone" and urlsplit(target).path == "/v3/auth/tokens":
            return self.identity.answer(method, token, subject, body)
        exchange = recording.exact.get((service, method, canonical(target)))
        if exchange is not None and not exchange["authenticated"]:
            return Answer(exchange["status"], exchange["body"], exchange["headers"])
        if token not in self.identity.tokens:
            return unauthorized()
        if exchange is not None:
            return Answer(exchange["status"], exchange["body"], exchange["headers"])
        if method == "GET":
            return self.derived(recording, service, target)
        self.actions.append({"service": service, "method": method, "path": urlsplit(target).path, "body": body})
        return Answer(202, None)

    def derived(self, recording: Recording, service: str, target: str) -> Answer:
        """A page or a selection of a recorded list, or one of its objects."""
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        for candidate in (path, f"{path}/detail"):
            if (service, candidate) in recording.lists:
                return page(path, query, *recording.lists[service, candidate])
        collection, _, identifier = path.rpartition("/")
        for candidate in (collection, f"{collection}/detail"):
            member, objects = recording.lists.get((service, candidate), ("", []))
            for one in objects:
                if str(one.get("id")) == identifier:
                    return Answer(200, one if service == "glance" else {member.removesuffix("s"): one})
        return failure(404, "Not Found", f"Nothing was recorded for {path}.")

    def report(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "states": sorted(self.recordings),
            "outage": self.outage,
            "requests": self.requests,
            "actions": self.actions,
        }

    def control(self, path: str, body: Any) -> Answer:
        if path == "/state" and isinstance(body, dict) and body.get("state") in self.recordings:
            self.state = body["state"]
        elif path == "/outage" and isinstance(body, dict) and set(body.get("services", ())) <= set(self.services):
            self.outage = dict.fromkeys(body.get("services", ()), body.get("kind", "silence"))
        elif path == "/logout":
            self.identity.tokens.clear()
        elif path == "/offer" and isinstance(body, dict) and {"type", "name", "url"} <= set(body):
            self.identity.offer(body["type"], body["name"], body["url"])
        else:
            return failure(
                400,
                "Bad Request",
                f"POST /state with one of {sorted(self.recordings)} as state, "
                f"/outage with services out of {self.services}, /offer with type, name and url, or /logout",
            )
        return Answer(200, self.report())


def page(path: str, query: dict[str, str], member: str, objects: list[Any]) -> Answer:
    wanted = [
        one
        for one in objects
        if all(str(one.get(key)) == value for key, value in query.items() if key not in SCOPING and key in one)
    ]
    if "marker" in query:
        ids = [str(one.get("id")) for one in wanted]
        if query["marker"] not in ids:
            return failure(400, "Bad Request", f"marker [{query['marker']}] not found")
        wanted = wanted[ids.index(query["marker"]) + 1 :]
    limit = query.get("limit", "")
    if not re.fullmatch("[0-9]{0,9}", limit):
        return failure(400, "Bad Request", f"limit must be a number, not {limit}")
    body: dict[str, Any] = {member: wanted}
    if limit and len(wanted) > int(limit) > 0:
        body[member] = wanted[: int(limit)]
        following = f"{path}?{urlencode({**query, 'marker': body[member][-1]['id']})}"
        body[f"{member}_links"] = [{"rel": "next", "href": following}]
    return Answer(200, body)


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, cloud: Cloud, service: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.cloud, self.service = cloud, service

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # clients may leave whenever they like
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        cloud, service = self.server.cloud, self.server.service
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            return self.send(failure(400, "Bad Request", "The body is not JSON."))
        kind = cloud.outage.get(service)
        if kind == "silence":
            self.close_connection = True
            return None
        if kind:
            return self.send(failure(503, "Service Unavailable", "The server is currently unavailable."))
        if service == "control":
            return self.send(Answer(200, cloud.report()) if self.command == "GET" else cloud.control(self.path, body))
        token, subject = self.headers.get("X-Auth-Token"), self.headers.get("X-Subject-Token")
        return self.send(cloud.answer(service, self.command, self.path, token, subject, body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - names of the base class

    def send(self, answer: Answer) -> None:
        text = "" if answer.body is None else json.dumps(answer.body)
        for service, address in self.server.cloud.addresses.items():
            text = text.replace(f"{{{{{service}}}}}", address)
        raw = text.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base class
        pass


def serve(cloud: Cloud, keystone_port: int = 0) -> tuple[dict[str, str], Callable[[], None]]:
    """Start all listeners; what a client needs to know, and a function that stops them."""
    listeners = [
        Listener(keystone_port if service == "keystone" else 0, cloud, service)
        for service in [*cloud.services, "control"]
    ]
    cloud.addresses = {one.service: one.url for one in listeners}
    for one in listeners:
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop() -> None:
        for one in listeners:
            one.shutdown()
            one.server_close()

    known = {
        "auth_url": f"{cloud.addresses['keystone']}/v3",
        "username": ADMIN,
        "password": PASSWORDS[ADMIN],
        "project_name": "admin",
        "service_username": SERVICE,
        "service_password": PASSWORDS[SERVICE],
        "service_project_name": "service",
        "control": cloud.addresses["control"],
    }
    return known, stop


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay a recorded cloud on loopback.")
    parser.add_argument("--keystone-port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--recordings", type=Path, default=RECORDINGS)
    parser.add_argument("--announce", type=Path, help="file to write the addresses to")
    options = parser.parse_args()
    known, stop = serve(Cloud(options.recordings), options.keystone_port)
    print(json.dumps(known, indent=1), flush=True)
    if options.announce:
        partial = options.announce.with_suffix(".partial")
        partial.write_text(json.dumps(known))
        partial.rename(options.announce)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    done.wait()
    stop()


if __name__ == "__main__":
    main()
