"""Engines that race on real database servers: MariaDB, PostgreSQL, and each on its own node of a Galera cluster."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from oslo_db.exception import DBDeadlock, DBError

from congress.bus.memory import Hub, MemoryBus
from congress.datalog import DatalogError
from congress.datasources.errors import DatasourceNameTaken
from congress.db import migration
from congress.db import revision as stored_revision
from congress.db.session import IDLE_SECONDS, Database
from congress.errors import CongressError
from congress.policies.content import NewPolicy, NewRule
from congress.policies.errors import PolicyNameTaken
from congress.policies.hints import Hints
from congress.policies.library import PACKAGED, Library
from congress.policies.libraryitems import NewItem
from congress.policies.synchronisation import Synchroniser
from tests.galera import GaleraCluster
from tests.policies.engines import Engine, oracle
from tests.waiting import until

SIZE = 3
Make = Callable[[], list[str]]
"""Makes an empty database; answers an URL for each engine."""


@pytest.fixture(scope="module")
def galera() -> Iterator[GaleraCluster]:
    cluster = GaleraCluster(size=SIZE)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module", params=["mariadb", "postgresql", "galera"])
def server(request: pytest.FixtureRequest) -> Iterator[Make]:
    if request.param == "galera":
        cluster: GaleraCluster = request.getfixturevalue("galera")
        yield lambda: cluster.urls(cluster.create())
        return
    one = request.getfixturevalue(request.param)
    yield lambda: [one.create()] * SIZE


@pytest.fixture
def databases(server: Make) -> Iterator[list[Database]]:
    found = [Database(url) for url in server()]
    migration.upgrade(found[0])
    yield found
    for database in found:
        database.close()


@pytest.fixture
def engines(databases: list[Database], tmp_path: Path) -> list[Engine]:
    return [Engine(database, tmp_path / "keys") for database in databases]


def at_once(actions: Sequence[Callable[[], object]]) -> list[CongressError | None]:
    """Do all of them at the same time; answers what each raised."""
    start, raised = threading.Barrier(len(actions)), [None] * len(actions)  # type: list[CongressError | None]

    def do(number: int) -> None:
        start.wait(10)
        try:
            actions[number]()
        except CongressError as error:
            raised[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return raised


def agree(engines: list[Engine], tmp_path: Path) -> None:
    """All engines show what a new one makes of the database."""
    for each in engines:
        each.replica.synchronise()
    expected = oracle(engines[0].database, tmp_path / "keys")
    for each in engines:
        assert each.program() == expected


def test_writers_on_all_engines_lose_nothing(engines: list[Engine], tmp_path: Path) -> None:
    engines[0].policies.create_policy(NewPolicy("p"))

    def write(engine: Engine, number: int) -> None:
        for count in range(15):
            engine.policies.insert_rule("p", NewRule(f"q({number}, {count})"))

    started = time.monotonic()
    raised = at_once([lambda e=engine, n=number: write(e, n) for number, engine in enumerate(engines * 2)])
    print(f"{len(raised) * 15 / (time.monotonic() - started):.0f} rules/s from {len(raised)} writers on {SIZE} engines")
    assert raised == [None] * len(raised)
    agree(engines, tmp_path)
    assert len(engines[0].live.workspace.rows("p", "q")) == 15 * len(raised)


RULES = {
    "arity": ("a{0}(1)", "a{0}(1, 2)", "a{0}(1, 2, 3)"),
    "negation in a cycle": (
        "a{0}(x) :- b{0}(x)",
        "b{0}(x) :- c{0}(x)",
        "c{0}(x) :- d(x), not a{0}(x)",
    ),
}


@pytest.mark.parametrize("kind", RULES)
def test_of_rules_that_do_not_go_together_one_is_refused(engines: list[Engine], tmp_path: Path, kind: str) -> None:
    engines[0].policies.create_policy(NewPolicy("p"))
    accepted = 1 if kind == "arity" else SIZE - 1
    for number in range(8):
        rules = [NewRule(text.format(number)) for text in RULES[kind]]
        pairs = zip(engines, rules, strict=True)
        raised = at_once([lambda e=engine, r=rule: e.policies.insert_rule("p", r) for engine, rule in pairs])
        assert raised.count(None) == accepted
        assert all(isinstance(error, DatalogError) for error in raised if error is not None)
    agree(engines, tmp_path)
    assert not any(each.replica.parking for each in engines)


def test_a_name_is_given_once(engines: list[Engine], tmp_path: Path) -> None:
    for number in range(5):
        name = f"n{number}"
        raised = at_once(
            [
                lambda n=name: engines[0].policies.create_policy(NewPolicy(n), [NewRule("p(1)")]),
                lambda n=name: engines[1].push_datasource(n, "x"),
                lambda n=name: engines[2].policies.create_policy(NewPolicy(n)),
            ]
        )
        assert raised.count(None) == 1
        assert all(isinstance(e, PolicyNameTaken | DatasourceNameTaken) for e in raised if e is not None)
    agree(engines, tmp_path)


def test_the_library_is_filled_once_and_its_names_are_given_once(databases: list[Database]) -> None:
    libraries = [Library(database) for database in databases]
    assert at_once([lambda e=each: e.load_files([PACKAGED]) for each in libraries]) == [None] * SIZE
    items = libraries[0].items()
    assert items and all(each.items() == items for each in libraries)
    for number in range(5):
        new = NewItem(NewPolicy(f"item{number}"), [])
        raised = at_once([lambda e=each, n=new: e.add(n) for each in libraries])
        assert raised.count(None) == 1
        assert all(isinstance(error, PolicyNameTaken) for error in raised if error is not None)


def test_others_know_within_moments(engines: list[Engine], record_property: Callable[[str, object], None]) -> None:
    hub = Hub()
    hints = [Hints(MemoryBus(f"n{number}", hub)) for number in range(SIZE)]
    for period in (600.0, 1.0):
        synchronisers = [Synchroniser(each.replica, period) for each in engines]
        for hint, synchroniser in zip(hints, synchronisers, strict=True):
            if period > 1:
                hint.pass_to(synchroniser)
            synchroniser.start()
        waits = []
        for number in range(20 if period > 1 else 5):
            engines[0].policies.create_policy(NewPolicy(f"p{period:.0f}_{number}"))
            acknowledged = time.monotonic()
            if period > 1:
                hints[0].announce(engines[0].live.revision)
            for each in engines[1:]:
                assert each.live.reach(engines[0].live.revision, 5.0)
            waits.append(time.monotonic() - acknowledged)
        for synchroniser in synchronisers:
            synchroniser.stop()
        how = "with hints" if period > 1 else "without hints, looking every second"
        record_property(how, statistics.median(waits))
        print(f"{how}: {1000 * statistics.median(waits):.1f} ms, at most {1000 * max(waits):.1f} ms")
        assert max(waits) < 2.0


def test_a_broken_commit_is_decided_for_good(databases: list[Database]) -> None:
    """A writer lost its connection while it committed, and asks over another one, perhaps to another node."""
    near, far = databases[0], databases[-1]
    with near.snapshot() as session:
        before = stored_revision.current(session)
    stored, lost = str(uuid.uuid4()), str(uuid.uuid4())
    with near.writer() as session:
        assert stored_revision.advance(session, before, stored)
    assert far.ask(partial(stored_revision.decided, before=before, token=stored)) is True
    answers = []

    def ask() -> None:
        answers.append(far.ask(partial(stored_revision.decided, before=before + 1, token=lost)))

    asking = threading.Thread(target=ask)
    failed: Exception | None = None
    try:
        with near.writer() as session:  # the commit that is still under way
            assert stored_revision.advance(session, before + 1, lost)
            asking.start()
            asking.join(0.5)
    except DBError as error:
        failed = error
    asking.join(30)
    if answers == [False]:  # on another node: the question made sure that it fails
        assert isinstance(failed, DBDeadlock)
    else:  # on the same server: the question waited for the end
        assert answers == [True] and failed is None
    with far.snapshot() as session:
        assert stored_revision.current(session) == before + 2


def test_a_writer_that_stands_still_does_not_keep_the_others_from_writing(engines: list[Engine]) -> None:
    frozen = engines[0].database
    with frozen._facade.writer.get_engine().connect() as connection:
        connection.exec_driver_sql("UPDATE policy_revision SET number = number + 1")
        started = time.monotonic()
        engines[1].policies.create_policy(NewPolicy("p"))
        print(f"written after {time.monotonic() - started:.1f} s")
        assert time.monotonic() - started < 3 * IDLE_SECONDS
        connection.invalidate()


@pytest.mark.parametrize("server", ["galera"], indirect=True)
@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_an_engine_whose_node_is_gone_follows_again(
    galera: GaleraCluster, engines: list[Engine], tmp_path: Path, fault: str
) -> None:
    *others, cut = engines
    synchroniser = Synchroniser(cut.replica, 0.2)
    synchroniser.start()
    others[0].policies.create_policy(NewPolicy("p"))
    assert cut.live.reach(others[0].live.revision, 5.0)
    if fault == "killed":
        galera.nodes[-1].kill()
    else:
        galera.nodes[-1].freeze()
    started = time.monotonic()
    _write_until_it_succeeds(others[0], "q(1)")
    print(f"{fault}: written after {time.monotonic() - started:.1f} s")
    others[1].policies.insert_rule("p", NewRule("q(2)"))
    assert cut.live.revision < others[1].live.revision
    if fault == "killed":
        assert synchroniser.trouble() is not None
    galera.nodes[-1].thaw() if fault == "frozen" else galera.heal()
    assert cut.live.reach(others[1].live.revision, 60.0)
    galera.heal()
    synchroniser.stop()
    cut.policies.insert_rule("p", NewRule("q(3)"))
    agree(engines, tmp_path)
    assert cut.live.workspace.rows("p", "q") == [(1,), (2,), (3,)]


def _write_until_it_succeeds(engine: Engine, text: str) -> None:
    def written() -> bool:
        try:
            engine.policies.insert_rule("p", NewRule(text))
        except (DBError, CongressError):
            return False
        return True

    until(written, seconds=30.0, every=0.1)
