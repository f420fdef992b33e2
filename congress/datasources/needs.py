"""Which tables rules refer to, as the node that reads the clouds has to know: it polls lazy ones then."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

from congress.bus.contract import VERSION, Bus, Message
from congress.bus.publications import TableKey

TOPIC: Final = "needs"


class Needs:
    """What the rules of this engine refer to: told when it grows, and again to a node that begins to read."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._tables: frozenset[TableKey] = frozenset()
        self._epoch = 0

    def need(self, tables: Iterable[TableKey]) -> None:
        """These tables are needed from now on."""
        with self._lock:
            grown = self._tables.union(tables)
            if grown == self._tables:
                return
            self._tables = grown
        self._tell()

    def hear(self, message: Message) -> None:
        """A node says that it reads: the messages of `ages.TOPIC`."""
        epoch = int(message.get("epoch", 0))
        with self._lock:
            if epoch <= self._epoch:
                return
            self._epoch = epoch
        self._tell()

    def _tell(self) -> None:
        tables = sorted(self._tables)
        if tables:
            self._bus.publish(TOPIC, {"v": VERSION, "kind": "needs", "tables": [list(key) for key in tables]})


def needed(message: Message) -> frozenset[TableKey]:
    """The tables that a message of the topic names."""
    return frozenset((source, table) for source, table in message.get("tables", ()))
