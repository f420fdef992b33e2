"""What an engine knows of the stream: whom it follows, how far each table is, and what is in doubt.

It decides and remembers, and does nothing else. Its lock is held for moments only, so everybody may ask.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from congress.bus import demands, digest
from congress.bus.demands import Wanted
from congress.bus.publications import Announcement, Position, TableKey, TableState
from congress.bus.updates import TableUpdate

Count = Callable[[str, str], int | None]


class TableStatus(NamedTuple):
    """`epoch` and `sequence` of the last applied update; `age`: seconds since it was known to be current."""

    epoch: int
    sequence: int
    rows: int
    age: float


@dataclass(slots=True)
class _Table:
    """A table that is shown; `digest` is None until a pull or an announcement has told it; `current`: when."""

    epoch: int
    sequence: int
    rows: int
    digest: int | None
    current: float

    @property
    def version(self) -> tuple[int, int]:
        return (self.epoch, self.sequence)


class Received:
    """The state of one subscriber. Methods that change it are called by one thread at a time, except `unsettle` and
    `forget`."""

    def __init__(self, clock: Callable[[], float], *, lossless: bool = False) -> None:
        """`lossless`: nothing can get lost on the way, so that nothing is announced and digests are not needed."""
        self._clock, self._lossless = clock, lossless
        self._lock = threading.Lock()
        self.epoch = self.number = self.heard = 0
        """The publisher's epoch; the last publication that is applied, or of which it is known which tables failed;
        the highest number heard of."""
        self.node: str | None = None
        self._tables: dict[TableKey, _Table] = {}
        self._unplaced: set[TableKey] = set()
        self._failed: set[TableKey] = set()
        """Tables whose last update could not be applied."""
        self._doubtful: set[TableKey] = set()
        """Tables that differ from what was announced, or are of a former stream whose end may not have come here."""
        self._looks = 1
        self._settled = 0
        """`_looks` counts the reasons to look at all of the publisher's tables; up to `_settled` it was done."""

    # -- asked by everybody

    def position(self) -> Position | None:
        """The publication whose state is shown, when that is certain."""
        return self.after(self.at(), ())

    def missing(self, tables: Iterable[TableKey]) -> frozenset[TableKey]:
        with self._lock:
            return frozenset(key for key in tables if key not in self._tables) | (
                (self._failed | self._doubtful) & frozenset(tables)
            )

    def status(self) -> dict[TableKey, TableStatus]:
        now = self._clock()
        with self._lock:
            return {
                key: TableStatus(
                    each.epoch, each.sequence, each.rows, 0.0 if self._lossless else max(0.0, now - each.current)
                )
                for key, each in self._tables.items()
            }

    def unsettle(self, wanted: Wanted) -> None:
        """More is wanted than before, so a look is needed before the position is certain."""
        with self._lock:
            self._looks += 1
            self._keep_doubts(lambda key: demands.includes(wanted, key))

    def forget(self, source: str) -> None:
        with self._lock:
            self._looks += 1
            self._keep_doubts(lambda key: key[0] != source)
            self._unplaced = {key for key in self._unplaced if key[0] != source}
            self._tables = {key: each for key, each in self._tables.items() if key[0] != source}

    # -- the stream

    def at(self) -> Position:
        return Position(self.epoch, self.number)

    def hear(self, number: int, node: str) -> None:
        """The publisher has come to this number."""
        with self._lock:
            self.heard, self.node = max(self.heard, number), node

    def follow(self, epoch: int, node: str) -> None:
        """Begin with another publisher's stream, before its first publication."""
        with self._lock:
            if self.heard > self.number or self._settled < self._looks:
                self._doubtful |= set(self._tables)
            self.epoch, self.node, self.number, self.heard = epoch, node, 0, 0
            self._looks += 1

    def fitting(
        self, updates: Iterable[TableUpdate], withheld: Mapping[TableKey, tuple[int, int]], count: Count
    ) -> tuple[TableUpdate, ...] | None:
        """The updates that are to be applied; None when they do not continue what is here."""
        with self._lock:
            if any(key not in self._tables or self._tables[key].version != each for key, each in withheld.items()):
                return None
            known = {key: each.version for key, each in self._tables.items()}
            excused = self._failed | self._unplaced
        found = []
        for update in updates:
            key, version = (update.source, update.table), (update.epoch, update.sequence)
            before = known.get(key, (0, 0))
            if version <= before:
                continue
            if update.kind == "snapshot" or (key in known and version == (before[0], before[1] + 1)):
                found.append(update)
            elif key not in excused or (key in self._unplaced and count(*key) is not None):
                return None
        return tuple(found)

    def after(self, position: Position, updates: Iterable[TableUpdate]) -> Position | None:
        """The position that is shown when these updates are applied; None when it is not certain."""
        keys = {(each.source, each.table) for each in updates}
        with self._lock:
            doubts = (self._failed | self._doubtful) - keys
            return None if doubts or self._settled < self._looks else position

    def note(
        self,
        position: Position,
        updates: Iterable[TableUpdate],
        unplaced: frozenset[TableKey],
        digests: Mapping[TableKey, int] | None = None,
    ) -> None:
        """The updates were applied, except those of tables that have no place. `digests`: those that are known."""
        tables = {(each.source, each.table): self._state(each, digests or {}) for each in updates}
        with self._lock:
            self.number = position.number
            for key, state in tables.items():
                self._doubtful.discard(key)
                self._failed.discard(key)
                if key in unplaced:
                    self._unplaced.add(key)
                    self._tables.pop(key, None)
                else:
                    self._unplaced.discard(key)
                    self._tables[key] = state

    def fail(self, position: Position, keys: Iterable[TableKey]) -> None:
        """The tables could not be brought to this position; the others are there."""
        with self._lock:
            self.number = position.number
            self._failed.update(keys)
            for key in keys:
                self._tables.pop(key, None)

    # -- looks at all of the publisher's tables

    def needs_look(self) -> bool:
        """Whether something has to be pulled although no publication is missing."""
        with self._lock:
            return self._settled < self._looks or bool(self._failed)

    def begin_look(self) -> int:
        """What to give to `end_look`; before anything else of the look is prepared."""
        with self._lock:
            return self._looks

    def end_look(self, look: int, same: Iterable[TableKey], gone: Collection[TableKey] = ()) -> None:
        """The publisher's tables were looked at; `same` are as they are here, `gone` are neither there nor here."""
        now = self._clock()
        with self._lock:
            self._settled = max(self._settled, look)
            self._keep_doubts(lambda key: key not in gone)
            self._tables = {key: each for key, each in self._tables.items() if key not in gone}
            for key in same:
                if key in self._tables:
                    self._tables[key].current = now

    def known(self) -> frozenset[TableKey]:
        """Every table of which there is something to know."""
        with self._lock:
            return frozenset(self._tables) | self._failed | self._doubtful

    def versions(self) -> dict[TableKey, tuple[int, int]]:
        """The tables that are here, by epoch and sequence."""
        with self._lock:
            return {key: each.version for key, each in self._tables.items()}

    def compare(self, announcement: Announcement, wanted: Wanted, count: Count) -> list[TableKey]:
        """The tables here that are not as announced at this same number; they are in doubt until they were pulled."""
        different = []
        for key, state in announcement.tables.items():
            if demands.includes(wanted, key) and not self._agrees(key, state, count(*key)):
                different.append(key)
        with self._lock:
            for key in different:
                self._tables.pop(key, None)
                self._doubtful.add(key)
        return different

    def _agrees(self, key: TableKey, state: TableState, here: int | None) -> bool:
        with self._lock:
            known = self._tables.get(key)
            if key in self._failed or (known is None and here is None):
                return True
            if known is None or known.version != state.version or not known.rows == here == state.rows:
                return False
            if known.digest is not None and state.digest not in ("", digest.text(known.digest)):
                return False
            known.current = self._clock()
            return True

    def _state(self, update: TableUpdate, digests: Mapping[TableKey, int]) -> _Table:
        key = (update.source, update.table)
        known = self._tables.get(key)
        value, rows = digests.get(key), len(update.inserted)
        if update.kind == "delta" and known is not None:
            rows += known.rows - len(update.deleted)
            if known.digest is not None:
                value = digest.changed(known.digest, update.inserted, update.deleted)
        elif value is None and not self._lossless:
            value = digest.digest(update.inserted)
        return _Table(update.epoch, update.sequence, rows, value, self._clock())

    def _keep_doubts(self, keep: Callable[[TableKey], bool]) -> None:
        self._failed = set(filter(keep, self._failed))
        self._doubtful = set(filter(keep, self._doubtful))
