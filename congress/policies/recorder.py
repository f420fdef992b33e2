"""The change log: every engine tries to record every change of watched tables, and exactly one record results.

An engine writes what it saw at its position over what is stored of an earlier one, never over what is stored of a later
one; who comes second finds the work done. An engine that skipped positions (it was started, or lost updates) may have
missed that a row came and went. It lets the others, who may have seen it, go first for `grace` seconds, and compares
whole tables with what is stored then: of those that went first some may have died half-way.

Why a row came or went is worked out in the transaction that made it so, as far as that is quick, and otherwise after it
is stored, little by little, as long as the workspace still shows the same position.
"""

from __future__ import annotations

import datetime
import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from oslo_db.exception import DBDeadlock, DBDuplicateEntry
from sqlalchemy.orm import Session

from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.datalog.values import row as value_row
from congress.db import changelog as stored
from congress.db.changelog import Change, Overtaken, State
from congress.db.session import Database
from congress.engine.workspace import TableChange, UnknownPolicy, UnknownTable
from congress.errors import CongressError
from congress.policies.explaining import Asked
from congress.policies.live import Live
from congress.policies.positions import NOWHERE, Position

LOG = logging.getLogger(__name__)

Where: TypeAlias = Callable[[], Position | None]
"""What the workspace shows now; None while that is not certain. Asked by the thread that just changed it."""
Missing: TypeAlias = Callable[[Iterable[tuple[str, str]]], Collection[tuple[str, str]]]
"""Those of the (datasource, table) whose rows have not been received. Asked by the thread that just changed some."""
OnRecorded: TypeAlias = Callable[[Session, Collection[Change]], None]
"""Called inside the transaction that stores changes, which fails with it."""
Explain: TypeAlias = Callable[[Iterable[Asked]], Mapping[tuple[TableId, Row], str]]
"""Why rows are there or not, as JSON, as far as that can be told quickly; asked while the workspace stands still."""

