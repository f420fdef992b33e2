"""Engines over one database: a change is made on top of all others or not at all, and every engine comes to show it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from oslo_db.exception import DBConnectionError
from sqlalchemy.orm import Session

from congress.bus.memory import Hub, MemoryBus
from congress.datalog import DatalogError
from congress.datasources.errors import DatasourceNameTaken
from congress.db import migration
from congress.db import session as session_module
from congress.db.session import Database, OutcomeUnknown
from congress.engine.workspace import Limits
from congress.policies import replica as replica_module
from congress.policies.content import NewPolicy, NewRule
from congress.policies.errors import PolicyNameTaken, PolicyNotFound, RuleNotFound
from congress.policies.hints import Hints
from congress.policies.synchronisation import Synchroniser
from tests.policies.engines import Engine, oracle
from tests.waiting import until


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/congress.sqlite"
    migration.prepare(Database(url))
    return url


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Callable[..., Engine]:
    """Makes engines over one database."""
    return lambda **options: Engine(Database(url), tmp_path / "keys", **options)


def test_what_one_engine_wrote_the_other_shows_after_synchronising(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"), [NewRule("error(x) :- q(x)"), NewRule("q(1)")])
    assert not b.policies.exists("p")
    assert b.replica.synchronise() == f"shows revision {a.live.revision}"
    assert b.live.workspace.rows("p", "error") == [(1,)]
    assert [change.inserted for change in b.live.changes("p", 0).changes] == [((1,),)]
    assert b.replica.synchronise().startswith("no change")
    (rule,) = [rule for rule in b.policies.rules("p") if rule.rule == "q(1)"]
    b.policies.update_rule("p", rule.id, lambda _old: NewRule("q(2)"))
    b.policies.insert_rule("p", NewRule("q(3)"))
    a.replica.synchronise()
    assert a.live.workspace.rows("p", "error") == [(2,), (3,)]
    a.policies.delete_policy("p")
    b.replica.synchronise()
    assert not b.policies.exists("p")
    assert a.program() == b.program()


def test_several_changes_are_taken_over_as_one_transaction(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"), [NewRule("error(x) :- q(x)"), NewRule("q(1)")])
    b.replica.synchronise()
    (rule,) = [rule for rule in a.policies.rules("p") if rule.rule == "q(1)"]
    a.policies.delete_rule("p", rule.id)
    a.policies.insert_rule("p", NewRule("r(1)"))
    a.policies.insert_rule("p", NewRule("error(x) :- r(x)"))
    before = b.live.changes("p", 0).latest
    b.replica.synchronise()
    assert b.live.changes("p", before).changes == []  # error(1) was true all the time
    assert b.live.workspace.rows("p", "error") == [(1,)]


def test_only_policies_that_changed_are_read_again(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    for name in ("p", "q"):
        a.policies.create_policy(NewPolicy(name), [NewRule("t(1)")])
    b.replica.synchronise()
    b.told_policies.clear()
    a.policies.insert_rule("q", NewRule("t(2)"))
    b.replica.synchronise()
    assert b.told_policies == ["q"]


def test_a_write_takes_over_first_what_others_wrote(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"))
    b.policies.insert_rule("p", NewRule("q(1)"))
    a.policies.insert_rule("p", NewRule("error(x) :- q(x)"))
    assert a.live.workspace.rows("p", "error") == [(1,)]
    (rule, _) = a.policies.rules("p")
    b.policies.delete_rule("p", rule.id)
    with pytest.raises(RuleNotFound):
        a.policies.delete_rule("p", rule.id)
    b.policies.delete_policy("p")
    with pytest.raises(PolicyNotFound):
        a.policies.insert_rule("p", NewRule("q(1)"))
    a.policies.create_policy(NewPolicy("p"))
    assert b.replica.synchronise() and a.program() == b.program()


CONFLICTS = {
    "arity": ("a(1)", "a(1, 2)"),
    "arity in a body": ("p(x) :- a(x)", "q(x) :- a(x, y)"),
    "negation in a cycle": ("a(x) :- c(x), not b(x)", "b(x) :- c(x), not a(x)"),
    "counting in a cycle": ("a(count(x)) :- b(x)", "b(x) :- a(x)"),
}


@pytest.mark.parametrize("rules", CONFLICTS.values(), ids=CONFLICTS)
def test_of_rules_that_do_not_go_together_the_second_is_refused(
    engine: Callable[..., Engine], rules: tuple[str, str]
) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"))
    b.replica.synchronise()
    first, second = rules
    a.policies.insert_rule("p", NewRule(first))
    with pytest.raises(DatalogError):  # b has not heard of the first
        b.policies.insert_rule("p", NewRule(second))
    assert [rule.rule for rule in b.policies.rules("p")] == [first]
    assert a.program() == b.program()


def test_a_name_is_given_once_whoever_asks(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"))
    a.push_datasource("d", "x")
    with pytest.raises(PolicyNameTaken):
        b.policies.create_policy(NewPolicy("p"))
    with pytest.raises(PolicyNameTaken):
        b.policies.create_policy(NewPolicy("d"))
    a.policies.create_policy(NewPolicy("q"))
    for name in ("q", "d"):
        with pytest.raises(DatasourceNameTaken):
            b.push_datasource(name, "x")
    assert a.program() == b.program()


def test_datasources_that_come_and_go_have_columns_and_are_told(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.push_datasource("d", "id", "owner")
    b.replica.synchronise()
    assert (b.datasource_changes, a.datasource_changes) == (1, 1)
    assert b.live.workspace.columns("d", "data") == ("id", "owner")
    b.policies.create_policy(NewPolicy("p"), [NewRule("error(x) :- d:data(owner=x)")])
    a.datasources.delete("d")
    a.push_datasource("d", "owner")
    b.replica.synchronise()
    assert b.live.workspace.columns("d", "data") == ("owner",)
    a.datasources.delete("d")
    b.replica.synchronise()
    assert (b.datasource_changes, a.datasource_changes) == (3, 4)
    assert a.program() == b.program()


def test_a_rule_whose_datasource_is_gone_is_set_aside_everywhere_and_comes_back(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.push_datasource("d", "x", "y")
    _, (rule, _fact) = a.policies.create_policy(
        NewPolicy("p"), [NewRule("p(x) :- q(x), not d:data(y=x)"), NewRule("q(1)")]
    )
    b.datasources.delete("d")
    restarted = engine()
    a.replica.synchronise()
    for each in (a, b, restarted):
        assert each.policies.set_aside(rule.id) is not None
        assert each.live.workspace.rows("p", "q") == [(1,)]
    assert a.program() == b.program() == restarted.program()
    restarted.push_datasource("d", "y", "z")
    for each in (a, b, restarted):
        each.replica.synchronise()
        assert each.policies.set_aside(rule.id) is None
        assert each.live.workspace.rows("p", "p") == [(1,)]


def test_a_rule_that_is_set_aside_can_be_deleted_anywhere(engine: Callable[..., Engine]) -> None:
    a = engine()
    a.push_datasource("d", "x")
    _, (rule,) = a.policies.create_policy(NewPolicy("p"), [NewRule("p(x) :- d:data(x=x)")])
    a.datasources.delete("d")
    b = engine()
    b.policies.delete_rule("p", rule.id)
    a.replica.synchronise()
    assert a.policies.set_aside(rule.id) is b.policies.set_aside(rule.id) is None
    a.push_datasource("d", "x")
    assert a.policies.rules("p") == []


def test_a_rule_is_tried_again_when_what_it_conflicts_with_is_gone(engine: Callable[..., Engine]) -> None:
    a = engine()
    a.push_datasource("d", "x", "y")
    _, (rule,) = a.policies.create_policy(NewPolicy("p"), [NewRule("p(x) :- d:data(x, y)")])
    a.datasources.delete("d")
    a.push_datasource("d", "x")  # now the rule has too many arguments
    b = engine()
    assert a.policies.set_aside(rule.id) and b.policies.set_aside(rule.id)
    a.datasources.delete("d")
    b.replica.synchronise()
    assert a.policies.set_aside(rule.id) is b.policies.set_aside(rule.id) is None
    assert a.program() == b.program()


def test_a_rule_that_one_engine_cannot_evaluate_is_set_aside_there(engine: Callable[..., Engine]) -> None:
    a, small = engine(), engine(limits=Limits(rows=200, seconds=60))
    facts = [NewRule(f"q({number})") for number in range(30)]
    _, (rule, *_rest) = a.policies.create_policy(NewPolicy("p"), [NewRule("error(x, y) :- q(x), q(y)"), *facts])
    small.replica.synchronise()
    assert "rows" in str(small.policies.set_aside(rule.id))
    a.policies.insert_rule("p", NewRule("r(1)"))
    small.replica.synchronise()
    assert small.live.workspace.rows("p", "r") == [(1,)]
    assert small.live.revision == a.live.revision


def test_writers_on_all_engines_lose_nothing(engine: Callable[..., Engine]) -> None:
    engines = [engine() for _ in range(4)]
    engines[0].policies.create_policy(NewPolicy("p"))

    def write(number: int) -> None:
        for count in range(15):
            engines[number].policies.insert_rule("p", NewRule(f"q({number}, {count})"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for each in engines:
        each.replica.synchronise()
        assert len(each.live.workspace.rows("p", "q")) == 60
        assert each.live.revision == engines[0].live.revision
    assert all(each.program() == engines[0].program() for each in engines)


def test_a_preview_sees_what_others_wrote_and_stores_nothing(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    a.policies.create_policy(NewPolicy("p"), [NewRule("error(x) :- q(x)")])
    (change,) = b.policies.preview(lambda trial: trial.insert_rule("p", NewRule("q(1)")))
    assert change.inserted == ((1,),)
    a.replica.synchronise()
    assert a.live.workspace.rows("p", "error") == []
    assert a.live.revision == b.live.revision


def test_an_older_database_is_shown_as_it_is(url: str, engine: Callable[..., Engine], tmp_path: Path) -> None:
    a = engine()
    a.policies.create_policy(NewPolicy("p"), [NewRule("q(1)")])
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(tmp_path / "congress.sqlite") as connection, sqlite3.connect(backup) as copy:
        connection.backup(copy)
    a.policies.insert_rule("p", NewRule("q(2)"))
    a.policies.create_policy(NewPolicy("r"))
    (tmp_path / "congress.sqlite-wal").unlink(missing_ok=True)
    (tmp_path / "congress.sqlite-shm").unlink(missing_ok=True)
    backup.replace(tmp_path / "congress.sqlite")
    a.replica.synchronise()
    assert a.live.workspace.rows("p", "q") == [(1,)]
    a.policies.insert_rule("p", NewRule("q(3)"))
    assert a.program() == oracle(Database(url), tmp_path / "keys")


@contextmanager
def breaks_while_committing(monkeypatch: pytest.MonkeyPatch, *, is_stored: bool, comes_back: bool) -> Iterator[None]:
    """The connection of the next commit breaks, before or after the database stored the change."""
    genuine, commits = Database.writer, []

    @contextmanager
    def writer(self: Database) -> Iterator[Session]:
        if commits and not comes_back:
            raise DBConnectionError(OSError("no route to host"))
        with genuine(self) as session:
            yield session
            commits.append(session)
            if len(commits) == 1 and not is_stored:
                raise DBConnectionError(OSError("connection reset"))
        if len(commits) == 1:
            raise DBConnectionError(OSError("connection reset"))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "writer", writer)
        patch.setattr(session_module, "ASK_SECONDS", 0.1)
        yield


def test_a_commit_whose_connection_broke_is_found_to_be_stored(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = engine(), engine()
    with breaks_while_committing(monkeypatch, is_stored=True, comes_back=True):
        a.policies.create_policy(NewPolicy("p"), [NewRule("q(1)")])
    assert a.live.workspace.rows("p", "q") == [(1,)]
    b.policies.insert_rule("p", NewRule("q(2)"))
    a.replica.synchronise()
    assert a.program() == b.program()


def test_a_commit_whose_end_stays_unknown_is_taken_over_when_it_was_stored(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = engine()
    with (
        breaks_while_committing(monkeypatch, is_stored=True, comes_back=False),
        pytest.raises(OutcomeUnknown),
    ):
        a.policies.create_policy(NewPolicy("p"), [NewRule("q(1)")])
    assert not a.policies.exists("p")
    a.replica.synchronise()
    assert a.live.workspace.rows("p", "q") == [(1,)]


def test_a_commit_that_was_lost_changes_nothing(engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = engine(), engine()
    with breaks_while_committing(monkeypatch, is_stored=False, comes_back=False), pytest.raises(OutcomeUnknown):
        a.policies.create_policy(NewPolicy("p"), [NewRule("q(1)")])
    assert not a.policies.exists("p")
    b.policies.create_policy(NewPolicy("p"), [NewRule("q(2)")])
    a.replica.synchronise()
    assert a.live.workspace.rows("p", "q") == [(2,)]


def test_a_commit_that_was_lost_is_made_again(engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    a = engine()
    with breaks_while_committing(monkeypatch, is_stored=False, comes_back=True):
        a.policies.create_policy(NewPolicy("p"), [NewRule("q(1)")])
    assert a.live.workspace.rows("p", "q") == [(1,)]
    assert [rule.rule for rule in a.policies.rules("p")] == ["q(1)"]


def test_a_database_that_stays_away_is_not_waited_for_long(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = engine()
    monkeypatch.setattr(replica_module, "ABSENCE_SECONDS", 0.1)
    with monkeypatch.context() as patch:
        patch.setattr(a.database, "snapshot", _away)
        with pytest.raises(DBConnectionError):
            a.policies.create_policy(NewPolicy("p"))
    a.policies.create_policy(NewPolicy("p"))


def _away() -> Session:
    raise DBConnectionError(OSError("no route to host"))


def test_a_hint_makes_an_engine_look_at_once(engine: Callable[..., Engine]) -> None:
    hub = Hub()
    hints = [Hints(MemoryBus(f"n{number}", hub)) for number in range(2)]
    a, b = (engine(on_advanced=each.announce) for each in hints)
    synchronisers = [Synchroniser(each.replica, 600.0) for each in (a, b)]
    for each, synchroniser in zip(hints, synchronisers, strict=True):
        each.pass_to(synchroniser)
        synchroniser.start()
    a.policies.create_policy(NewPolicy("p"))
    until(lambda: b.policies.exists("p"), seconds=5)
    for synchroniser in synchronisers:
        synchroniser.stop()


def test_without_hints_an_engine_looks_periodically(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    synchroniser = Synchroniser(b.replica, 0.05)
    synchroniser.start()
    a.policies.create_policy(NewPolicy("p"))
    until(lambda: b.policies.exists("p"), seconds=5)
    synchroniser.stop()


def test_who_asks_for_a_revision_makes_the_engine_look(engine: Callable[..., Engine]) -> None:
    a, b = engine(), engine()
    synchroniser = Synchroniser(b.replica, 600.0)
    synchroniser.start()
    a.policies.create_policy(NewPolicy("p"))
    assert synchroniser.reach(a.live.revision, 5.0)
    assert b.policies.exists("p")
    assert not synchroniser.reach(a.live.revision + 1, 0.05)
    synchroniser.stop()


def test_a_database_that_is_away_is_reported_and_followed_again(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = engine(), engine()
    synchroniser = Synchroniser(b.replica, 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(b.database, "snapshot", lambda: Database("sqlite:////nowhere/at/all"))
        synchroniser.start()
        until(lambda: synchroniser.trouble() is not None, seconds=5)
    a.policies.create_policy(NewPolicy("p"))
    until(lambda: b.policies.exists("p") and synchroniser.trouble() is None, seconds=10)
    synchroniser.stop()
