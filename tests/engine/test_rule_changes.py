"""A change of rules touches what depends on it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from congress.engine.executors.codegen import Compiled, generate
from congress.engine.executors.compiled import CompiledExecutor
from congress.engine.plan import PlanRule
from congress.engine.workspace import Workspace

RULES = 1_000


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    """A thousand rules over one table, in chains of ten; the tables at the ends are watched."""
    made = Workspace(watch=lambda table: table.name.endswith("_9"))
    with made.transaction() as tx:
        tx.set_datasource("d", {"t": ("id", "n")})
        tx.insert_rows("d", "t", [(i, i % 100) for i in range(300)])
        tx.create_policy("p")
        rules = [f"c{chain}_0(x) :- d:t(x, {chain})" for chain in range(RULES // 10)]
        rules += [f"c{c}_{i + 1}(x) :- c{c}_{i}(x)" for c in range(RULES // 10) for i in range(9)]
        tx.insert_rules("p", rules)
    return made


@contextmanager
def generated(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PlanRule]]:
    """The rules for which functions are generated meanwhile."""
    rules: list[PlanRule] = []

    def note(rule: PlanRule, *rest: Any) -> Compiled:
        rules.append(rule)
        return generate(rule, *rest)

    with monkeypatch.context() as patch:
        patch.setattr("congress.engine.active.generate", note)
        yield rules


def engine(workspace: Workspace) -> CompiledExecutor:
    assert isinstance(workspace._engine, CompiledExecutor)
    return workspace._engine


def test_adding_one_rule_among_a_thousand(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(engine(workspace).relations)
    with generated(monkeypatch) as rules, workspace.transaction() as tx:
        tx.insert_rules("p", ["c5_3(x) :- d:t(x, 6)"])
    assert {change.table.name for change in tx.changes()} == {"c5_9"}
    assert len(tx.changes()[0].inserted) == 3
    assert {rule.head.pred.table.name for rule in rules} <= {f"c5_{i}" for i in range(10)}
    kept = [stored for stored in before if engine(workspace).relations.get(stored) is before[stored]]
    assert len(kept) >= RULES - 10, "tables of other chains stay the very same objects"
    with workspace.transaction() as tx:
        tx.delete_rules("p", ["c5_3(x) :- d:t(x, 6)"])
    assert len(tx.changes()[0].deleted) == 3


def test_a_rule_that_nothing_watched_depends_on_is_not_evaluated(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with generated(monkeypatch) as rules, workspace.transaction() as tx:
        tx.insert_rules("p", ["aside(x, y) :- d:t(x, n), d:t(y, n)"])
    assert tx.changes() == ()
    assert rules == []
    with workspace.transaction() as tx:
        tx.delete_rules("p", ["aside(x, y) :- d:t(x, n), d:t(y, n)"])


def test_a_changed_row_reaches_only_rules_that_read_it(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rows("d", "t", [(9_000, 42)])
    assert [(change.table.name, change.inserted) for change in tx.changes()] == [("c42_9", ((9_000,),))]
    with workspace.transaction() as tx:
        tx.delete_rows("d", "t", [(9_000, 42)])


def test_a_fact_added_to_a_table_with_rules_changes_what_follows(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["c7_8(777)"])
    assert [(change.table.name, change.inserted) for change in tx.changes()] == [("c7_9", ((777,),))]
    with workspace.transaction() as tx:
        tx.delete_rules("p", ["c7_8(777)"])
    assert [(change.table.name, change.deleted) for change in tx.changes()] == [("c7_9", ((777,),))]


def test_a_rule_moved_in_one_transaction_is_no_change(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.delete_rules("p", ["c8_1(x) :- c8_0(x)"])
        tx.insert_rules("p", ["c8_1(y) :- c8_0(y)"])
    assert tx.changes() == ()
