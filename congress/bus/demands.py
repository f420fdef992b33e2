"""Which tables the engines want, as far as they said so lately."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from congress.bus.contract import VERSION, Message
from congress.bus.publications import TableKey

Wanted = frozenset[TableKey] | None
"""Tables; None is every table."""


class Demands:
    """What each node wants, until a time. Not safe for threads: the publisher calls it under its lock."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._nodes: dict[str, tuple[Wanted, float]] = {}

    def note(self, node: str, wanted: Wanted, now: float) -> bool:
        """A node said at `now` what it wants, instead of what it said before; whether it is a new node."""
        first = node not in self._nodes
        self._nodes[node] = (wanted, now + self._timeout)
        return first

    def expire(self, now: float) -> None:
        """Forget the nodes that did not say it again in time."""
        self._nodes = {node: each for node, each in self._nodes.items() if each[1] > now}

    def union(self) -> Wanted:
        """What at least one node wants."""
        found: set[TableKey] = set()
        for wanted, _until in self._nodes.values():
            if wanted is None:
                return None
            found |= wanted
        return frozenset(found)


def to_message(node: str, wanted: Wanted) -> Message:
    """The telling of what a node wants."""
    return {"v": VERSION, "kind": "demand", "node": node, "tables": listed(wanted)}


def listed(wanted: Wanted) -> list[list[str]] | None:
    return None if wanted is None else [list(key) for key in sorted(wanted)]


def read(tables: Iterable[Any] | None) -> Wanted:
    """The reverse of `listed`."""
    return None if tables is None else frozenset((source, table) for source, table in tables)


def includes(wanted: Wanted, key: TableKey) -> bool:
    return wanted is None or key in wanted
