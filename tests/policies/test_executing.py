"""The executor, killed at every point of its work: what it does, it does once, and what it may have done is told."""

from __future__ import annotations

import itertools
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.db import actions as stored
from congress.db import models
from congress.db.actions import Entry, NewEntry
from congress.db.changelog import written
from congress.db.session import Database
from congress.policies.actions.checking import BEHIND, GONE, HOLDS, Verdict
from congress.policies.actions.executing import Executor
from congress.policies.actions.ledger import Ledger
from congress.policies.actions.outcomes import Outcome
from congress.policies.actions.settings import Settings
from tests.waiting import until

NUMBERS = itertools.count(1)
SETTINGS = Settings(retry_delay=0.0)


class Killed(BaseException):
    """The process ended here."""


class Cloud:
    """What was asked of it; `answers` are given one after the other, then `done`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Any]]] = []
        self.answers: list[Outcome | BaseException] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def act(self, entry: Entry) -> Outcome:
        self.before()
        self.asked.append((entry.name, entry.arguments))
        self.after()
        answer = self.answers.pop(0) if self.answers else Outcome("done")
        if isinstance(answer, BaseException):
            raise answer
        return answer


class World:
    """One database, one cloud, and as many executors as a test starts."""

    def __init__(self, database: Database) -> None:
        self.database, self.cloud, self.ledger = database, Cloud(), Ledger(database)
        self.epoch: int | None = 1
        self.verdict = Verdict(HOLDS, ("nova",))
        self.age: float | None = 1.0
        self.now = 0.0
        self.connections: list[Any] = []
        database.engine.dispose()
        sqlalchemy.event.listen(database.engine, "connect", lambda one, _: self.connections.append(one))

    def executor(self, settings: Settings = SETTINGS, epoch: int | None = None) -> Executor:
        """One that works in the caller's thread; it holds the lease as long as it is the one of its epoch."""
        if epoch is not None:
            self.epoch = epoch
        mine = self.epoch
        return Executor(
            self.database,
            settings,
            held=lambda: mine if mine == self.epoch else None,
            check=lambda _entry: self.verdict,
            act=self.cloud.act,
            age=lambda _name: self.age,
            node=f"node-{mine}",
            run=lambda work: work(),
            clock=lambda: self.now,
        )

    def ask(self, *row: Any, state: str = stored.PENDING, action: str = "stop") -> str:
        """Put an entry into the ledger; answers its id."""
        number = next(NUMBERS)
        entry = NewEntry(
            f"{number:064}", 1, "p", f"execute[nova:{action}]", "nova", action, written(row), state,
            (1, 1, 1, 1), stored.now(),
        )  # fmt: skip
        with self.database.writer() as session:
            stored.add(session, [entry], "test")
        return self.ledger.page(limit=1).entries[0].id

    def entry(self, key: str) -> Entry:
        return self.ledger.entry(key)[0]

    def states(self, key: str) -> list[str]:
        return [event.state for event in self.ledger.entry(key)[1]]

    def hang_up(self) -> None:
        """Close all connections, as the end of a process does."""
        for connection in self.connections:
            with suppress(sqlite3.ProgrammingError):  # some were closed already
                connection.rollback()
                connection.close()
        self.connections.clear()
        self.database.engine.dispose()

    def clear(self) -> None:
        with self.database.writer() as session:
            for table in (models.ActionEntry, models.ActionEvent):
                session.execute(sqlalchemy.delete(table))
            session.execute(sqlalchemy.update(models.ActionControl).values(paused=False, epoch=0))


def fresh(url: str) -> Database:
    database = Database(url)
    if url.startswith("sqlite"):
        sqlalchemy.event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
    models.Base.metadata.create_all(database.engine)
    with database.writer() as session:
        session.add(models.ActionControl(id=1, paused=False, actor="", reason="", epoch=0))
    return database


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = fresh(f"sqlite:///{tmp_path}/congress.sqlite")
    yield World(database)
    database.close()


# -- the ordinary way --------------------------------------------------------------------------------------------------


