"""A server that stops lets requests end, and has new ones go elsewhere."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from congress.server.serving import HttpServer


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
    deadline = time.monotonic() + 5
    while True:
        try:
            http.client.HTTPConnection(host, port, timeout=5).connect()
        except ConnectionRefusedError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.01)
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
