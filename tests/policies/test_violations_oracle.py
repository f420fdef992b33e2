"""History, events and explanations against the oracle, under the random programs and updates of the engine's tests.

Three engines share a database. Each goes its own pace through the same steps and records when it happens to, one of
them dies on the way, and a reader follows the events all the while. What the naive executor says of each step is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st

from congress.db import changelog as log
from congress.db import migration, models
from congress.db import violations as stored
from congress.db.changelog import Change
from congress.db.session import Database
from congress.db.violations import Violation, Wanted
from congress.engine.workspace import Transaction
from congress.policies.events import EventLog
from congress.policies.explaining import Moments
from congress.policies.live import Live
from congress.policies.positions import Position
from congress.policies.recorder import Recorder
from tests.engine.strategies import DERIVED, Story, stories
from tests.engine.test_invariants import holds
from tests.engine.world import World

GRACE = 5.0
_Open = frozenset[tuple[str, str, str]]
"""(policy, table, row as it is stored) of the rows that watched tables have."""


class Clock:
    now = 0.0


class Engine(World):
    """A world with a recorder."""

    def __init__(self, story: Story, database: Database, name: str, clock: Clock) -> None:
        super().__init__(story, "incremental")
        self.place, self.ahead = 0, list(story.steps)
        self.shared = Live(self.workspace)
        self.recorder = Recorder(
            database,
            self.shared,
            lambda: Position(1, self.place, 0, 0),
            lambda _tables: (),
            lambda table: table.name in story.watched,
            node=name,
            grace=GRACE,
            compare_period=60.0,
            clock=lambda: clock.now,
            explain=Moments(self.workspace, lambda _source: 1.0, seconds=60.0).explain,
        )
        self.recorder.begin()
        self.recorder.work()

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self.shared.transaction()

    def step(self) -> None:
        if self.ahead:
            self.place += 1
            self.take(self.ahead.pop(0))


class Oracle:
    """What the naive executor says after each step."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._worlds: dict[int, World] = {}
        self.open = [self._rows(self.at(place)) for place in range(len(story.steps) + 1)]

    def at(self, place: int) -> World:
        if place not in self._worlds:
            world = self._worlds[place] = World(self._story, "naive")
            for step in self._story.steps[:place]:
                world.take(step)
        return self._worlds[place]

    def _rows(self, world: World) -> _Open:
        found = set()
        for policy, name, _arity in DERIVED:
            rows = world.rows(policy, name) if name in self._story.watched else ()
            found.update((policy, name, log.written(row)) for row in rows if isinstance(rows, list))
        return frozenset(found)

    def stays(self) -> set[tuple[tuple[str, str, str], int, int | None]]:
        """(row, step at which it entered, step at which it left)."""
        found: set[tuple[tuple[str, str, str], int, int | None]] = set()
        since: dict[tuple[str, str, str], int] = {}
        for place in range(1, len(self.open)):
            for row in self.open[place] - self.open[place - 1]:
                since[row] = place
            for row in self.open[place - 1] - self.open[place]:
                found.add((row, since.pop(row), place))
        return found | {(row, begin, None) for row, begin in since.items()}


@dataclass
class Reader:
    """A client that follows the events in pieces of some size."""

    events: EventLog
    position: int
    open: set[tuple[str, str, str]]
    seen: list[Change]

    def read(self, limit: int) -> None:
        batch = self.events.after(self.position, limit)
        assert batch.missed is None
        for event in batch.events:
            change = event.change
            row = (change.policy, change.table, change.row)
            (self.open.add if change.entered else self.open.remove)(row)
            assert event.violation is not None
            self.seen.append(change)
        self.position = batch.latest


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('oracle')}/congress.sqlite")
    sqlalchemy.event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
    migration.upgrade(database)
    yield database
    database.close()


@settings(deadline=None)
@given(stories(), st.data())
def test_what_is_recorded_is_what_happened(database: Database, story: Story, data: st.DataObject) -> None:
    reader = begun(database)
    clock = Clock()
    engines = [Engine(story, database, name, clock) for name in "abc"]
    dies_at = data.draw(st.integers(0, 12))
    for turn in range(200):
        if turn == dies_at:
            del engines[data.draw(st.integers(0, 2))]
        engine = data.draw(st.sampled_from(engines))
        for _step in range(data.draw(st.integers(0, 2))):
            engine.step()
        if data.draw(st.booleans()):
            engine.recorder.work()
        if data.draw(st.booleans()):
            reader.read(data.draw(st.sampled_from([1, 3, 1000])))
        if turn >= dies_at and not any(each.ahead for each in engines):
            break
    for _round in range(3):
        for engine in engines:
            while engine.ahead:
                engine.step()
            engine.recorder.work()
        clock.now += GRACE + 1
    check(database, reader, Oracle(story))


def begun(database: Database) -> Reader:
    """An empty log, and a reader who begins there."""
    with database.writer() as session:
        for table in (models.RowChange, models.WatchedRow):
            session.execute(sqlalchemy.delete(table))
    events = EventLog(database)
    return Reader(events, events.latest(), set(), [])


def check(database: Database, reader: Reader, oracle: Oracle) -> None:
    with database.reader() as session:
        listed = stored.violations(session, Wanted(), 10_000)
        found = [stored.violation(session, each.opened.id) for each in listed]
    assert {stay(each) for each in found if each is not None} == oracle.stays()
    assert len(found) == len(oracle.stays())
    for _turn in range(1000):
        before = reader.position
        reader.read(2)
        if reader.position == before:
            break
    assert reader.open == oracle.open[-1]
    assert (
        len(reader.seen)
        == len({change.id for change in reader.seen})
        == sum(1 + (v.closed is not None) for v in listed)
    )
    for each in found:
        assert each is not None
        check_explained(oracle, each.opened)
        if each.closed is not None:
            check_explained(oracle, each.closed)


def stay(violation: Violation) -> tuple[tuple[str, str, str], int, int | None]:
    opened, closed = violation
    row = (opened.policy, opened.table, opened.row)
    return row, opened.position[1], None if closed is None else closed.position[1]


def check_explained(oracle: Oracle, change: Change) -> None:
    """The stored explanation was true when the change happened."""
    if change.explanation is None:  # its table may be gone, and with it whatever could be said about it
        assert not change.entered
        return
    world = oracle.at(change.position[1])
    data = json.loads(change.explanation)
    if change.entered:
        check_proof(world, change.policy, data)
        assert json.dumps(data["nodes"][0]["row"], separators=(",", ":")) == change.row
    else:
        check_absence(world, data)


def check_proof(world: World, policy: str, data: dict[str, Any]) -> None:
    nodes = data["nodes"]
    assert holds(world.workspace, policy, nodes[0]["holds"])
    for node in nodes:
        for place in node.get("premises", ()):
            assert holds(world.workspace, node["policy"], nodes[place]["holds"]), (node, nodes[place])
        assert all(source_age == 1.0 for source_age in [node.get("source", {"age": 1.0})["age"]])


def check_absence(world: World, data: dict[str, Any]) -> None:
    owner = data["policy"]
    assert not holds(world.workspace, owner, data["missing"])
    for failure in data["failures"]:
        assert failure["because"] == "head" or not holds(world.workspace, owner, failure["failing"]), failure
        for premise in failure["holding"]:
            assert holds(world.workspace, owner, premise), failure
        for blocker in failure.get("blockers", ()):
            check_proof(world, owner, blocker)
        if "absence" in failure:
            check_absence(world, failure["absence"])