def test_a_pending_action_is_done_once(world: World) -> None:
    key = world.ask("vm-1")
    executor = world.executor()
    for _ in range(3):
        executor.round()
    assert world.cloud.asked == [("nova:stop", ["vm-1"])]
    assert world.states(key) == ["pending", "claimed", "done"]


def test_a_proposed_action_waits(world: World) -> None:
    key = world.ask("vm-1", state=stored.PROPOSED)
    world.executor().round()
    assert world.entry(key).state == stored.PROPOSED
    world.ledger.decide(key, "approve", actor="user alice", comment="fine")
    world.executor().round()
    assert world.states(key) == ["proposed", "pending", "claimed", "done"]
    assert (world.ledger.entry(key)[1][1].actor, world.ledger.entry(key)[1][1].detail) == ("user alice", "fine")


def test_nothing_is_done_without_the_lease(world: World) -> None:
    key = world.ask("vm-1")
    executor = world.executor()
    world.epoch = None
    executor.round()
    assert world.entry(key).state == stored.PENDING


def test_an_epoch_that_was_replaced_does_nothing_even_if_it_believes_to_hold_the_lease(world: World) -> None:
    old = world.executor(epoch=1)
    old.round()
    world.executor(epoch=2).round()
    key = world.ask("vm-1")
    world.epoch = 1
    old.round()
    assert (world.entry(key).state, world.cloud.asked) == (stored.PENDING, [])


def test_a_process_that_stood_still_after_its_claim_does_not_act(world: World) -> None:
    key = world.ask("vm-1")
    old = world.executor(epoch=1)
    claimed = old._claimed(world.entry(key), 1)
    assert claimed is None  # the epoch was not admitted
    old.round()
    assert world.entry(key).state == stored.DONE
    key = world.ask("vm-2")
    entry = old._claimed(world.entry(key), 1)
    assert entry is not None
    new = world.executor(epoch=2)
    assert old._tried(entry, 1) == (stored.PENDING, "given back before it was tried")
    old._finish(entry, stored.PENDING, "given back before it was tried")
    new.round()
    assert world.states(key) == ["pending", "claimed", "pending", "claimed", "done"]


def test_a_row_that_left_is_not_acted_on(world: World) -> None:
    key = world.ask("vm-1")
    world.verdict = Verdict(GONE)
    world.executor().round()
    assert (world.entry(key).state, world.cloud.asked) == (stored.OBSOLETE, [])


def test_an_engine_that_does_not_know_yet_is_waited_for(world: World) -> None:
    key = world.ask("vm-1")
    executor, world.verdict = world.executor(), Verdict(BEHIND)
    executor.round()
    assert "do not know yet" in world.entry(key).outcome
    world.verdict = Verdict(HOLDS)
    world.now += 2
    executor.round()
    assert world.entry(key).state == stored.DONE


@pytest.mark.parametrize("age", [None, 601.0])
def test_old_data_never_lead_to_an_action(world: World, age: float | None) -> None:
    key, executor, world.age = world.ask("vm-1"), world.executor(), age
    executor.round()
    assert world.entry(key).state == stored.PENDING
    assert world.entry(key).outcome.startswith("data of nova are ")
    world.age, world.now = 3.0, 2.0
    executor.round()
    assert world.entry(key).state == stored.DONE


def test_a_row_that_follows_from_what_is_gone_is_not_acted_on(world: World) -> None:
    key, executor, world.verdict = world.ask("vm-1"), world.executor(), Verdict(HOLDS, ("nova",), ("keystone",))
    executor.round()
    assert world.entry(key).state == stored.PENDING
    assert world.entry(key).outcome == "the row follows from keystone, which does not exist"
    world.verdict = Verdict.read({"answer": HOLDS, "sources": ["nova"]})
    world.now += 2
    executor.round()
    assert world.entry(key).state == stored.DONE


def test_the_age_limit_can_be_another_one_for_a_datasource(world: World) -> None:
    key, world.age = world.ask("vm-1"), 5000.0
    world.executor(replace(SETTINGS, data_ages={"nova": 86_400.0})).round()
    assert world.entry(key).state == stored.DONE


