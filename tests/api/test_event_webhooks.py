"""Outgoing webhooks over HTTP: a real server sends to a real receiver, which checks the signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.waiting import until


class Receiver:
    """Takes what is sent to it, when it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[dict[str, Any]]:
        return [event for _headers, body in list(self.requests) for event in json.loads(body)["events"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    place: Path = tmp_path_factory.mktemp("webhooks")
    hasty = "[events]\nwebhook_delay = 0.05\nwebhook_attempts = 3\n"
    (place / "hasty.conf").write_text(f"[DEFAULT]\nauth_strategy = noauth\n{hasty}")
    server = ServerProcess(place / "state", "--config-file", str(place / "hasty.conf")).start()
    yield Client(server.url)
    server.close()


def made(client: Client, receiver: Receiver, policy: str) -> dict[str, Any]:
    answer = client.post("/v1/event-webhooks", {"url": receiver.url, "policy": policy, "description": "of a test"})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_a_webhook_is_told_what_opens_and_closes_and_can_tell_who_says_so(client: Client, receiver: Receiver) -> None:
    hook = made(client, receiver, "told")
    client.policy("told", "error(x) :- q(x)", "q(1)")
    until(lambda: receiver.events())
    client.delete("/v1/policies/told")
    until(lambda: len(receiver.events()) == 2)
    assert [(event["row"], event["change"]) for event in receiver.events()] == [([1], "entered"), ([1], "left")]
    for headers, body in receiver.requests:
        said = dict(part.split("=") for part in headers["X-Congress-Signature"].split(","))
        signed = said["t"].encode() + b"." + body
        assert hmac.compare_digest(said["v1"], hmac.new(hook["secret"].encode(), signed, hashlib.sha256).hexdigest())
        assert headers["X-Congress-Delivery"].startswith(hook["id"])
    path = f"/v1/event-webhooks/{hook['id']}"
    assert "secret" not in client.get(path).json()
    assert client.delete(path).status_code == 200
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("status", [500, 301])
def test_what_is_not_taken_is_a_dead_letter_until_it_is_sent_again(
    client: Client, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    policy = f"refused{status}"
    path = f"/v1/event-webhooks/{made(client, receiver, policy)['id']}"
    client.policy(policy, "error(x) :- q(x)", "q(1)")
    until(lambda: client.get(path).json()["dead_letters"])
    assert len(receiver.requests) == 3
    (letter,) = client.get(f"{path}/dead-letters").json()["results"]
    assert (letter["state"], str(status) in letter["error"]) == ("dead", True)
    receiver.status = 200
    assert client.post(f"{path}/dead-letters/{letter['id']}/retry").json()["state"] == "due"
    until(lambda: not client.get(path).json()["dead_letters"])
    assert receiver.requests[-1][1] == letter["body"].encode()
    client.delete(path)


def test_a_dead_letter_can_be_given_up(client: Client, receiver: Receiver) -> None:
    receiver.status = 500
    path = f"/v1/event-webhooks/{made(client, receiver, 'hopeless')['id']}"
    client.policy("hopeless", "error(x) :- q(x)", "q(1)")
    until(lambda: client.get(path).json()["dead_letters"])
    (letter,) = client.get(f"{path}/dead-letters").json()["results"]
    assert client.delete(f"{path}/dead-letters/{letter['id']}").status_code == 200
    assert client.get(f"{path}/dead-letters").json()["results"] == []
    client.delete(path)


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"url": 1}, {"url": "x"}, {"url": "http://169.254.169.254/latest"}, {"url": "http://h/", "more": 1},
        {"url": "http://user:word@h/"},
    ],
)  # fmt: skip
def test_addresses_that_nothing_is_sent_to_are_refused(client: Client, body: Any) -> None:
    assert client.post("/v1/event-webhooks", body).status_code == 400


def test_webhooks_and_letters_that_are_not_there_are_not_found(client: Client, receiver: Receiver) -> None:
    path = f"/v1/event-webhooks/{made(client, receiver, 'none')['id']}"
    assert client.get("/v1/event-webhooks/none").status_code == 404
    assert client.get("/v1/event-webhooks/messages").status_code == 404
    assert client.delete(f"{path}/dead-letters/none").status_code == 404
    assert client.post(f"{path}/dead-letters/none/retry").status_code == 404
    client.delete(path)
