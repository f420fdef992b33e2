"""Asks a server over many connections at a time: a loop over non-blocking sockets, bounded by time and by requests."""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_LENGTH = b"content-length:"


@dataclass(slots=True)
class Outcome:
    """`latencies` in seconds, of each answer; `seconds` for all of them; `failures` are answers of another status."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    missing: int = -1
    """Bytes of the answer that are still to come; -1 while its head is not complete."""


def request(verb: str, path: str, body: bytes = b"") -> bytes:
    """One request as it goes over the wire."""
    head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def run(
    address: tuple[str, int],
    make: Callable[[int], bytes],
    *,
    connections: int,
    seconds: float,
    most: int = 10**9,
    sources: Sequence[str] = ("",),
) -> Outcome:
    """Send `make(0)`, `make(1)`, … over so many connections, on each the next when the last was answered.

    The connections come from these addresses in turn.
    """
    selector = selectors.DefaultSelector()
    outcome, number = Outcome(), 0
    places = itertools.islice(itertools.cycle(sources), connections)
    opened = [_Connection(socket.create_connection(address, source_address=(place, 0))) for place in places]
    for connection in opened:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket.setblocking(False)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    started = time.perf_counter()
    end = started + seconds
    waiting = 0
    for connection in opened:
        if number < most:
            _send(connection, make(number))
            number, waiting = number + 1, waiting + 1
    while waiting:
        for key, _events in selector.select(30):
            connection = key.data
            if not _read(connection):
                continue
            now = time.perf_counter()
            outcome.latencies.append(now - connection.sent_at)
            outcome.failures += connection.received[9:10] != b"2"
            connection.received.clear()
            connection.missing = -1
            if now < end and number < most:
                _send(connection, make(number))
                number += 1
            else:
                waiting -= 1
    outcome.seconds = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    return outcome


def _send(connection: _Connection, data: bytes) -> None:
    connection.sent_at = time.perf_counter()
    connection.socket.setblocking(True)
    connection.socket.sendall(data)
    connection.socket.setblocking(False)


def _read(connection: _Connection) -> bool:
    """Take what has arrived; True when the answer is complete."""
    data = connection.socket.recv(262_144)
    if not data:
        raise ConnectionError("the server closed a connection")
    connection.received += data
    if connection.missing < 0:
        end = connection.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(connection.received[:end]).lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        connection.missing = end + 4 + length - len(connection.received)
    else:
        connection.missing -= len(data)
    return connection.missing == 0
