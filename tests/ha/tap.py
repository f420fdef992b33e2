"""Listens to what is published on the bus of a site."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from types import TracebackType

from congress.bus import oslo
from congress.bus.contract import Message
from congress.bus.messaging import MessagingBus
from congress.bus.publications import STREAM


class Tap:
    """Use as a context manager. `heard`: (epoch, node) of every publication and announcement, as they came."""

    def __init__(self, transport_url: str, bus_id: str = "bus") -> None:
        self._state = tempfile.TemporaryDirectory(prefix="congress-tap-")
        self._bus = MessagingBus(oslo.transport(transport_url, "tap", Path(self._state.name)), "tap", bus_id)
        self._lock = threading.Lock()
        self._heard: list[tuple[int, str]] = []

    def __enter__(self) -> Tap:
        self._bus.subscribe(STREAM, self._receive)
        self._bus.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._bus.stop()
        self._state.cleanup()

    @property
    def heard(self) -> list[tuple[int, str]]:
        with self._lock:
            return list(self._heard)

    def _receive(self, message: Message) -> None:
        with self._lock:
            self._heard.append((int(message["epoch"]), str(message["node"])))
