"""A server that stops lets requests end, and has new ones go elsewhere."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from congress.api.streams import HOLD, Line
from congress.server.serving import HttpServer
from tests.waiting import until


def test_requests_end_and_new_connections_are_refused() -> None:
    begun, proceed = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            begun.set()
            proceed.wait(20)
        start("200 OK", [("Content-Length", "4")])
        return [b"done"]

    server = HttpServer(application, host="127.0.0.1", port=0, threads=4, connections=100, max_body=1000)
    server.start()
    [(host, port)] = server.addresses
    kept, slow = (http.client.HTTPConnection(host, port, timeout=20) for _ in range(2))
    kept.request("GET", "/")
    answer = kept.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"done", None)
    slow.request("GET", "/slow")
    assert begun.wait(5)
    stopping = threading.Thread(target=server.stop, args=(10.0,))
    stopping.start()

    def refused() -> bool:
        try:
            http.client.HTTPConnection(host, port, timeout=5).connect()
        except ConnectionRefusedError:
            return True
        return False

    until(refused, seconds=5.0)
    kept.request("GET", "/")
    answer = kept.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"done", "close")
    proceed.set()
    answer = slow.getresponse()
    assert (answer.read(), answer.getheader("Connection")) == (b"done", "close")
    stopping.join(5)
    assert not stopping.is_alive()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(host, port, timeout=5).connect()


# -- answers that go on after their thread was given back --------------------------------------------------------------


class Holding:
    """A server with one thread; what is asked of `/held` is answered as the test goes."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._server = HttpServer(self._answer, host="127.0.0.1", port=0, threads=1, connections=100, max_body=1000)
        self._server.start()
        [self.address] = self._server.addresses

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/held":
            start("200 OK", [("Content-Length", "4")])
            return [b"done"]
        environ[HOLD](self.lines.append)
        start("200 OK", [("Content-Type", "text/plain")])
        return iter([b"begin "])

    def ask(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        connection.request("GET", path)
        return connection.getresponse()

    def stop(self) -> None:
        self._server.stop(5.0)


@pytest.fixture
def holding() -> Iterator[Holding]:
    made = Holding()
    yield made
    made.stop()


def test_a_held_answer_goes_on_while_its_thread_serves_others(holding: Holding) -> None:
    held = holding.ask("/held")
    assert held.read(6) == b"begin "
    assert holding.ask("/").read() == b"done"
    (line,) = until(lambda: holding.lines)
    assert line.send(b"more ")
    assert held.read(5) == b"more "
    line.send(b"end")
    line.close()
    assert held.read() == b"end"


def test_a_client_that_went_away_is_noticed(holding: Holding) -> None:
    with socket.create_connection(holding.address, timeout=20) as client:
        client.sendall(b"GET /held HTTP/1.1\r\nHost: here\r\n\r\n")
        (line,) = until(lambda: holding.lines)
    until(lambda: not line.send(b"more"))


def test_who_speaks_while_an_answer_is_held_is_hung_up_on(holding: Holding) -> None:
    with socket.create_connection(holding.address, timeout=20) as client:
        client.sendall(b"GET /held HTTP/1.1\r\nHost: here\r\n\r\n")
        until(lambda: holding.lines)
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        received = b""
        while part := client.recv(1000):
            received += part
    assert b"begin" in received
    assert b"done" not in received


def test_what_a_client_does_not_take_is_counted(holding: Holding) -> None:
    with socket.create_connection(holding.address, timeout=20) as client:
        client.sendall(b"GET /held HTTP/1.1\r\nHost: here\r\n\r\n")
        (line,) = until(lambda: holding.lines)
        sent = 0
        while line.pending() < 100_000:
            sent += len(b"x" * 65536)
            assert line.send(b"x" * 65536)
        taken = 0
        while taken < sent:
            taken += len(client.recv(1 << 20))
        until(lambda: line.pending() == 0)
