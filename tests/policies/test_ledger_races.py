"""Engines and executors race on real database servers: each change is recorded once, each action done once."""

from __future__ import annotations

import datetime
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.db import actions as stored_actions
from congress.db import changelog as stored
from congress.db import migration
from congress.db.policies import PolicyRecord, add
from congress.db.session import Database
from congress.engine.workspace import Workspace
from congress.policies.actions.checking import HOLDS, Verdict
from congress.policies.actions.errors import ActionDecided
from congress.policies.actions.executing import Executor
from congress.policies.actions.ledger import Ledger
from congress.policies.actions.outcomes import Outcome
from congress.policies.actions.proposing import Proposing
from congress.policies.actions.settings import Settings
from congress.policies.history import Retention
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.recorder import Recorder
from tests.waiting import until

TABLE = "execute[nova:stop]"
ROWS, PUBLICATIONS = 12, 30


@pytest.fixture(scope="module", params=["mariadb", "postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db')}/congress.sqlite"
        return
    yield request.getfixturevalue(request.param).create()


@pytest.fixture
def databases(url: str) -> Iterator[list[Database]]:
    """One for each of three processes."""
    first = Database(url)
    migration.upgrade(first)
    # Processes that share an SQLite file do not exist.
    found = [first] * 3 if url.startswith("sqlite") else [first, Database(url), Database(url)]
    yield found
    for database in found:
        database.close()


class Engine:
    """Follows publications, which say which rows there are."""

    def __init__(self, database: Database, node: str, policy: str) -> None:
        self.place, self.live, self._policy = 0, Live(Workspace(watch=watching([]))), policy
        with self.live.transaction() as change:
            change.set_datasource("d", {"t": ("id",)})
            change.create_policy(policy)
            change.insert_rules(policy, [f"{TABLE.replace('stop', 'stop(x)')} :- d:t(x)"])
        self.recorder = Recorder(
            database, self.live, lambda: Position(1, self.place, 1, 0), lambda _tables: (), watching([]), node=node,
            on_recorded=Proposing(), grace=5.0, compare_period=60.0,
        )  # fmt: skip
        self.recorder.begin()
        self.recorder.work()

    def take(self, rows: frozenset[int]) -> None:
        with self.live.transaction() as change:
            change.replace_rows("d", "t", [(row,) for row in rows])
            self.place += 1


def in_threads(*work: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def guarded(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures, failures


def test_each_change_and_its_action_are_recorded_once(databases: list[Database]) -> None:
    chance, policy = random.Random(7), "racing"  # noqa: S311 - a test
    with databases[0].writer() as session:
        add(session, PolicyRecord("1" * 36, policy, "r", "", "user", "nonrecursive"))
    history = [frozenset(row for row in range(ROWS) if chance.random() < 0.5) for _ in range(PUBLICATIONS)]
    engines = [Engine(database, f"engine-{number}", policy) for number, database in enumerate(databases)]

    def follow(engine: Engine, seed: int) -> None:
        own = random.Random(seed)  # noqa: S311 - a test
        for rows in history:
            engine.take(rows)
            if own.random() < 0.4:
                engine.recorder.work()
        deadline = time.monotonic() + 60
        while engine.recorder.work():
            assert time.monotonic() < deadline, "what was seen is not stored in time"

    in_threads(*(lambda engine=engine, seed=seed: follow(engine, seed) for seed, engine in enumerate(engines)))
    real = [
        (place, f"[{row}]", row in after)
        for place, (before, after) in enumerate(zip([frozenset(), *history], history, strict=False), 1)
        for row in before ^ after
    ]
    with databases[0].reader() as session:
        changes = stored.history(session, stored.Wanted(policy), 10_000)
        entries = stored_actions.listed(session, limit=10_000, policy=policy)
    assert sorted((one.position[1], one.row, one.entered) for one in changes) == sorted(real)
    entered = Counter(row for _place, row, enters in real if enters)
    assert Counter(entry.row for entry in entries) == entered
    there = {f"[{row}]" for row in history[-1]}
    assert Counter(entry.row for entry in entries if entry.state == "pending") == Counter(there)
    assert all(entry.state in ("pending", "obsolete") for entry in entries)


def test_each_action_is_done_once_while_the_lease_goes_from_node_to_node(databases: list[Database]) -> None:
    now = stored_actions.now()
    with databases[0].writer() as session:
        made = [
            stored_actions.NewEntry(
                stored.digest("acting", TABLE, f"[{number}]"), 1, "acting", TABLE, "nova", "stop", f"[{number}]",
                "pending", (1, 1, 1, 1), now,
            )
            for number in range(120)
        ]  # fmt: skip
        stored_actions.add(session, made, "test")
        start = stored_actions.control(session).epoch
    lease, asked, lock = [(0, start + 1)], [], threading.Lock()

    def act(entry: stored_actions.Entry) -> Outcome:
        with lock:
            asked.append(entry.id)
        return Outcome("done")

    def executor(number: int) -> Executor:
        mine: list[int | None] = [None]

        def held() -> int | None:
            # It learns late that the lease went on: what the monotonic clock prevents may still happen for a moment.
            holder, epoch = lease[0]
            if holder == number:
                mine[0] = epoch
            elif random.random() < 0.7:  # noqa: S311 - a test
                mine[0] = None
            return mine[0]

        return Executor(
            databases[number], Settings(rate=0), held=held, check=lambda _entry: Verdict(HOLDS), act=act,
            age=lambda _name: 0.0, node=f"node-{number}",
        )  # fmt: skip

    executors = [executor(number) for number in range(3)]
    for one in executors:
        one.start()
    try:
        counts = Counter[str]()

        def ended() -> bool:
            nonlocal counts
            with databases[0].reader() as session:
                counts = Counter(entry.state for entry in stored_actions.listed(session, limit=1000, policy="acting"))
            if not counts["pending"] and not counts["claimed"]:
                return True
            lease[0] = (lease[0][0] + 1) % 3, lease[0][1] + 1
            return False

        until(ended, lambda: str(counts), seconds=90.0, every=0.3)
    finally:
        for one in executors:
            one.stop()
    times = Counter(asked)
    assert set(times.values()) == {1}
    assert counts["done"] + counts["unknown"] == 120
    assert counts["done"] == len(times) or counts["unknown"] >= 120 - len(times)


def test_two_deciders_do_not_both_win(databases: list[Database]) -> None:
    digest = stored.digest("deciding", TABLE, "[1]")
    entry = stored_actions.NewEntry(
        digest, 1, "deciding", TABLE, "nova", "stop", "[1]", "proposed", (1, 1, 1, 1), stored_actions.now()
    )
    with databases[0].writer() as session:
        stored_actions.add(session, [entry], "test")
    (made,) = Ledger(databases[0]).page(limit=1, policy="deciding").entries
    won: list[str] = []

    def decide(database: Database, decision: str) -> None:
        try:
            Ledger(database).decide(made.id, decision, actor=decision)
            won.append(decision)
        except ActionDecided:
            pass

    in_threads(*(lambda one=one: decide(one, "approve") for one in databases))
    assert won == ["approve"]


def test_what_is_old_is_forgotten_except_since_when_rows_have_been_there(databases: list[Database]) -> None:
    policy, long_ago = "forgetful", stored_actions.now() - datetime.timedelta(days=100)

    def change(row: str, number: int, at: datetime.datetime) -> stored.Change:
        digest = stored.digest(policy, "error", row)
        return stored.Change(digest, policy, "error", row, number, number % 2 == 1, (1, number, 1, 1), at, "n")

    with databases[0].writer() as session:
        for number in (1, 2, 3):
            stored.record(session, [change('["stays"]', number, long_ago)])
        for number in (1, 2):
            stored.record(session, [change('["left"]', number, long_ago)])
        stored.record(session, [change('["new"]', 1, stored_actions.now())])
    Retention(databases[0], 90, 90)()
    with databases[0].reader() as session:
        kept = [(one.row, one.number) for one in stored.history(session, stored.Wanted(policy), 100)]
        states = stored.states(session, [stored.digest(policy, "error", '["left"]')])
    assert sorted(kept) == [('["new"]', 1), ('["stays"]', 3)]
    assert states == {}
    with databases[0].writer() as session:
        stored.record(session, [change('["left"]', 1, stored_actions.now())])


def test_rows_of_any_text_are_recorded(databases: list[Database], tmp_path: Path) -> None:
    row: list[Any] = ['naïve \U0001f600 "x"', 10**30, 1.0, 1, "a" * 5000]
    text = stored.written(row)
    digest = stored.digest("texts", "error", text)
    with databases[0].writer() as session:
        stored.record(
            session, [stored.Change(digest, "texts", "error", text, 1, True, (1, 1, 1, 1), stored_actions.now(), "n")]
        )
    with databases[0].reader() as session:
        (found,) = stored.history(session, stored.Wanted("texts", row=text), 10)
    assert found.row == text
