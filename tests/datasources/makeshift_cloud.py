"""A cloud of one makeshift service behind a makeshift Keystone: as large, and as ill-behaved, as a test wants it.

`python -m tests.datasources.makeshift_cloud SERVERS` serves that many servers as Nova does, in pages of 1000, from a
process of its own; the first line that it prints is its URL. `POST /change?count=N` changes the status of N of them.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

PAGE = 1000


class Cloud(ThreadingHTTPServer):
    """`answer(handler, path, query)` answers requests to the compute service; `sent`: bytes of answers so far."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Handler, str, dict[str, list[str]]], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.sent, self.asked = answer, 0, 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def login(self) -> dict[str, str]:
        """What a datasource's config needs."""
        return {"auth_url": f"{self.url}/v3", "username": "u", "password": "p", "project_name": "admin"}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what many tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Cloud
    PLACES: ClassVar = {"/v3": "v3.14", "/v3/": "v3.14", "/compute/v2.1": "v2.1", "/compute/v2.1/": "v2.1"}

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path in self.PLACES:
            self.send_json({"version": self._version(self.PLACES[parts.path], parts.path)})
        elif parts.path.startswith("/compute/v2.1"):
            self.server.asked += 1
            self.server.answer(self, parts.path.removeprefix("/compute/v2.1"), parse_qs(parts.query))
        else:
            self.send_json({"error": "not here"}, 404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/auth/tokens"):
            self.send_json({"token": self._token()}, 201, {"X-Subject-Token": "t"})
        else:
            parts = urlsplit(self.path)
            self.server.answer(self, parts.path, parse_qs(parts.query))

    def send_json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_bytes(json.dumps(content).encode(), status, headers)

    def send_bytes(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *_arguments: Any) -> None:
        """Nobody reads it."""

    def _version(self, name: str, path: str) -> dict[str, Any]:
        links = [{"rel": "self", "href": self.server.url + path}]
        return {"id": name, "status": "CURRENT", "version": "2.96", "min_version": "2.1", "links": links}

    def _token(self) -> dict[str, Any]:
        endpoint = {
            "interface": "public",
            "region": "R",
            "region_id": "R",
            "id": "e",
            "url": f"{self.server.url}/compute/v2.1",
        }
        domain = {"id": "default", "name": "Default"}
        return {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2020-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "u", "domain": domain},
            "project": {"id": "p", "name": "admin", "domain": domain},
            "roles": [{"id": "r", "name": "admin"}],
            "catalog": [{"type": "compute", "name": "nova", "id": "c", "endpoints": [endpoint]}],
        }


@contextmanager
def serving(answer: Callable[[Handler, str, dict[str, list[str]]], None]) -> Iterator[Cloud]:
    """A cloud in a thread."""
    cloud = Cloud(answer)
    thread = threading.Thread(target=cloud.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.shutdown()
        cloud.server_close()
        thread.join(5)


class Servers:
    """Many servers, each kept as the JSON that is sent."""

    def __init__(self, count: int) -> None:
        chance = random.Random(7)  # noqa: S311 - the same cloud each time
        self._chance = chance
        tenants = [uuid.UUID(int=chance.getrandbits(128)).hex for _ in range(1000)]
        self.items = [
            {
                "id": str(uuid.UUID(int=chance.getrandbits(128))),
                "name": f"server-{number}",
                "status": "ACTIVE",
                "tenant_id": chance.choice(tenants),
                "hostId": f"host-{number % 500}",
            }
            for number in range(count)
        ]
        self.places = {each["id"]: place for place, each in enumerate(self.items)}
        self.texts = [json.dumps(each).encode() for each in self.items]

    def change(self, count: int) -> list[str]:
        """Change the status of so many; answers their ids."""
        changed = self._chance.sample(range(len(self.items)), count)
        for place in changed:
            self.items[place]["status"] = "SHUTOFF" if self.items[place]["status"] == "ACTIVE" else "ACTIVE"
            self.texts[place] = json.dumps(self.items[place]).encode()
        return [self.items[place]["id"] for place in changed]

    def answer(self, handler: Handler, path: str, query: dict[str, list[str]]) -> None:
        if path == "/change":
            handler.send_json(self.change(int(query["count"][0])))
        elif path == "/sent":
            handler.send_json([handler.server.sent, handler.server.asked])
        elif path == "/servers/detail":
            start = self.places[query["marker"][0]] + 1 if "marker" in query else 0
            links = b""
            if start + PAGE < len(self.items):
                last = self.items[start + PAGE - 1]["id"]
                link = {"rel": "next", "href": f"{handler.server.url}/compute/v2.1/servers/detail?marker={last}"}
                links = b', "servers_links": [' + json.dumps(link).encode() + b"]"
            handler.send_bytes(b'{"servers": [' + b",".join(self.texts[start : start + PAGE]) + b"]" + links + b"}")
        elif path.removeprefix("/servers/") in self.places:
            handler.send_bytes(b'{"server": ' + self.texts[self.places[path.removeprefix("/servers/")]] + b"}")
        elif path.startswith("/servers/"):
            handler.send_json({"itemNotFound": {"code": 404, "message": "no such server"}}, 404)
        else:
            names = {"/flavors/detail": "flavors", "/os-services": "services", "/os-hypervisors": "hypervisors"}
            handler.send_json({names.get(path, "availabilityZoneInfo"): []})


if __name__ == "__main__":
    made = Cloud(Servers(int(sys.argv[1])).answer)
    sys.stdout.write(made.url + "\n")
    sys.stdout.flush()
    made.serve_forever()
