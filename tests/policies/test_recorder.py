"""Several engines over one database, each at another position: exactly one record results for each real change.

Hypothesis lets data change, engines lag, skip updates, die, start, and lose their database in the middle of a
transaction; what the rows really were at each position is known, and compared with what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oslo_db.exception import DBError

from congress.db import changelog as stored
from congress.db import migration, models
from congress.db.session import Database
from congress.engine.workspace import Workspace
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.recorder import Recorder

GRACE = 5.0
IDS = ("a", "b")
RULE = 'error(x) :- d:t(x), allowed(x)'


@dataclass(frozen=True)
class Moment:
    """The data of one publication."""

    epoch: int
    publication: int
    rows: frozenset[str]


class Cloud:
    """All that was ever published, and all revisions of the policy (the ids it allows)."""

    def __init__(self) -> None:
        self.moments = [Moment(1, 0, frozenset())]
        self.revisions: list[frozenset[str]] = [frozenset(IDS)]
        self.now = 0.0

    def rows_at(self, position: tuple[int, int, int, int]) -> frozenset[str]:
        epoch, publication, revision, _tick = position
        data = next(one for one in self.moments if (one.epoch, one.publication) == (epoch, publication))
        return data.rows & self.revisions[revision]


class Engine:
    """A workspace with a recorder, which begins at the newest data."""

    def __init__(self, cloud: Cloud, database: Database, name: str) -> None:
        self.cloud = cloud
        self.place, self.revision = len(cloud.moments) - 1, len(cloud.revisions) - 1
        self.began_at = self.place
        self.is_known = True
        watch = watching(["error"])
        self.live = Live(Workspace(watch=watch))
        with self.live.transaction() as change:
            change.set_datasource("d", {"t": ("id",)})
            change.create_policy("p")
            change.insert_rules("p", [RULE, *(f'allowed("{one}")' for one in sorted(cloud.revisions[-1]))])
        self.recorder = Recorder(
            database, self.live, self.position, self.missing, watch, node=name,
            grace=GRACE, compare_period=60.0, clock=lambda: cloud.now,
        )  # fmt: skip
        self.has_data = False
        self.recorder.begin()
        self._show()
        self.has_data = True
        self.recorder.work()

    def position(self) -> Position | None:
        moment = self.cloud.moments[self.place]
        return Position(moment.epoch, moment.publication, self.revision, 0) if self.is_known else None

    def missing(self, tables: object) -> set[tuple[str, str]]:
        return set() if self.has_data else {("d", "t")}

    def _show(self) -> None:
        rows = [(one,) for one in self.cloud.moments[self.place].rows]
        with self.live.transaction() as change:
            change.replace_rows("d", "t", rows)

    def step(self) -> bool:
        """Take in the next publication; False when there is none."""
        if self.place + 1 == len(self.cloud.moments):
            return False
        self.place += 1
        if self.cloud.moments[self.place].epoch != self.cloud.moments[self.place - 1].epoch:
            self.began_at = self.place
        self._show()
        return True

    def skip(self) -> None:
        """Lose what was published, then get the newest rows at once."""
        if self.place + 1 < len(self.cloud.moments):
            self.place = self.began_at = len(self.cloud.moments) - 1
            self._show()

    def revise(self) -> bool:
        if self.revision + 1 == len(self.cloud.revisions):
            return False
        before, after = self.cloud.revisions[self.revision : self.revision + 2]
        with self.live.transaction() as change:
            change.delete_rules("p", [f'allowed("{one}")' for one in before - after])
            change.insert_rules("p", [f'allowed("{one}")' for one in after - before])
            self.revision += 1
        return True

    def catch_up(self) -> None:
        while self.step() or self.revise():
            pass
        self.recorder.work()


@contextmanager
def failing(database: Database, statement: int) -> Iterator[None]:
    """Let the database fail at the n-th statement from now."""
    left = [statement]

    def count(*_arguments: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise ConnectionError("the database went away")

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        sqlalchemy.event.remove(database.engine, "before_cursor_execute", count)


class Engines(RuleBasedStateMachine):
    database: Database

    @initialize()
    def begin(self) -> None:
        with self.database.writer() as session:
            for table in (models.RowChange, models.WatchedRow):
                session.execute(sqlalchemy.delete(table))
        self.cloud = Cloud()
        self.engines: list[Engine] = []
        self.number = 0
        self.last: dict[str, stored.Change] = {}
        self.read = 0
        self.start()
        self.start()

    @rule()
    def start(self) -> None:
        if len(self.engines) < 3:
            self.number += 1
            self.engines.append(Engine(self.cloud, self.database, f"engine-{self.number}"))

    @rule(toggles=st.lists(st.sets(st.sampled_from(IDS), min_size=1), min_size=1, max_size=3))
    def publish(self, toggles: list[set[str]]) -> None:
        for toggled in toggles:
            last = self.cloud.moments[-1]
            self.cloud.moments.append(Moment(last.epoch, last.publication + 1, last.rows ^ toggled))

    @rule()
    def another_publisher(self) -> None:
        last = self.cloud.moments[-1]
        self.cloud.moments.append(Moment(last.epoch + 1, 1, last.rows))

    @rule(toggled=st.sampled_from(IDS))
    def change_the_policy(self, toggled: str) -> None:
        self.cloud.revisions.append(self.cloud.revisions[-1] ^ {toggled})

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2), steps=st.integers(1, 3), records=st.booleans())
    def follow(self, which: int, steps: int, records: bool) -> None:
        engine = self.engines[which % len(self.engines)]
        for _ in range(steps):
            engine.step()
        if records:
            engine.recorder.work()

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2))
    def follow_the_policy(self, which: int) -> None:
        self.engines[which % len(self.engines)].revise()

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2), records=st.booleans())
    def lose_updates(self, which: int, records: bool) -> None:
        engine = self.engines[which % len(self.engines)]
        engine.skip()
        if records:
            engine.recorder.work()

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2))
    def not_know_the_position(self, which: int) -> None:
        engine = self.engines[which % len(self.engines)]
        engine.is_known = False
        engine.step()
        engine.is_known = True
        engine.began_at = engine.place

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2))
    def record(self, which: int) -> None:
        self.engines[which % len(self.engines)].recorder.work()

    @precondition(lambda self: self.engines)
    @rule(which=st.integers(0, 2), statement=st.integers(1, 12))
    def record_until_the_database_fails(self, which: int, statement: int) -> None:
        with failing(self.database, statement), suppress(DBError, ConnectionError):
            self.engines[which % len(self.engines)].recorder.work()

    @precondition(lambda self: len(self.engines) > 1)
    @rule(which=st.integers(0, 2))
    def kill(self, which: int) -> None:
        del self.engines[which % len(self.engines)]

    @precondition(lambda self: self.engines)
    @rule()
    def let_time_pass(self) -> None:
        """No engine lags longer than the grace, which is what the grace is for."""
        for engine in self.engines:
            engine.catch_up()
        for _ in range(3):
            self.cloud.now += GRACE + 1
            for engine in self.engines:
                engine.recorder.work()
        self.what_is_recorded_is_what_holds()
        for engine in self.engines:
            if len(self.cloud.revisions) == 1:
                self.every_change_is_there_once(engine.began_at)

    def what_is_recorded_is_what_holds(self) -> None:
        with self.database.reader() as session:
            recorded = {state.row for state in stored.present(session, "p", "error")}
        assert recorded == {f'["{one}"]' for one in self.cloud.moments[-1].rows & self.cloud.revisions[-1]}

    def every_change_is_there_once(self, since: int) -> None:
        """An engine has followed without a gap since then."""
        real = []
        for before, after in zip(self.cloud.moments[since:], self.cloud.moments[since + 1 :], strict=False):
            real += [(after.epoch, after.publication, one, one in after.rows) for one in before.rows ^ after.rows]
        start = self.cloud.moments[since]
        changes = [
            (*change.position[:2], change.row[2:-2], change.entered)
            for change in self.changes()
            if change.position[:2] > (start.epoch, start.publication)
        ]
        assert sorted(changes) == sorted(real)

    def changes(self) -> list[stored.Change]:
        with self.database.reader() as session:
            return stored.history(session, stored.Wanted("p"), 10_000)[::-1]

    @invariant()
    def records_are_true_and_alternate(self) -> None:
        """Looks at what was recorded since the last look, and at the end at everything again."""
        if not hasattr(self, "cloud"):
            return
        with self.database.reader() as session:
            new = stored.after(session, self.read, 10_000) if stored.reach(session).latest > self.read else ()
        for change in new:
            before = self.last.get(change.digest)
            assert change.number == (before.number + 1 if before else 1)
            assert change.entered == (change.number % 2 == 1)
            assert (change.row[2:-2] in self.cloud.rows_at(change.position)) == change.entered
            assert before is None or Position(*change.position).reaches(Position(*before.position))
            self.last[change.digest], self.read = change, change.id

    def teardown(self) -> None:
        self.last, self.read = {}, 0
        self.records_are_true_and_alternate()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    sqlalchemy.event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
    migration.upgrade(database)
    yield database
    database.close()


def test_exactly_one_record_results_whichever_engines_live(database: Database) -> None:
    machine = type("Machine", (Engines,), {"database": database})
    run_state_machine_as_test(machine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def publish(cloud: Cloud, *rows: str) -> None:
    last = cloud.moments[-1]
    cloud.moments.append(Moment(last.epoch, last.publication + 1, frozenset(rows)))


def recorded(database: Database) -> list[tuple[int, bool]]:
    """(publication, entered), oldest first."""
    with database.reader() as session:
        changes = stored.history(session, stored.Wanted("p"), 100)
    return [(change.position[1], change.entered) for change in reversed(changes)]


def test_an_engine_that_lags_finds_the_work_done(cloud: Cloud, database: Database) -> None:
    ahead, behind = Engine(cloud, database, "ahead"), Engine(cloud, database, "behind")
    publish(cloud, "a")
    publish(cloud)
    ahead.catch_up()
    for _ in range(2):
        behind.step()
        behind.recorder.work()
    assert recorded(database) == [(1, True), (2, False)]


def test_an_engine_that_missed_updates_lets_those_go_first_that_did_not(cloud: Cloud, database: Database) -> None:
    jumps, follows = Engine(cloud, database, "jumps"), Engine(cloud, database, "follows")
    for rows in ("a", "", "a"):
        publish(cloud, *rows)
    jumps.skip()
    jumps.recorder.work()
    follows.catch_up()
    cloud.now += GRACE + 1
    jumps.recorder.work()
    assert recorded(database) == [(1, True), (2, False), (3, True)]


def test_an_engine_that_missed_updates_records_what_nobody_else_did(cloud: Cloud, database: Database) -> None:
    engine = Engine(cloud, database, "only")
    publish(cloud, "a")
    publish(cloud, "a", "b")
    engine.skip()
    engine.recorder.work()
    assert recorded(database) == []
    cloud.now += GRACE + 1
    engine.recorder.work()
    assert recorded(database) == [(2, True), (2, True)]


def test_a_row_that_a_dead_engine_saw_enter_is_seen_to_have_left(cloud: Cloud, database: Database) -> None:
    late, dies = Engine(cloud, database, "late"), Engine(cloud, database, "dies")
    publish(cloud, "a")
    publish(cloud)
    late.skip()
    late.recorder.work()
    dies.step()
    dies.recorder.work()
    assert recorded(database) == [(1, True)]
    for _ in range(2):
        cloud.now += GRACE + 1
        late.recorder.work()
    assert recorded(database) == [(1, True), (2, False)]


def test_a_restart_records_nothing_again(cloud: Cloud, database: Database) -> None:
    publish(cloud, "a")
    for name in ("first", "second"):
        engine = Engine(cloud, database, name)
        cloud.now += GRACE + 1
        engine.recorder.work()
        cloud.now += GRACE + 1
        engine.recorder.work()
    assert recorded(database) == [(1, True)]


def test_rows_mean_nothing_before_all_data_they_follow_are_here(cloud: Cloud, database: Database) -> None:
    publish(cloud, "a")
    engine = Engine(cloud, database, "starts")
    cloud.now += GRACE + 1
    engine.recorder.work()
    engine.has_data = False
    cloud.now += GRACE + 1
    publish(cloud)
    engine.step()
    engine.recorder.work()
    assert recorded(database) == [(1, True)]
    engine.has_data = True
    cloud.now += GRACE + 1
    engine.recorder.work()
    cloud.now += GRACE + 1
    engine.recorder.work()
    assert recorded(database) == [(1, True), (2, False)]
