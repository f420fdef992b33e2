"""Rules with more literals than Python can nest loops."""

from __future__ import annotations

import time
from typing import Literal

import pytest

from congress.engine.workspace import Workspace

EXECUTORS: list[Literal["incremental", "naive"]] = ["incremental", "naive"]


def chain(length: int) -> str:
    body = ", ".join(f"d:next(x{i}, x{i + 1})" for i in range(length))
    return f"error(x0, x{length}) :- {body}"


def workspace(executor: Literal["incremental", "naive"], rule: str, links: int) -> Workspace:
    made = Workspace(executor=executor)
    with made.transaction() as tx:
        tx.set_datasource("d", {"next": ("a", "b"), "color": ("id", "color")})
        tx.insert_rows("d", "next", [(i, i + 1) for i in range(links)])
        tx.create_policy("p")
        tx.insert_rules("p", [rule])
    return made


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("length", [11, 12, 13, 20, 21, 26, 40])
def test_a_chain_of_many_joins(executor: Literal["incremental", "naive"], length: int) -> None:
    made = workspace(executor, chain(length), length + 1)
    assert made.rows("p", "error") == [(0, length), (1, length + 1)]
    with made.transaction() as tx:
        tx.delete_rows("d", "next", [(0, 1)])
        tx.insert_rows("d", "next", [(length + 1, length + 2)])
    (change,) = tx.changes()
    assert (change.inserted, change.deleted) == (((2, length + 2),), ((0, length),))


@pytest.mark.parametrize("executor", EXECUTORS)
def test_conditions_between_many_joins(executor: Literal["incremental", "naive"]) -> None:
    body = ", ".join(f"d:next(x{i}, x{i + 1}), not d:color(x{i}, 'red'), lt(x{i}, x{i + 1})" for i in range(15))
    made = workspace(executor, f"error(x0) :- {body}", 16)
    assert made.rows("p", "error") == [(0,), (1,)]
    with made.transaction() as tx:
        tx.insert_rows("d", "color", [(0, "red")])
    assert made.rows("p", "error") == [(1,)]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_recursion_with_many_joins(executor: Literal["incremental", "naive"]) -> None:
    body = ", ".join(f"d:next(x{i}, x{i + 1})" for i in range(14))
    made = workspace(executor, f"error(x14) :- error(x0), {body}", 30)
    with made.transaction() as tx:
        tx.insert_rules("p", ["error(0)"])
    assert made.rows("p", "error") == [(0,), (14,), (28,)]
    with made.transaction() as tx:
        tx.delete_rows("d", "next", [(20, 21)])
    assert made.rows("p", "error") == [(0,), (14,)]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_question_with_many_joins(executor: Literal["incremental", "naive"]) -> None:
    made = workspace(executor, "error(1)", 25)
    body = ", ".join(f"d:next(x{i}, x{i + 1})" for i in range(24))
    assert len(made.query("p", body)) == 2
    assert made.query("p", f"{body}, equal(x0, 1)")[0].startswith("d:next(1, 2)")


def test_a_rule_of_a_hundred_literals_is_ready_in_seconds() -> None:
    began = time.monotonic()
    made = workspace("incremental", chain(100), 101)
    assert made.rows("p", "error") == [(0, 100), (1, 101)]
    assert time.monotonic() - began < 20


def table_chain(length: int, *, watched: bool) -> Workspace:
    made = Workspace(watch=lambda table: watched and table.name == f"t{length}")
    with made.transaction() as tx:
        tx.set_datasource("d", {"base": ("a", "b")})
        tx.insert_rows("d", "base", [(1, 1), (2, 3)])
        tx.create_policy("p")
        tx.insert_rules("p", ["t0(x, y) :- d:base(x, y)"])
        tx.insert_rules("p", [f"t{i + 1}(x, y) :- t{i}(x, y)" for i in range(length)])
    return made


@pytest.mark.parametrize("watched", [True, False])
def test_a_chain_of_a_thousand_tables(watched: bool) -> None:
    began = time.monotonic()
    made = table_chain(1_000, watched=watched)
    assert made.rows("p", "t1000") == [(1, 1), (2, 3)]
    assert made.query("p", "t1000(2, y)") == ("t1000(2, 3)",)
    assert made.explain_absence("p", "t1000", (1, 2)).failures
    assert "the trace is cut" in made.traced_rows("p", "t1000")[1]
    assert time.monotonic() - began < 30


def test_the_explanation_of_a_long_chain_is_cut() -> None:
    made = table_chain(200, watched=True)
    lines = made.explain("p", "t200", (1, 1)).to_text().splitlines()
    assert lines[1].strip().startswith("p:t199(1, 1)")
    assert lines[-1].strip() == "p:t100(1, 1)  (not spelled out further)"