def test_an_action_that_waited_too_long_expires(world: World) -> None:
    key, world.age = world.ask("vm-1"), None
    executor = world.executor(replace(SETTINGS, expiry=-1.0))
    executor.round()
    assert world.entry(key).state == stored.EXPIRED


def test_what_the_cloud_refused_is_tried_again_and_fails_in_the_end(world: World) -> None:
    key = world.ask("vm-1")
    world.cloud.answers = [Outcome("refused", "busy"), Outcome("done")]
    world.executor().round()
    assert (world.entry(key).state, len(world.cloud.asked)) == (stored.DONE, 2)
    key = world.ask("vm-2")
    world.cloud.answers = [Outcome("refused", "busy")] * 3
    world.executor().round()
    assert (world.entry(key).state, world.entry(key).outcome) == (stored.FAILED, "busy (attempt 3)")
    assert len(world.cloud.asked) == 5


def test_what_can_never_be_done_is_not_tried_again(world: World) -> None:
    key = world.ask("vm-1")
    world.cloud.answers = [Outcome("hopeless", "no such action")]
    world.executor().round()
    assert (world.entry(key).state, len(world.cloud.asked)) == (stored.FAILED, 1)
    world.ledger.decide(key, "retry", actor="user alice")
    world.executor().round()
    assert world.entry(key).state == stored.DONE


@pytest.mark.parametrize("failure", [Outcome("uncertain", "no answer"), RuntimeError("a bug")])
def test_what_may_have_been_done_is_not_done_again_unless_configured(
    world: World, failure: Outcome | BaseException
) -> None:
    key = world.ask("vm-1")
    world.cloud.answers = [failure]
    world.executor().round()
    assert (world.entry(key).state, len(world.cloud.asked)) == (stored.UNKNOWN, 1)
    world.cloud.answers = [failure]
    key = world.ask("vm-2")
    world.executor(replace(SETTINGS, at_least_once=("nova:*",))).round()
    assert (world.entry(key).state, len(world.cloud.asked)) == (stored.DONE, 3)


def test_with_actions_disabled_they_are_only_logged(world: World) -> None:
    key = world.ask("vm-1")
    world.executor(replace(SETTINGS, enabled=False)).round()
    assert (world.entry(key).state, world.cloud.asked) == (stored.REJECTED, [])
    assert "enable_execute_action" in world.entry(key).outcome


def test_one_action_is_started_only_so_often(world: World) -> None:
    keys = [world.ask(f"vm-{number}") for number in range(4)]
    other = world.ask("vm-0", action="start")
    executor = world.executor(replace(SETTINGS, rate=3, rates={"nova:st?p": 2}, rate_period=60.0))
    executor.round()
    assert [world.entry(key).state for key in keys] == ["done", "done", "pending", "pending"]
    assert world.entry(other).state == "done"
    assert "was started 2 times in 60 s" in world.entry(keys[2]).outcome
    world.now += 61
    executor.round()
    assert {world.entry(key).state for key in keys} == {"done"}


def test_the_rate_holds_over_a_change_of_the_node(world: World) -> None:
    limited = replace(SETTINGS, rate=1)
    keys = [world.ask("vm-1"), world.ask("vm-2")]
    world.executor(limited).round()
    world.executor(limited, epoch=2).round()
    assert [world.entry(key).state for key in keys] == ["done", "pending"]


def test_an_action_that_keeps_failing_rests(world: World) -> None:
    keys = [world.ask(f"vm-{number}") for number in range(3)]
    world.cloud.answers = [Outcome("hopeless", "no")] * 3
    executor = world.executor(replace(SETTINGS, failures=2, rest=100.0))
    executor.round()
    assert [world.entry(key).state for key in keys] == ["failed", "failed", "pending"]
    assert executor.guards.resting() == {"nova:stop": 100.0}
    world.now += 101
    world.cloud.answers = []
    executor.round()
    assert world.entry(keys[2]).state == "done"
    assert executor.guards.resting() == {}


# -- the pause ---------------------------------------------------------------------------------------------------------


