"""Reading the change log forward: from a place, in pieces, with a word about what is forgotten."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from congress.db import changelog as log
from congress.db import migration, models
from congress.db.changelog import Change
from congress.db.session import Database
from congress.db.violations import Wanted
from congress.policies.events import EventLog, Filter
from congress.policies.violations import ViolationNotFound, Violations
from tests.waiting import until

DAY = datetime.datetime(2026, 1, 1)


class World:
    def __init__(self, database: Database) -> None:
        self.database, self.events, self.violations = database, EventLog(database), Violations(database)

    def enter(self, name: str, day: int = 0, *, number: int = 1, policy: str = "p", table: str = "error") -> None:
        self._record(name, day, number, policy, table, entered=True)

    def leave(self, name: str, day: int = 0, *, number: int = 2, policy: str = "p", table: str = "error") -> None:
        self._record(name, day, number, policy, table, entered=False)

    def _record(self, name: str, day: int, number: int, policy: str, table: str, *, entered: bool) -> None:
        row, at = log.written([name]), DAY + datetime.timedelta(days=day)
        position = (1, day, 1, 0)
        change = Change(log.digest(policy, table, row), policy, table, row, number, entered, position, at, "a")
        with self.database.writer() as session:
            log.record(session, [change])

    def forget(self, day: int) -> None:
        with self.database.writer() as session:
            while log.purge(session, DAY + datetime.timedelta(days=day), 2):
                pass

    def ids(self, after: int, limit: int = 100, only: Filter = Filter()) -> list[int]:  # noqa: B008 - it is frozen
        return [event.change.id for event in self.events.after(after, limit, only).events]

    def open_rows(self) -> list[str]:
        return [each.opened.row for each in self.violations.page(Wanted(standing=log.OPEN), 10).violations]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.upgrade(database)
    yield World(database)
    database.close()


def test_events_are_read_in_pieces_from_any_place(world: World) -> None:
    for name in "abcde":
        world.enter(name)
    assert [world.ids(place, 2) for place in (0, 2, 4, 5)] == [[1, 2], [3, 4], [5], []]
    assert world.events.after(2, 2).latest == 4
    assert world.events.after(0, 100).latest == world.events.latest() == 5


def test_who_reads_of_one_table_goes_on_behind_the_others(world: World) -> None:
    world.enter("a", policy="q")
    world.enter("b", table="warning")
    world.enter("c")
    assert world.ids(0, only=Filter("p", "error")) == [3]
    assert world.events.after(0, 100, Filter("q")).latest == 3


def test_the_end_of_a_stay_names_its_beginning(world: World) -> None:
    world.enter("a")
    world.leave("a")
    world.enter("a", number=3)
    assert [event.violation for event in world.events.after(0, 100).events] == [1, 1, 3]


def test_what_is_forgotten_is_said_to_be_missed_by_those_who_have_not_read_it(world: World) -> None:
    world.enter("a", day=0)
    world.leave("a", day=1)
    world.enter("b", day=2)
    world.forget(day=2)
    assert world.events.after(0, 100).missed == world.events.after(1, 100).missed == 2
    assert world.events.after(2, 100).missed is None
    assert world.ids(0) == [3]


def test_a_stay_is_kept_as_long_as_it_lasts_and_as_its_end(world: World) -> None:
    world.enter("open", day=0)
    world.enter("closed", day=0)
    world.leave("closed", day=10)
    world.forget(day=9)
    assert world.ids(0) == [1, 2, 3]
    world.forget(day=11)
    assert world.ids(0) == [1]
    assert world.open_rows() == ['["open"]']
    with pytest.raises(ViolationNotFound):
        world.violations.violation(2)


def test_ids_go_on_after_everything_is_forgotten(world: World) -> None:
    world.enter("a")
    world.leave("a")
    world.forget(day=1)
    world.enter("b")
    assert world.ids(2) == [3]


def test_a_reader_waits_for_what_comes(world: World) -> None:
    found: list[int] = []

    def wait() -> None:
        found.extend(event.change.id for event in world.events.wait(0, 10, Filter(), 60.0).events)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    world.enter("a")
    world.events.wake()
    until(lambda: found == [1])


def test_what_an_older_version_records_beside_this_one_is_mended(world: World) -> None:
    world.enter("a")
    world.enter("b")
    given = {"policy": "p", "table_name": "error", "epoch": 1, "revision": 1, "tick": 0, "at": DAY, "node": "old"}
    with world.database.writer() as session:
        for name, number, entered in (("a", 2, False), ("c", 1, True), ("d", 1, True), ("d", 2, False)):
            row = log.written([name])
            old = {"digest": log.digest("p", "error", row), "row": row, "number": number, "publication": number}
            session.execute(sqlalchemy.insert(models.RowChange).values(**given, **old, entered=entered, table_key=""))
    world.enter("e")
    assert world.ids(0) == [1, 2, 3, 4, 5, 6, 7]
    with world.database.writer() as session:
        assert log.mend(session, 2) == 2
        assert log.mend(session) == 2
        assert log.mend(session) == 0
    assert world.open_rows() == ['["e"]', '["c"]', '["b"]']
    assert [event.violation for event in world.events.after(2, 100).events] == [1, 4, 5, 5, 7]


def test_nobody_waits_when_the_server_stops(world: World) -> None:
    world.events.answer_waiting()
    assert world.events.wait(0, 10, Filter(), 600.0).events == []
