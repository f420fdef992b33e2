"""Streams of server-sent events: one thread writes to all of them, so that a stream costs a socket and no thread.

The format is that of the HTML standard, section "Server-sent events".
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from congress.policies.events import Batch, EventLog, Filter, told
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

HOLD: Final = "congress.hold"
"""The key of the WSGI environment under which a server that can hold connections offers to: it calls what it is given
with the `Line`, once the answer has begun and its thread is free."""

_AT_ONCE = 500
_MOST_PENDING = 512 * 1024
"""Bytes that a client has not taken yet, beyond which it gets no more until it does."""
_ALIVE_SECONDS = 15.0
_OPEN = metrics.observed("congress_event_streams", "Streams of events that clients follow at this server.")
_SENT = metrics.counter("congress_event_stream_events_total", "Events that were written to streams.")


class Line(Protocol):
    """A connection that was taken over from the web server."""

    def send(self, data: bytes) -> bool:
        """Whether it is still open."""

    def pending(self) -> int:
        """Bytes that the client has not taken yet."""

    def close(self) -> None:
        """End the answer as far as it was sent."""


Hold: TypeAlias = Callable[[Callable[[Line], None]], None]


@dataclass(slots=True)
class _Stream:
    line: Line
    position: int
    only: Filter
    ends: float
    sent: float


class Streams:
    """All streams of this server, at most `most`, each at most `seconds` long."""

    def __init__(self, events: EventLog, most: int = 200, seconds: float = 900.0) -> None:
        self._events, self._most, self._seconds = events, most, seconds
        self._lock = threading.Lock()
        self._streams: list[_Stream] = []
        self._promised = 0
        self._some = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        _OPEN.follow(lambda: {(): float(len(self._streams))})

    def reserve(self) -> bool:
        """Ask for a place, which `begin` takes; False when there is none."""
        with self._lock:
            if self._closing or len(self._streams) + self._promised >= self._most:
                return False
            self._promised += 1
            return True

    def begin(self, line: Line, position: int, only: Filter) -> None:
        """Write what comes after `position` to this line from now on; in the place that was reserved."""
        now = time.monotonic()
        with self._lock:
            self._promised -= 1
            if self._closing:
                line.close()
                return
            self._streams.append(_Stream(line, position, only, now + self._seconds, now))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()
        self._some.set()

    def close(self) -> None:
        """End all streams; their clients come back to another server, and go on where they were."""
        with self._lock:
            self._closing = True
            streams, self._streams = self._streams, []
        for stream in streams:
            stream.line.close()
        self._some.set()
        self._events.wake()

    def _run(self) -> None:
        failing = False
        while not self._closing:
            self._some.wait()
            seen = self._events.seen()
            try:
                self._serve()
                failing = False
            except Exception as error:  # the database may be away; nobody loses a place by that
                if not failing:
                    LOG.warning("events cannot be read now: %s", error)
                failing = True
            with self._lock:
                if not self._streams and not self._closing:
                    self._some.clear()
            self._events.rest(seen)

    def _serve(self) -> None:
        """Write to every stream what it can take now, again and again until there is nothing left for any."""
        with self._lock:
            streams = list(self._streams)
        latest = self._events.latest() if streams else 0
        while streams and not self._closing:
            known: dict[tuple[int, Filter], tuple[bytes, Batch]] = {}
            streams = [stream for stream in streams if self._advance(stream, latest, known)]

    def _advance(self, stream: _Stream, latest: int, known: dict[tuple[int, Filter], tuple[bytes, Batch]]) -> bool:
        """Write one batch; whether the stream wants another one at once."""
        now = time.monotonic()
        if now >= stream.ends:
            self._drop(stream)
            return False
        if stream.line.pending() > _MOST_PENDING:
            return False
        if stream.position >= latest:
            if now - stream.sent > _ALIVE_SECONDS:
                self._send(stream, b": alive\n\n")
            return False
        key = (stream.position, stream.only)
        if key not in known:
            batch = self._events.after(stream.position, _AT_ONCE, stream.only)
            known[key] = written(batch, stream.position), batch
        data, batch = known[key]
        stream.position = batch.latest
        if data:
            _SENT.inc(len(batch.events))
            return self._send(stream, data)
        return stream.position < latest

    def _send(self, stream: _Stream, data: bytes) -> bool:
        stream.sent = time.monotonic()
        if not stream.line.send(data):
            self._drop(stream)
            return False
        return True

    def _drop(self, stream: _Stream) -> None:
        with self._lock:
            if stream in self._streams:
                self._streams.remove(stream)
        stream.line.close()


def message(kind: str, data: dict[str, Any], identity: int | None = None) -> bytes:
    """One message as it is sent."""
    head = "" if identity is None else f"id: {identity}\n"
    return f"{head}event: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def written(batch: Batch, after: int) -> bytes:
    """A batch as it is sent."""
    parts = [message("change", told(event), event.change.id) for event in batch.events]
    if batch.missed is not None:
        missed = {"after": str(after), "until": str(batch.missed)}
        parts.insert(0, message("missed", missed, min(batch.missed, batch.latest)))
    return b"".join(parts)
