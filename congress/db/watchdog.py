"""Cuts connections on which a statement takes too long, for drivers that would wait for ever.

PostgreSQL's own time-outs are kept by the server, which may be the one that hangs; the library waits for as long as the
system keeps the connection.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Connection, Engine

_LOOK_SECONDS = 0.25


class Watchdog:
    """Watches the statements of one engine. Its thread runs only while there are statements."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[int, tuple[float, Any]] = {}
        self._watching = False
        sqlalchemy.event.listen(engine, "before_cursor_execute", self._begins)
        sqlalchemy.event.listen(engine, "after_cursor_execute", self._ends)
        sqlalchemy.event.listen(engine, "handle_error", self._fails)

    def _begins(self, connection: Connection, *_more: Any) -> None:
        with self._lock:
            raw = connection.connection.dbapi_connection
            self._running[id(connection)] = (time.monotonic() + self._seconds, raw)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="statement-watchdog", daemon=True).start()

    def _ends(self, connection: Connection, *_more: Any) -> None:
        with self._lock:
            self._running.pop(id(connection), None)

    def _fails(self, context: Any) -> None:
        if context.connection is not None:
            self._ends(context.connection)

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                now = time.monotonic()
                late = {key: raw for key, (deadline, raw) in self._running.items() if now > deadline}
                for key, raw in late.items():
                    del self._running[key]
                    _cut(raw)
                if not self._running:
                    self._watching = False
                    return


def _cut(raw: Any) -> None:
    """Have whoever waits on the connection be told that it is over."""
    try:
        with socket.socket(fileno=os.dup(raw.fileno())) as shared:
            shared.shutdown(socket.SHUT_RDWR)
    except Exception:  # noqa: S110 - it is over already, in whatever way the driver reports that
        pass
