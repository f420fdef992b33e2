"""Helpers that are used with bound arguments only are computed for these arguments only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from congress.engine.workspace import LimitExceeded, Limits, Workspace
from tests.engine.large_group import stored_rows

ROOT = Path(__file__).parents[2]


def test_a_condition_on_pairs_of_20000_users_needs_a_row_for_each_port_only() -> None:
    run = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.engine.large_group"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["first"] == ["p19997", "p19998", "p19999"]
    assert found["joined"] == ["p19998", "p19999"], "a user who joins the group is no longer in error"
    assert found["left"] == ["p19998", "p19999", "p6", "p7"], "a user who leaves it has two ports in error"
    assert sum(found["stored"].values()) <= 3 * 20_000
    assert found["megabytes"] < 500
    assert found["seconds"] < 60
    assert found["update"] < 1


PAIRS = "same(x, y) :- d:member(x, g), d:member(y, g)"


def workspace(*rules: str, members: int = 100) -> Workspace:
    made = Workspace()
    with made.transaction() as tx:
        tx.set_datasource("d", {"member": ("user", "group"), "pair": ("a", "b"), "user": ("id",)})
        tx.insert_rows("d", "member", [(i, "g") for i in range(members)])
        tx.insert_rows("d", "user", [(i,) for i in range(members)])
        tx.create_policy("p")
        tx.insert_rules("p", rules)
    return made


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("error(x) :- d:pair(x, y), same(x, y)", id="positive"),
        pytest.param("error(x) :- d:pair(x, y), not same(x, y)", id="negated"),
        pytest.param("error(x) :- same(x, y), d:pair(x, y)", id="written first"),
        pytest.param("error(x) :- d:pair(x, y), near(x, y)", id="through another helper"),
    ],
)
def test_a_helper_is_computed_for_the_pairs_that_are_asked_for(rule: str) -> None:
    made = workspace(PAIRS, "near(x, y) :- same(x, y), d:user(y)", rule)
    with made.transaction() as tx:
        tx.insert_rows("d", "pair", [(1, 2), (3, 4), (5, 500)])
    assert stored_rows(made).get("part", 0) <= 2 * 3
    wanted = [(5,)] if "not" in rule else [(1,), (3,)]
    assert made.rows("p", "error") == wanted


def test_a_helper_of_which_one_column_is_known_is_computed_for_that_column() -> None:
    made = workspace(PAIRS, "error(y) :- d:pair(x, x), same(x, y)")
    with made.transaction() as tx:
        tx.insert_rows("d", "pair", [(1, 1)])
    assert stored_rows(made)["part"] == 100
    assert len(made.rows("p", "error")) == 100


def test_what_nobody_asks_for_any_more_is_dropped() -> None:
    made = workspace(PAIRS, "error(x) :- d:pair(x, y), same(x, y)")
    with made.transaction() as tx:
        tx.insert_rows("d", "pair", [(1, 2), (3, 4)])
    assert stored_rows(made)["part"] == 2
    with made.transaction() as tx:
        tx.delete_rows("d", "pair", [(1, 2)])
    assert stored_rows(made)["part"] == 1
    assert made.rows("p", "error") == [(3,)]


def test_a_recursion_is_followed_from_what_is_asked_for() -> None:
    made = workspace(
        "reach(x, y) :- d:pair(x, y)",
        "reach(x, z) :- reach(x, y), d:pair(y, z)",
        "error(y) :- d:member(x, 'start'), reach(x, y)",
    )
    with made.transaction() as tx:
        tx.insert_rows("d", "pair", [(i, i + 1) for i in range(200)])
        tx.insert_rows("d", "member", [(195, "start")])
    assert made.rows("p", "error") == [(196,), (197,), (198,), (199,), (200,)]
    assert stored_rows(made)["part"] < 50, "the whole has 20100 rows"


def test_a_table_without_watched_readers_keeps_no_rows() -> None:
    made = workspace(PAIRS)
    assert stored_rows(made) == {}
    assert made.query("p", "same(1, 2)") == ("same(1, 2)",)
    assert stored_rows(made) == {}


def test_a_question_with_bound_arguments_fits_a_budget_that_the_whole_table_exceeds() -> None:
    made = workspace(PAIRS)
    tight = Limits(rows=1000)
    assert made.query("p", "same(1, 2)", limits=tight) == ("same(1, 2)",)
    assert len(made.query("p", "same(1, x)", limits=tight)) == 100
    with pytest.raises(LimitExceeded):
        made.query("p", "same(x, y)", limits=tight)


def test_a_watched_table_is_kept_whole() -> None:
    made = workspace(PAIRS.replace("same", "error"), members=20)
    assert stored_rows(made) == {"full": 400}