_BATCH, _MOST_CONFLICTS = 500, 20
_LATE_SECONDS = 0.05
"""What one round may spend on explanations that are still missing."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """A row as it was seen after a transaction. `skipped`: something before may have been missed."""

    present: bool
    position: Position
    at: datetime.datetime
    noted: float
    skipped: bool
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one transaction changed in one table, or, if `whole`, all rows of the table."""

    table: TableId
    inserted: tuple[Row, ...]
    deleted: tuple[Row, ...]
    whole: bool
    position: Position
    at: datetime.datetime
    noted: float
    skipped: bool
    explanations: Mapping[tuple[TableId, Row], str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return 0 if self.whole else len(self.inserted) + len(self.deleted)

    def sight(self, present: bool, row: Row) -> _Sight:
        return _Sight(
            present, self.position, self.at, self.noted, self.skipped, self.explanations.get((self.table, row))
        )


@dataclass(slots=True)
class _Waiting:
    """A row with sights that are not dealt with yet, oldest first."""

    table: TableId
    row: str
    sights: deque[_Sight] = field(default_factory=deque)


class Recorder:
    """Takes in what transactions change (`observe`), and stores it (`work`), the latter in one thread at a time."""

    def __init__(
        self,
        database: Database,
        live: Live,
        where: Where,
        missing: Missing,
        watch: Callable[[TableId], bool],
        *,
        node: str,
        on_recorded: OnRecorded = lambda _session, _changes: None,
        on_stored: Callable[[], None] = lambda: None,
        explain: Explain = lambda _rows: {},
        grace: float = 0.0,
        compare_period: float | None = None,
        most_rows: int = 500_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_stored` is called when others can see new changes. `compare_period`: seconds between comparisons, None
        when this is the only engine. `most_rows` may wait to be stored, when the database is away; beyond that, tables
        are compared afterwards."""
        self._database, self._live, self._where, self._missing, self._watch = database, live, where, missing, watch
        self._node, self._on_recorded, self._grace, self._clock = node, on_recorded, grace, clock
        self._on_stored, self._explain = on_stored, explain
        self._lock = threading.Lock()
        self._seen: deque[_Seen] = deque()
        self._number_seen, self._most_rows = 0, most_rows
        self._position: Position | None = None
        self._unsettled: set[TableId] = set()
        self._rows: dict[str, _Waiting] = {}
        self._unexplained: deque[Change] = deque(maxlen=most_rows)
        self._batch = _BATCH
        self._compare_period = compare_period
        self._compare_at: float | None = None
        self._complained: set[TableId] = set()

    # -- taking in -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Follow the workspace from now on, beginning with a comparison of all that it holds with what is stored."""
        known = self._recorded()
        with self._live.still():
            self._unsettled.update(known, self._in_workspace())
            self._position = self._where()
            self._live.listen(self.observe)
        if self._compare_period is not None:
            self._compare_at = self._clock() + self._grace

    def _recorded(self) -> set[TableId]:
        with self._database.reader() as session:
            tables = [TableId(policy, table) for policy, table in stored.tables(session)]
        return {table for table in tables if self._watch(table)}

    def _in_workspace(self) -> Iterator[TableId]:
        workspace = self._live.workspace
        for policy in workspace.policies():
            for name in workspace.tables(policy.name) if policy.kind != "datasource" else ():
                table = TableId(policy.name, name)
                if (":" not in name or name.startswith("execute[")) and self._watch(table):
                    yield table

    def observe(self, changes: tuple[TableChange, ...]) -> None:
        """Take in one transaction; called for each, in order."""
        position = self._where()
        skipped = position is None or not position.follows(self._position)
        at, noted = _now(), self._clock()
        followed = [change for change in changes if position is not None and self._is_complete(change.table)]
        explanations = self._explain(_asked(followed)) if followed else {}
        with self._lock:
            self._position = position
            if skipped and self._compare_period is not None:
                self._compare_at = min(self._compare_at or noted + self._grace, noted + self._grace)
            for change in changes:
                if position is None or change not in followed:
                    self._unsettled.add(change.table)
                elif change.table not in self._unsettled:
                    seen = (change.inserted, change.deleted, False, position, at, noted, skipped, explanations)
                    self._append(_Seen(change.table, *seen))

    def _is_complete(self, table: TableId) -> bool:
        """Whether all data that the table follows are here; before, its rows mean nothing."""
        sources = self._live.workspace.sources(table.policy, [table.name])
        return not sources or not self._missing([(source.policy, source.name) for source in sources])

    def _append(self, seen: _Seen) -> None:
        self._seen.append(seen)
        self._number_seen += seen.size
        if self._number_seen > self._most_rows:
            LOG.warning("more than %s changed rows wait for the database; tables are compared later", self._most_rows)
            self._unsettled.update(each.table for each in self._seen)
            self._seen.clear()
            self._number_seen = 0

    # -- storing -------------------------------------------------------------------------------------------------------

    def work(self) -> bool:
        """Store what can be stored; whether something waits. Raises what the database raises; nothing is lost then."""
        if self._compare_at is not None and self._clock() >= self._compare_at and self._compare_period is not None:
            self._compare_at = self._clock() + self._compare_period
            self._compare()
        self._settle()
        self._expand()
        due, conflicts = self._due(), 0
        while due and conflicts < _MOST_CONFLICTS:
            some, due = due[: self._batch], due[self._batch :]
            if not self._store(some):
                due, conflicts = some + due, conflicts + 1
                time.sleep(random.uniform(0.0, 0.02))  # noqa: S311 - no secret
        self._explain_stored()
        return bool(self._unsettled or self._rows or self._unexplained)

    def _compare(self) -> None:
        """Look at all tables afresh: others may have recorded of their rows what has not been true for long."""
        known = self._recorded()
        with self._live.still():
            known.update(self._in_workspace())
        for table in known - self._unsettled:
            self._take_whole(table)

    def _settle(self) -> None:
        """Take in whole tables that were not followed so far, as soon as their data are complete."""
        with self._lock:
            unsettled = list(self._unsettled)
        for table in unsettled:
            self._take_whole(table)

    def _take_whole(self, table: TableId) -> None:
        with self._live.still():
            position = self._where()
            if position is None or not self._is_complete(table):
                return
            rows = self._whole(table)
            if rows is None:
                return
            with self._lock:
                self._position = position
                self._unsettled.discard(table)
                self._append(_Seen(table, rows, (), True, position, _now(), self._clock(), True))

    def _whole(self, table: TableId) -> tuple[Row, ...] | None:
        try:
            return tuple(self._live.workspace.rows(table.policy, table.name))
        except (UnknownPolicy, UnknownTable):
            return ()
        except CongressError as error:
            if table not in self._complained:
                LOG.error("changes of table %s are not recorded: %s", table, error)
            self._complained.add(table)
            return None

    def _expand(self) -> None:
        """Sort what was seen by row, as far as there is room for more that waits."""
        while self._seen and sum(len(waiting.sights) for waiting in self._rows.values()) < self._most_rows:
            seen = self._seen[0]
            known = self._stored(seen) if seen.whole else {}
            with self._lock:
                if not self._seen or self._seen[0] is not seen:
                    continue  # given up meanwhile
                self._seen.popleft()
                self._number_seen -= seen.size
            for row in seen.inserted:
                self._add(seen.table, stored.written(row), seen.sight(True, row), known)
            for row in seen.deleted:
                self._add(seen.table, stored.written(row), seen.sight(False, row), known)
            for text in known.values():  # what is left of them is not in the table
                self._add(seen.table, text, seen.sight(False, ()), {})

    def _stored(self, seen: _Seen) -> dict[str, str]:
        """Digest -> text of the rows that are recorded as present, or will be when all is stored that waits."""
        with self._database.reader() as session:
            found = {state.digest: state.row for state in stored.present(session, *seen.table)}
        for digest, waiting in self._rows.items():
            if waiting.table == seen.table:
                found[digest] = waiting.row
        return found

    def _add(self, table: TableId, row: str, sight: _Sight, known: dict[str, str]) -> None:
        digest = stored.digest(table.policy, table.name, row)
        is_known = known.pop(digest, None) is not None
        if is_known and digest not in self._rows:
            return
        self._rows.setdefault(digest, _Waiting(table, row)).sights.append(sight)

    def _due(self) -> list[str]:
        """Rows whose oldest sight may be stored now, in an order in which engines do not wait for each other."""
        latest = self._clock() - self._grace
        firsts = ((digest, waiting.sights[0]) for digest, waiting in self._rows.items())
        return sorted(digest for digest, first in firsts if not first.skipped or first.noted <= latest)

    def _explain_stored(self) -> None:
        """Explain some of what its transaction had no time for, as long as the workspace still shows its position."""
        found: dict[int, str] = {}
        until = self._clock() + _LATE_SECONDS
        while self._unexplained and self._clock() < until:
            change = self._unexplained.popleft()
            table, row = TableId(change.policy, change.table), value_row(json.loads(change.row))
            with self._live.still():
                if self._where() == Position(*change.position):
                    text = self._explain([(table, row, change.entered)]).get((table, row))
                    found |= {} if text is None else {change.id: text}
        if found:
            with self._database.writer() as session:
                stored.explain(session, found)

    def _store(self, digests: list[str]) -> bool:
        """Deal with these rows in one transaction; False when another engine was faster and it has to be repeated."""
        try:
            with self._database.writer() as session:
                states = stored.states(session, digests)
                changes: list[Change] = []
                left = {digest: self._decided(digest, states.get(digest), changes) for digest in digests}
                recorded = stored.record(session, changes)
                if recorded:
                    self._on_recorded(session, recorded)
        except (Overtaken, DBDuplicateEntry, DBDeadlock) as error:
            LOG.debug("another engine records the same changes: %s", error)
            self._batch = max(1, self._batch // 2)
            return False
        self._batch = _BATCH
        if recorded:
            self._on_stored()
            self._unexplained.extend(change for change in recorded if change.explanation is None)
        for digest, sights in left.items():
            if sights:
                self._rows[digest].sights = deque(sights)
            else:
                del self._rows[digest]
        return True

    def _decided(self, digest: str, state: State | None, changes: list[Change]) -> list[_Sight]:
        """Add to `changes` what is to be stored of a row; answers the sights that wait on."""
        waiting = self._rows[digest]
        number, present, reached = 0, False, NOWHERE
        if state is not None:
            number, present, reached = state.number, state.present, Position(*state.position)
        sights = list(waiting.sights)
        while sights:
            sight = sights[0]
            if sight.present != present:
                if sight.skipped and sight.noted > self._clock() - self._grace:
                    return sights
                if not sight.position.reaches(reached):
                    if len(sights) == 1:
                        return self._later(sight, reached)
                    del sights[0]  # a later sight says more
                    continue
                number, present, reached = number + 1, sight.present, sight.position
                changes.append(self._change(digest, number, sight))
            del sights[0]
        return []

    def _change(self, digest: str, number: int, sight: _Sight) -> Change:
        waiting = self._rows[digest]
        return Change(
            digest,
            *waiting.table,
            waiting.row,
            number,
            sight.present,
            sight.position,
            sight.at,
            self._node,
            explanation=sight.explanation,
        )

    def _later(self, sight: _Sight, reached: Position) -> list[_Sight]:
        """What is stored comes from a position that we had not reached: look again when we have."""
        with self._lock:
            position, more = self._position, bool(self._seen)
        if more or position is None or not position.reaches(reached):
            return [sight]
        # Nothing was seen of the row since, so we see it now as we saw it then.
        return [_Sight(sight.present, position, sight.at, self._clock(), skipped=True)]


def _asked(changes: Iterable[TableChange]) -> Iterator[Asked]:
    for change in changes:
        yield from ((change.table, row, True) for row in change.inserted)
        yield from ((change.table, row, False) for row in change.deleted)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
