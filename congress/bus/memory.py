"""The bus inside one process: a publication returns when every subscriber has taken it in."""

from __future__ import annotations

import threading

from congress.bus.updates import Publish, TableUpdate


class MemoryBus:
    """Hands publications to the subscribers, in the publisher's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: tuple[Publish, ...] = ()

    def subscribe(self, receive: Publish) -> None:
        """Call `receive` with every publication from now on."""
        with self._lock:
            self._subscribers = (*self._subscribers, receive)

    def publish(self, updates: tuple[TableUpdate, ...]) -> None:
        """Deliver the updates of one poll; what a subscriber raises reaches the publisher."""
        for receive in self._subscribers:
            receive(updates)
