"""Evaluations are stopped by their limits, and leave nothing behind."""

from __future__ import annotations

import time

import pytest

from congress.engine.workspace import LimitExceeded, Limits, Workspace

MANY = 3_000
PRODUCT = "product(x, y) :- d:n(x), d:n(y)"


def workspace(limits: Limits | None = None, rows: int = MANY) -> Workspace:
    made = Workspace(limits=limits)
    with made.transaction() as tx:
        tx.set_datasource("d", {"n": ("a",), "e": ("a", "b")})
        tx.insert_rows("d", "n", [(i,) for i in range(rows)])
        tx.create_policy("p")
    return made


def test_a_question_is_stopped_at_its_number_of_rows() -> None:
    made = workspace()
    with pytest.raises(LimitExceeded) as caught:
        made.query("p", "d:n(x), d:n(y)", limits=Limits(rows=10_000))
    assert caught.value.limit == "rows"
    assert "10000 rows" in str(caught.value)
    assert made.query("p", "d:n(7)") == ("d:n(7)",)


def test_a_question_is_stopped_at_its_time() -> None:
    made = workspace()
    began = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        made.query("p", "d:n(x), d:n(y), plus(x, y, -1)", limits=Limits(seconds=0.2))
    assert caught.value.limit == "seconds"
    assert time.monotonic() - began < 20


def test_time_is_also_looked_at_where_no_row_is_found() -> None:
    made = workspace()
    with pytest.raises(LimitExceeded):
        made.query("p", "d:n(x), d:n(y), d:n(z), not d:n(z)", limits=Limits(seconds=0.2))


def test_a_recursion_is_stopped_too() -> None:
    made = workspace(rows=0)
    with made.transaction() as tx:
        tx.insert_rows("d", "e", [(i, (i + 1) % 500) for i in range(500)])
        tx.insert_rules("p", ["r(x, y) :- d:e(x, y)", "r(x, z) :- r(x, y), d:e(y, z)"])
    with pytest.raises(LimitExceeded):
        made.rows("p", "r", limits=Limits(rows=1_000))
    assert len(made.query("p", "r(3, y)", limits=Limits(rows=20_000))) == 500


def test_a_question_after_a_stopped_one_is_answered_whole() -> None:
    made = workspace(rows=200)
    with made.transaction() as tx:
        tx.insert_rules("p", [PRODUCT, "found(y) :- product(3, y), lt(y, 5)"])
    for more in range(2):
        with made.transaction() as tx:
            tx.insert_rules("p", [f"product(0, {1000 + more})"])
        with pytest.raises(LimitExceeded):
            made.rows("p", "product", limits=Limits(rows=1_000))
        assert len(made.rows("p", "product", limits=Limits(rows=100_000))) == 40_001 + more
    assert made.rows("p", "found") == [(0,), (1,), (2,), (3,), (4,)]


def test_a_rule_that_would_exceed_the_limits_is_not_inserted() -> None:
    made = workspace(Limits(rows=50_000))
    with pytest.raises(LimitExceeded), made.transaction() as tx:
        tx.insert_rules("p", ["error(x, y) :- d:n(x), d:n(y)"])
    assert made.tables("p") == []
    with made.transaction() as tx:
        tx.insert_rules("p", ["error(x, x) :- d:n(x)"])
    assert len(made.rows("p", "error")) == MANY


def test_rows_that_would_exceed_the_limits_are_not_inserted() -> None:
    made = workspace(Limits(rows=50_000), rows=100)
    with made.transaction() as tx:
        tx.insert_rules("p", ["error(x, y) :- d:n(x), d:n(y)"])
    with pytest.raises(LimitExceeded), made.transaction() as tx:
        tx.insert_rows("d", "n", [(i,) for i in range(MANY)])
    assert len(made.rows("d", "n")) == 100
    assert len(made.rows("p", "error")) == 100 * 100
    with made.transaction() as tx:
        tx.insert_rows("d", "n", [(-1,)])
    assert len(made.rows("p", "error")) == 101 * 101


def test_a_refused_rule_does_not_harm_the_rest_of_its_transaction() -> None:
    made = workspace(Limits(rows=50_000))
    with made.transaction() as tx:
        tx.insert_rules("p", ["kept(1)"])
        with pytest.raises(LimitExceeded):
            tx.insert_rules("p", ["error(x, y) :- d:n(x), d:n(y)"])
        tx.insert_rules("p", ["kept(2)"])
    assert made.rows("p", "kept") == [(1,), (2,)]
    assert made.tables("p") == ["kept"]


def test_a_simulation_that_exceeds_the_limits_leaves_nothing() -> None:
    made = workspace(Limits(rows=50_000))
    with pytest.raises(LimitExceeded):
        made.simulate("p", "error(x, y)", "error+(x, y) :- d:n(x), d:n(y)", "p")
    assert made.tables("p") == []
    assert made.query("p", "error(x, y)") == ()
