"""The workspace at work: changes go through here one after the other, and what they change in watched tables is kept.

The order of the record is the order of the transactions, so that a reader who follows it sees every violation appear
and disappear exactly as it happened.
"""

from __future__ import annotations

import calendar
import datetime
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.engine.workspace import TableChange, Transaction, Workspace
from congress.telemetry import metrics, tracing

LOG = logging.getLogger(__name__)

Listener: TypeAlias = Callable[[tuple[TableChange, ...]], None]
"""Told what each transaction changed in watched tables, often nothing, before the next transaction begins."""


_COSTLIEST = 200
"""Derived tables whose cost is told."""

_SECONDS = metrics.histogram(
    "congress_engine_transaction_seconds", "Time of the policy engine for a change of rows or rules and what follows."
)
_ROWS = metrics.observed(
    "congress_watched_rows", "Rows of a watched table, so of `error` the violations there are.", "policy", "table"
)
_EVALUATION = metrics.observed_counter(
    "congress_evaluation_seconds_total",
    "Time for the rules of a derived table after changes, estimated: small changes are timed now and then.",
    "policy",
    "table",
)


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """Rows of a watched table that appeared and disappeared. `at`: UTC; `seconds`: how long the transaction took."""

    sequence: int
    table: TableId
    inserted: tuple[Row, ...]
    deleted: tuple[Row, ...]
    at: datetime.datetime
    seconds: float


def watching(names: list[str]) -> Callable[[TableId], bool]:
    """Which derived tables are always kept up to date: those called so in any policy, and all `execute[...]` tables."""
    everything, chosen = "*" in names, frozenset(names)

    def watch(table: TableId) -> bool:
        return everything or table.name in chosen or table.name.startswith("execute[")

    return watch


class Remembered(NamedTuple):
    """A policy's changes, oldest first; `latest` is the last sequence number of all policies; `complete` says whether
    nothing that was asked for has been forgotten."""

    changes: list[RecordedChange]
    latest: int
    complete: bool


