"""What the active datasource node tells the engines: publications without gaps, and announcements to check them by.

The stream of one publisher has its lease's epoch; `number` counts its publications from 1. A table's own epoch is
`table_epoch(lease epoch, n)` for the n-th start of its datasource under that lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from congress.bus import codec
from congress.bus.contract import VERSION, Message
from congress.bus.updates import TableUpdate

STREAM: Final = "stream"
"""The topic of publications and announcements."""
DEMAND: Final = "demand"
"""The topic on which engines say which tables they want."""

TableKey: TypeAlias = tuple[str, str]
"""Datasource and table."""

_STARTS: Final = 2**20


def table_epoch(lease_epoch: int, start: int) -> int:
    """The epoch of a datasource's tables at its `start`-th start (from 1) under a lease epoch."""
    return lease_epoch * _STARTS + start


def lease_epoch(table_epoch: int) -> int:
    """The epoch of the lease under which a table of this epoch was published."""
    return table_epoch // _STARTS


class Position(NamedTuple):
    """A point of the stream: all publications of the epoch up to the number. Later points are greater."""

    epoch: int
    number: int


@dataclass(frozen=True, slots=True)
class Publication:
    """Updates that are applied together; tables in `withheld` are not sent: engines pull them unless they have this
    epoch and sequence. `at`: when it was published, in seconds since 1970 by the publisher's clock; 0: not known."""

    epoch: int
    number: int
    node: str
    updates: tuple[TableUpdate, ...]
    withheld: Mapping[TableKey, tuple[int, int]] = field(default_factory=dict)
    at: float = 0.0

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.number)

    def to_message(self, *, packed: bool) -> Message:
        """`packed`: the updates as text that JSON can carry; otherwise as they are, for a bus within one process."""
        return {
            "v": VERSION,
            "kind": "publication",
            "epoch": self.epoch,
            "number": self.number,
            "node": self.node,
            "updates": codec.pack(self.updates) if packed else self.updates,
            "withheld": [[*key, *version] for key, version in self.withheld.items()],
            "at": self.at,
        }

    @classmethod
    def from_message(cls, message: Message) -> Publication:
        updates = message["updates"]
        return cls(
            int(message["epoch"]),
            int(message["number"]),
            str(message["node"]),
            codec.unpack(updates) if isinstance(updates, str) else updates,
            {(entry[0], entry[1]): (entry[2], entry[3]) for entry in message.get("withheld", ())},
            float(message.get("at", 0.0)),
        )


class TableState(NamedTuple):
    """How far a table is: its epoch and sequence, its number of rows, and their digest (see `congress.bus.digest`)."""

    epoch: int
    sequence: int
    rows: int
    digest: str

    @property
    def version(self) -> tuple[int, int]:
        return (self.epoch, self.sequence)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where the publisher stands after publication `number`: the state of every table that somebody wants."""

    epoch: int
    number: int
    node: str
    tables: Mapping[TableKey, TableState]

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.number)

    def to_message(self) -> Message:
        return {
            "v": VERSION,
            "kind": "announcement",
            "epoch": self.epoch,
            "number": self.number,
            "node": self.node,
            "tables": [[*key, *state] for key, state in sorted(self.tables.items())],
        }

    @classmethod
    def from_message(cls, message: Message) -> Announcement:
        tables: dict[TableKey, TableState] = {
            (entry[0], entry[1]): TableState(*entry[2:6]) for entry in message.get("tables", ())
        }
        return cls(int(message["epoch"]), int(message["number"]), str(message["node"]), tables)
