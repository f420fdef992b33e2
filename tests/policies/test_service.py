"""Policies and rules are changed in the workspace and in the database, or in neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from congress.datalog import DatalogError
from congress.db import migration
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database
from congress.engine.workspace import RuleExists, UnknownPolicy, Workspace
from congress.policies.content import NewPolicy, NewRule
from congress.policies.live import Live
from congress.policies.replica import Replica
from congress.policies.service import PolicyService


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.prepare(database)
    return database


def columns(record: DatasourceRecord) -> dict[str, tuple[str, ...]]:
    return {table: tuple(names.split()) for table, names in record.config.items()}


def replica_over(database: Database) -> Replica:
    return Replica(database, Live(Workspace()), columns)


def service_over(database: Database) -> tuple[PolicyService, Live]:
    replica = replica_over(database)
    service = PolicyService(replica)
    service.load()
    return service, replica.live


@contextmanager
def commits_fail(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything is written, and then the database does not commit."""
    genuine = Database.writer

    @contextmanager
    def writer(self: Database) -> Iterator[Session]:
        with genuine(self) as session:
            yield session
            raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "writer", writer)
        yield


def test_a_restart_brings_everything_back(database: Database) -> None:
    service, _ = service_over(database)
    service.create_policy(NewPolicy("a"), [NewRule("p(x) :- q(x)", "comment", "name"), NewRule("q(1)")])
    again, live = service_over(database)
    assert live.workspace.rows("a", "p") == [(1,)]
    assert [(rule.rule, rule.comment, rule.name) for rule in again.rules("a")] == [
        ("p(x) :- q(x)", "comment", "name"),
        ("q(1)", "", None),
    ]
    assert again.policies() == service.policies()


def test_a_policy_that_cannot_be_stored_is_not_shown(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    service, live = service_over(database)
    with commits_fail(database, monkeypatch), pytest.raises(OSError, match="no space"):
        service.create_policy(NewPolicy("a"), [NewRule("q(1)")])
    with pytest.raises(UnknownPolicy):
        live.workspace.rows("a", "q")
    service.create_policy(NewPolicy("a"), [NewRule("q(2)")])
    assert live.workspace.rows("a", "q") == [(2,)]


def test_a_rule_that_cannot_be_stored_is_not_in_effect(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    service, live = service_over(database)
    service.create_policy(NewPolicy("a"), [NewRule("p(x) :- q(x)")])
    with commits_fail(database, monkeypatch), pytest.raises(OSError, match="no space"):
        service.insert_rule("a", NewRule("q(1)"))
    assert live.workspace.rows("a", "p") == []
    assert len(service.rules("a")) == 1


def test_what_cannot_be_deleted_stays_in_effect(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    service, live = service_over(database)
    _, (rule, fact) = service.create_policy(NewPolicy("a"), [NewRule("p(x) :- q(x)"), NewRule("q(1)")])
    for deletion in (lambda: service.delete_rule("a", fact.id), lambda: service.delete_policy("a")):
        with commits_fail(database, monkeypatch), pytest.raises(OSError, match="no space"):
            deletion()
        assert live.workspace.rows("a", "p") == [(1,)]
        assert service.rules("a") == [rule, fact]


def test_a_refused_rule_is_not_stored(database: Database) -> None:
    service, _ = service_over(database)
    service.create_policy(NewPolicy("a"), [NewRule("q(1)")])
    with pytest.raises(DatalogError):
        service.insert_rule("a", NewRule("p(x) :- q(y)"))
    with pytest.raises(RuleExists):
        service.insert_rule("a", NewRule("q(1)"))
    assert [rule.rule for rule in service.rules("a")] == ["q(1)"]


def test_rules_given_twice_count_once(database: Database) -> None:
    service, _ = service_over(database)
    _, added = service.create_policy(NewPolicy("a"), [NewRule("p(x) :- q(x), r(x)"), NewRule("p(x) :- r(x), q(x)")])
    assert [rule.rule for rule in added] == ["p(x) :- q(x), r(x)"]
    assert len(service.rules("a")) == 1