class Live:
    """One workspace and the record of its last changes: so many, with so many rows in them, and always the newest."""

    def __init__(self, workspace: Workspace, remembered: int = 1000, remembered_rows: int = 200_000) -> None:
        self.workspace = workspace
        self._writing = threading.RLock()
        self._recorded = threading.Condition()
        self._most, self._most_rows = remembered, remembered_rows
        self._changes: deque[RecordedChange] = deque()
        self._rows = 0
        self._sequence = self._forgotten = 0
        self._closing = False
        self._advanced = threading.Condition()
        self.revision = 0
        """The number of the last change of policies and rules that the workspace shows."""
        self.clock = 0
        """The time that the table `now` shows, in seconds since 1970."""
        self._promised: int | None = None
        self._listeners: tuple[Listener, ...] = ()
        self._watched: dict[TableId, int] = {}
        """How many rows watched tables have, as far as they ever had any."""
        _ROWS.follow(lambda: {(each.policy, each.name): float(rows) for each, rows in dict(self._watched).items()})
        _EVALUATION.follow(lambda: _costliest(workspace.seconds()))

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each transaction from now on, in the order of the transactions. It must be quick, and
        must not wait for anything that somebody may hold who waits for a transaction."""
        with self._writing:
            self._listeners = (*self._listeners, listener)

    @contextmanager
    def still(self) -> Iterator[None]:
        """A time without transactions: what is read inside is of one moment."""
        with self._writing:
            yield

    def moved(self) -> None:
        """Tell the listeners that the workspace shows another position without having changed; inside `still`."""
        self._tell(())

    def showing(self, revision: int) -> None:
        """Inside a transaction: when it has succeeded the workspace shows this revision. As `advance`, but known to
        the listeners of this very transaction."""
        self._promised = revision

    def advance(self, revision: int) -> None:
        """Say that the workspace shows the change of this number, and so all before it."""
        with self._advanced:
            self.revision = max(self.revision, revision)
            self._advanced.notify_all()

    def show(self, revision: int) -> None:
        """Say that the workspace shows exactly this revision; it is lower than before when the database is an old one,
        from a backup."""
        with self._advanced:
            self.revision = revision
            self._advanced.notify_all()

    def reach(self, revision: int, wait: float) -> bool:
        """Wait at most so many seconds until the workspace shows this revision; whether it does."""
        with self._advanced:
            return self._advanced.wait_for(lambda: self.revision >= revision or self._closing, wait) and (
                self.revision >= revision
            )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A workspace transaction, alone at its time; whatever leaves the block as an exception undoes it.

        A database transaction opened inside is committed before the workspace shows anything, and its failure undoes
        the workspace's changes: what a client was told is stored.
        """
        with self._writing:
            started = time.perf_counter()
            self._promised = None
            with tracing.step("transaction"), self.workspace.transaction() as change:
                yield change
            if self._promised is not None:
                self.advance(self._promised)
            self._record(change.changes(), time.perf_counter() - started)

    def tick(self, now: str) -> None:
        """Move the table `now` on, `YYYY-MM-DD hh:mm:ss` in UTC."""
        with self._writing:
            started = time.perf_counter()
            changes = self.workspace.tick(now)
            self.clock = calendar.timegm(time.strptime(now, "%Y-%m-%d %H:%M:%S"))
            self._record(changes, time.perf_counter() - started)

    def changes(self, policy: str, since: int, wait: float = 0.0) -> Remembered:
        """The policy's remembered changes after sequence number `since`.

        With `wait`, an empty answer is held back until there is something to tell or so many seconds have passed.
        """
        deadline = time.monotonic() + wait
        with self._recorded:
            while True:
                found = [each for each in self._changes if each.sequence > since and each.table.policy == policy]
                remaining = deadline - time.monotonic()
                if found or remaining <= 0 or self._closing:
                    return Remembered(found, self._sequence, since >= self._forgotten)
                self._recorded.wait(remaining)

    def answer_waiting(self) -> None:
        """Let nobody wait for changes any longer; called when the server stops."""
        with self._recorded:
            self._closing = True
            self._recorded.notify_all()
        with self._advanced:
            self._advanced.notify_all()

    def _record(self, changes: tuple[TableChange, ...], seconds: float) -> None:
        _SECONDS.observe(seconds)
        self._remember(changes, seconds)
        self._tell(changes)

    def _tell(self, changes: tuple[TableChange, ...]) -> None:
        for listener in self._listeners:
            try:
                listener(changes)
            except Exception:  # the transaction is done; whoever failed to hear of it must not undo that
                LOG.exception("a listener did not take in what a transaction changed")

    def _remember(self, changes: tuple[TableChange, ...], seconds: float) -> None:
        if not changes:
            return
        at = datetime.datetime.now(datetime.UTC)
        with self._recorded:
            for change in changes:
                rows = self._watched.get(change.table, 0) + len(change.inserted) - len(change.deleted)
                self._watched[change.table] = rows
                self._sequence += 1
                self._changes.append(
                    RecordedChange(self._sequence, change.table, change.inserted, change.deleted, at, seconds)
                )
                self._rows += _size(self._changes[-1])
            while len(self._changes) > 1 and (len(self._changes) > self._most or self._rows > self._most_rows):
                oldest = self._changes.popleft()
                self._rows -= _size(oldest)
                self._forgotten = oldest.sequence
            self._recorded.notify_all()


def _size(change: RecordedChange) -> int:
    return len(change.inserted) + len(change.deleted)


def _costliest(seconds: Mapping[TableId, float]) -> dict[tuple[str, ...], float]:
    """The tables that cost the most, few enough to be read."""
    found = sorted(seconds.items(), key=lambda each: each[1], reverse=True)[:_COSTLIEST]
    return {(table.policy, table.name): cost for table, cost in found}
