"""The façade: what its methods refuse, list and answer beside the language itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

import pytest

from congress.datalog import DatalogError
from congress.engine.workspace import (
    InvalidPolicy,
    InvalidRow,
    PolicyExists,
    PolicyInfo,
    RowMissing,
    RuleExists,
    RuleMissing,
    UnknownPolicy,
    UnknownTable,
    Workspace,
)
from congress.errors import CongressError

SERVERS = {"servers": ("id", "status")}


@pytest.fixture(params=["incremental", "naive"])
def workspace(request: pytest.FixtureRequest) -> Workspace:
    executor: Literal["incremental", "naive"] = request.param
    made = Workspace(executor=executor)
    with made.transaction() as tx:
        tx.set_datasource("nova", SERVERS)
        tx.insert_rows("nova", "servers", [("a", "ACTIVE"), ("b", "ERROR")])
        tx.create_policy("p")
        tx.insert_rules("p", ['error(x) :- nova:servers(id=x, status="ERROR")', "limit(3)"])
    return made


# -- looking around


def test_policies_and_datasources_are_listed_by_name(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.create_policy("actions", "action", "act")
    assert workspace.policies() == [
        PolicyInfo("actions", "action", "act"),
        PolicyInfo("nova", "datasource", "nova"),
        PolicyInfo("p", "nonrecursive", "p"),
    ]


def test_the_abbreviation_is_the_beginning_of_the_name(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.create_policy("classification")
    assert PolicyInfo("classification", "nonrecursive", "class") in workspace.policies()


def test_tables_are_what_the_statements_mention(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["q(x) :- other:r(x), lt(x, 3), builtin:plus(x, 1, y), not s(y)"])
    assert workspace.tables("p") == ["error", "limit", "nova:servers", "other:r", "q", "s"]
    assert workspace.tables("nova") == ["servers"]


def test_only_datasources_have_column_names(workspace: Workspace) -> None:
    assert workspace.columns("nova", "servers") == ("id", "status")
    assert workspace.columns("nova", "flavors") is None
    assert workspace.columns("p", "error") is None


def test_inserting_answers_with_the_canonical_text(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        texts = tx.insert_rules("p", ["q( x ):-limit(x) , ! nova:servers(1 = x).", "r('it')"])
    assert texts == ["q(x) :- limit(x), not nova:servers(1=x)", 'r("it")']


def test_a_rule_is_deleted_by_any_text_that_means_it(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["q(x) :- limit(x), not r(x)"])
    with workspace.transaction() as tx:
        tx.delete_rules("p", ["q(x) :- !r(x), limit(x) // in another order"])
    assert "q" not in workspace.tables("p")


def test_rows_of_a_foreign_table_are_listed_by_its_full_name(workspace: Workspace) -> None:
    assert workspace.rows("p", "nova:servers") == workspace.rows("nova", "servers")


def test_an_answer_is_sorted_numbers_first(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ['v("b")', "v(10)", "v(9.5)", 'v("a")', "v(-1)"])
    assert workspace.query("p", "v(x)") == ("v(-1)", "v(9.5)", "v(10)", 'v("a")', 'v("b")')


# -- refusing


def test_every_error_is_one_of_ours_and_says_what_it_is_about(workspace: Workspace) -> None:
    cases: list[tuple[type[CongressError], str]] = [
        (UnknownPolicy, "nowhere"),
        (UnknownTable, "missing"),
        (RowMissing, "p:limit"),
        (InvalidRow, "p:limit(3) holds"),
    ]
    questions: list[Callable[[], object]] = [
        lambda: workspace.rows("nowhere", "t"),
        lambda: workspace.rows("p", "missing"),
        lambda: workspace.explain("p", "limit", (4,)),
        lambda: workspace.explain_absence("p", "limit", (3,)),
    ]
    for (error, words), question in zip(cases, questions, strict=True):
        with pytest.raises(error) as caught:
            question()
        assert words in str(caught.value)


@pytest.mark.parametrize("name", ["", "a-b", "1st", "a b", "not", "ü", "builtin"])
def test_a_policy_name_must_be_usable_in_rules(workspace: Workspace, name: str) -> None:
    with pytest.raises(InvalidPolicy), workspace.transaction() as tx:
        tx.create_policy(name)


def test_names_are_shared_by_policies_and_datasources(workspace: Workspace) -> None:
    with pytest.raises(PolicyExists), workspace.transaction() as tx:
        tx.create_policy("nova")
    with pytest.raises(PolicyExists), workspace.transaction() as tx:
        tx.set_datasource("p", SERVERS)


def test_a_refused_call_leaves_the_rest_of_its_transaction_alone(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["q(1)"])
        for error, texts in ((RuleExists, ["q(2)", "limit(3)"]), (DatalogError, ["q(3)", "q(x)"])):
            with pytest.raises(error):
                tx.insert_rules("p", texts)
        with pytest.raises(RuleMissing):
            tx.delete_rules("p", ["q(1)", "q(9)"])
        with pytest.raises(InvalidRow):
            tx.insert_rows("nova", "servers", [("c", "ERROR"), ("d",)])
        with pytest.raises(PolicyExists):
            tx.set_datasource("p", SERVERS)
    assert workspace.rows("p", "q") == [(1,)]
    assert workspace.rows("p", "error") == [("b",)]


def test_an_exception_in_the_block_undoes_all_of_it(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), workspace.transaction() as tx:
        tx.create_policy("q")
        tx.insert_rules("q", ["t(1)"])
        tx.insert_rules("p", ["limit(4)"])
        tx.delete_rules("p", ["limit(3)"])
        tx.replace_rows("nova", "servers", [])
        tx.set_datasource("cinder", {"volumes": ("id",)})
        raise ZeroDivisionError
    assert [policy.name for policy in workspace.policies()] == ["nova", "p"]
    assert workspace.rows("p", "limit") == [(3,)]
    assert workspace.rows("p", "error") == [("b",)]
    with workspace.transaction() as tx:
        tx.insert_rows("nova", "servers", [("c", "ERROR")])
    assert workspace.rows("p", "error") == [("b",), ("c",)]


# -- changes


def test_changes_tell_the_net_difference_of_a_transaction(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.delete_rows("nova", "servers", [("b", "ERROR")])
        assert [change.deleted for change in tx.changes()] == [(("b",),)]
        tx.insert_rows("nova", "servers", [("b", "ERROR"), ("c", "ERROR")])
        assert [change.inserted for change in tx.changes()] == [(("c",),)]
    (change,) = tx.changes()
    assert (str(change.table), change.inserted, change.deleted) == ("p:error", (("c",),), ())


def test_changes_of_an_undone_transaction_are_none(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), workspace.transaction() as tx:
        tx.insert_rows("nova", "servers", [("c", "ERROR")])
        raise ZeroDivisionError
    assert tx.changes() == ()


def test_a_tick_tells_what_it_changed(workspace: Workspace) -> None:
    with workspace.transaction() as tx:
        tx.insert_rules("p", ['warning("late") :- now(t), datetime_gt(t, "2026-01-01")'])
    assert workspace.tick("2025-12-31 23:59:59") == ()
    (change,) = workspace.tick("2026-06-01 00:00:00")
    assert (str(change.table), change.inserted) == ("p:warning", (("late",),))


def test_violations_and_actions_are_watched_by_default() -> None:
    made = Workspace()
    with made.transaction() as tx:
        tx.create_policy("p")
        tx.insert_rules("p", ["error(1)", "warning(2)", "execute[nova:pause(3)] :- true", "other(4)"])
    assert {change.table.name for change in tx.changes()} == {"error", "warning", "execute[nova:pause]"}


# -- who may do what at the same time


def test_a_reader_in_another_thread_waits_for_the_end_of_the_transaction(workspace: Workspace) -> None:
    seen: list[object] = []
    with workspace.transaction() as tx:
        tx.insert_rows("nova", "servers", [("c", "ERROR")])
        reader = threading.Thread(target=lambda: seen.append(workspace.rows("p", "error")))
        reader.start()
        reader.join(0.05)
        assert seen == []
        tx.delete_rows("nova", "servers", [("b", "ERROR")])
    reader.join(10)
    assert seen == [[("c",)]]


@pytest.mark.parametrize("columns", [None, ("x",), ("z", "y")])
def test_a_rule_is_deleted_whatever_became_of_the_columns_it_names(columns: tuple[str, ...] | None) -> None:
    workspace, text = Workspace(), "error(x) :- d:t(x=x, y=1)"
    with workspace.transaction() as tx:
        tx.create_policy("p")
        tx.set_datasource("d", {"t": ("x", "y")})
        tx.insert_rules("p", [text])
    with workspace.transaction() as tx:
        if columns is None:
            tx.remove_datasource("d")
        else:
            tx.set_datasource("d", {"t": columns})
    with workspace.transaction() as tx:
        tx.delete_rules("p", [text])
    with pytest.raises(RuleMissing), workspace.transaction() as tx:
        tx.delete_rules("p", [text])
    assert workspace.tables("p") == []


def test_what_a_table_follows_and_does_not_exist_is_told(workspace: Workspace) -> None:
    assert workspace.absent("p", ["error"]) == frozenset()
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["a(x) :- error(x), not keystone:users(x)"])
        tx.insert_rules("p", ['b(x) :- a(x), other:t(x), now(y), gt(y, "2000-01-01")'])
    assert workspace.absent("p", ["b"]) == {"keystone", "other"}
    assert workspace.absent("p", ["a"]) == {"keystone"}
    with workspace.transaction() as tx:
        tx.set_datasource("keystone", {"users": ("id",)})
    assert workspace.absent("p", ["a"]) == frozenset()