def test_a_pause_stops_everything_that_was_not_begun(world: World) -> None:
    keys = [world.ask("vm-1"), world.ask("vm-2")]
    world.cloud.after = lambda: world.ledger.pause(actor="root@host", reason="stop it") and None
    executor = world.executor()
    executor.round()
    assert [world.entry(key).state for key in keys] == ["done", "pending"]
    assert world.ledger.control().reason == "stop it"
    world.cloud.after = lambda: None
    world.ledger.resume(actor="root@host")
    executor.round()
    assert world.entry(keys[1]).state == "done"


def test_a_pause_stops_attempts_to_come(world: World) -> None:
    key = world.ask("vm-1")
    world.cloud.answers = [Outcome("refused", "busy")] * 3
    world.cloud.after = lambda: world.ledger.pause(actor="root@host") and None
    world.executor().round()
    assert (world.entry(key).state, len(world.cloud.asked)) == (stored.PENDING, 1)


def test_a_pause_takes_effect_within_a_second_while_actions_come_and_go(tmp_path: Path) -> None:
    database = fresh(f"sqlite:///{tmp_path}/congress.sqlite")
    world = World(database)
    times: list[float] = []
    silent_from, broken = [float("inf")], threading.Event()

    def acted() -> None:
        times.append(time.monotonic())
        if times[-1] >= silent_from[0]:
            broken.set()

    world.cloud.after = acted
    executor = Executor(
        database, replace(SETTINGS, rate=0), held=lambda: 1, check=lambda _entry: world.verdict, act=world.cloud.act,
        age=lambda _name: 1.0, node="n",
    )  # fmt: skip
    stopping = threading.Event()

    def keep_asking() -> None:
        while not stopping.is_set():
            world.ask(next(NUMBERS))

    asking = threading.Thread(target=keep_asking)
    asking.start()
    executor.start()
    try:
        until(lambda: len(times) > 5)
        world.ledger.pause(actor="root@host")
        paused = time.monotonic()
        silent_from[0] = paused + 1.0
        assert not broken.wait(2.0)
        assert all(at < paused + 1.0 for at in times)
        silent_from[0] = float("inf")
        world.ledger.resume(actor="root@host")
        seen = len(times)
        until(lambda: len(times) > seen)
    finally:
        stopping.set()
        asking.join()
        executor.stop()
        database.close()


# -- death at every point ----------------------------------------------------------------------------------------------


@contextmanager
def killed_at(world: World, executor: Executor, point: int) -> Iterator[threading.Event]:
    """End the executor at the n-th of: before each statement, before and after each commit, before and after
    the cloud is asked. Answers whether it died; whatever it tries from then on fails, too."""
    passed, died = [0], threading.Event()
    dialect = world.database.engine.dialect
    commit = dialect.do_commit

    def step(*_arguments: object) -> None:
        passed[0] += 1
        if passed[0] >= point:
            died.set()
            executor._stopping.set()
            raise Killed

    def commits(connection: Any) -> None:
        step()
        commit(connection)
        step()

    sqlalchemy.event.listen(world.database.engine, "before_cursor_execute", step)
    dialect.do_commit = commits  # type: ignore[method-assign]
    world.cloud.before = world.cloud.after = step
    try:
        with suppress(Killed, SQLAlchemyError, DBError):  # the last two are what a session makes of its death
            yield died
    finally:
        world.cloud.before = world.cloud.after = lambda: None
        dialect.do_commit = commit  # type: ignore[method-assign]
        sqlalchemy.event.remove(world.database.engine, "before_cursor_execute", step)
        if died.is_set():
            world.hang_up()


