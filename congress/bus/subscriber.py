"""An engine's end of the stream: applies publications in order and completely, and mends what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from congress.bus.contract import Bus
from congress.bus.publications import Position, TableKey
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row


class Target(Protocol):
    """Where the rows go."""

    def apply(self, updates: tuple[TableUpdate, ...]) -> frozenset[TableKey]:
        """Apply all updates in one transaction, all or none; answers the tables that have no place here (yet)."""
        ...

    def count(self, source: str, table: str) -> int | None:
        """How many rows the table has here; None when it has no place here."""
        ...


@dataclass(frozen=True, slots=True)
class SubscriberOptions:
    """`demand_period`: seconds between two tellings of what is wanted; `patience`: seconds that a gap may wait for the
    message that closes it; `held`: bytes or objects of publications that wait for a snapshot at most."""

    demand_period: float = 2.0
    patience: float = 0.5
    held: int = 64 * 2**20
    pull_timeout: float = 10.0


class TableStatus(NamedTuple):
    """`epoch` and `sequence` of the last applied update; `age`: seconds since it was known to be current."""

    epoch: int
    sequence: int
    rows: int
    age: float


class Subscriber:
    """Never guesses: rows that it shows for a table are those of one publication."""

    def __init__(self, bus: Bus, target: Target, options: SubscriberOptions | None = None) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Receive from now on, and ask for what is wanted."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def want(self, tables: Iterable[TableKey] | None) -> None:
        """Say which tables are needed here; None (as at first): every table."""
        raise NotImplementedError

    def forget(self, source: str) -> None:
        """The datasource's rows are not here any more (it was deleted or declared anew): get its tables again."""
        raise NotImplementedError

    def position(self) -> Position | None:
        """Exactly the publications up to here are shown; None while that is not certain."""
        raise NotImplementedError

    def publisher(self) -> str | None:
        """The id of the node that publishes, None when none was heard of."""
        raise NotImplementedError

    def missing(self, tables: Iterable[TableKey]) -> frozenset[TableKey]:
        """Those of the tables of which no rows were received, or whose rows are known to be behind."""
        raise NotImplementedError

    def status(self) -> dict[TableKey, TableStatus]:
        """How far each received table is."""
        raise NotImplementedError

    def fetch(self, source: str, table: str, timeout: float = 10.0) -> frozenset[Row] | None:
        """A table's rows from the publisher, whether it is wanted here or not; None when it has no such table.
        Raises BusTimeout and RemoteError."""
        raise NotImplementedError