def survive(world: World, chosen: Settings, point: int) -> bool:
    """Let an executor die at a point of its work, another one take over, and check what they did together."""
    world.clear()
    world.cloud.asked.clear()
    keys = [world.ask("vm-1"), world.ask("vm-2")]
    first = world.executor(chosen, epoch=1)
    with killed_at(world, first, point) as died:
        first.round()
    second = world.executor(chosen, epoch=2)
    for _ in range(3):
        world.now += 2
        second.round()
    repeats = chosen.repeats("nova:stop")
    for key, name in zip(keys, ("vm-1", "vm-2"), strict=True):
        times, state = world.cloud.asked.count(("nova:stop", [name])), world.entry(key).state
        told = world.states(key)
        if repeats:
            assert state == "done" and times >= 1, (point, told)
            assert told.count("done") == 1
        elif state == "done":
            assert times == 1, (point, told)
        else:
            assert state == "unknown" and times <= 1, (point, told)
    return died.is_set()


@pytest.mark.parametrize("repeats", [(), ("nova:stop",)])
def test_nothing_is_lost_or_done_twice_wherever_the_executor_dies(world: World, repeats: tuple[str, ...]) -> None:
    chosen, point = replace(SETTINGS, at_least_once=repeats), 1
    while survive(world, chosen, point):
        point += 1
    assert point > 20


def test_after_an_unknown_outcome_a_person_decides(world: World) -> None:
    key = world.ask("vm-1")
    world.cloud.answers = [Killed()]
    with pytest.raises(Killed):
        world.executor(epoch=1).round()
    world.executor(epoch=2).round()
    assert world.states(key) == ["pending", "claimed", "unknown"]
    world.ledger.decide(key, "retry", actor="user alice")
    world.executor(epoch=3).round()
    assert world.entry(key).state == "done"


def test_the_end_of_an_action_is_recorded_even_when_its_node_was_replaced_meanwhile(world: World) -> None:
    key = world.ask("vm-1")
    world.cloud.after = lambda: world.executor(epoch=2).round()
    world.executor(epoch=1).round()
    assert world.states(key) == ["pending", "claimed", "unknown", "done"]
    assert len(world.cloud.asked) == 1


def test_the_end_of_an_action_is_recorded_when_the_database_is_back(world: World) -> None:
    key = world.ask("vm-1")
    failures = [0]

    def fail(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE action_entries") and world.cloud.asked and failures[0] < 3:
            failures[0] += 1
            raise ConnectionError("the database is away")

    sqlalchemy.event.listen(world.database.engine, "before_cursor_execute", fail)
    world.executor().round()
    assert (world.entry(key).state, failures[0], len(world.cloud.asked)) == ("done", 3, 1)


_STEPS = st.lists(
    st.sampled_from(["ask", "work", "die", "replace", "resume old", "pause", "go on", "retry"]), min_size=5, max_size=25
)


def test_any_order_of_deaths_and_successions_does_each_action_at_most_once_for_an_entry(world: World) -> None:
    @settings(max_examples=60, deadline=None)
    @given(_STEPS, st.integers(1, 40))
    def run(steps: list[str], point: int) -> None:
        world.clear()
        world.cloud.asked.clear()
        world.epoch, retried, executors = 1, 0, [world.executor(epoch=1)]
        for step in steps:
            world.now += 2
            if step == "ask":
                world.ask(next(NUMBERS))
            elif step == "die":
                with killed_at(world, executors[-1], point) as died:
                    executors[-1].round()
                if died.is_set():
                    executors.append(world.executor(epoch=len(executors) + 1))
            elif step == "replace":
                executors.append(world.executor(epoch=len(executors) + 1))
            elif step == "resume old":
                executors[0].round()
            elif step in ("pause", "go on"):
                (world.ledger.pause if step == "pause" else world.ledger.resume)(actor="test")
            elif step == "retry":
                for entry in world.ledger.page(limit=1, state="unknown").entries:
                    world.ledger.decide(entry.id, "retry", actor="test")
                    retried += 1
            else:
                executors[-1].round()
        world.ledger.resume(actor="test")
        for _ in range(3):
            world.now += 2
            executors[-1].round()
        entries = world.ledger.page(limit=1000).entries
        asked = [str(arguments) for _name, arguments in world.cloud.asked]
        assert len(asked) - len(set(asked)) <= retried
        for entry in entries:
            assert entry.state in ("done", "unknown")
            if entry.state == "done":
                assert str(entry.arguments) in asked

    run()
