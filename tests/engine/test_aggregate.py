"""Aggregates under insertion and deletion."""

from __future__ import annotations

import pytest

from congress.datalog.core import Aggregate, Var
from congress.datalog.values import Real, Row, Value
from congress.engine.aggregate import Groups

GROUP, CELL = Var("g"), Var("x")


def groups(*functions: str) -> Groups:
    """Groups of `t(g, f(x), …)`."""
    return Groups((GROUP, *[Aggregate(function, CELL) for function in functions]))


def change(made: Groups, *changes: tuple[Row, int]) -> dict[Row, int]:
    """What a change of derivations `(g, x)` does to the head rows."""
    out: dict[Row, int] = {}
    made.update({(group, *[cell] * len(made._at)): times for (group, cell), times in changes}, out)
    return {row: sign for row, sign in out.items() if sign}


def test_the_first_row_makes_a_group_and_the_last_one_ends_it() -> None:
    made = groups("count")
    assert change(made, (("t", 1), 1)) == {("t", 1): 1}
    assert change(made, (("t", 1), -1)) == {("t", 1): -1}
    assert made.rows() == []


def test_count_looks_at_values_and_not_at_derivations() -> None:
    made = groups("count")
    change(made, (("t", "x"), 2))
    assert change(made, (("t", "x"), -1)) == {}
    assert change(made, (("t", "y"), 1)) == {("t", 1): -1, ("t", 2): 1}


def test_sum_adds_a_value_once_for_every_derivation() -> None:
    made = groups("sum")
    assert change(made, (("t", 5), 3)) == {("t", 15): 1}
    assert change(made, (("t", 5), -2)) == {("t", 15): -1, ("t", 5): 1}


def test_groups_change_apart_from_each_other() -> None:
    made = groups("count")
    change(made, (("t", 1), 1), (("u", 1), 1))
    assert change(made, (("u", 2), 1)) == {("u", 1): -1, ("u", 2): 1}


@pytest.mark.parametrize("numbers", [[0.1] * 10, [1e16, 1.0, -1e16], [1e308, 1e308, -1e308], [5e-324, 1.0]])
def test_a_sum_of_reals_is_the_same_in_any_order_and_comes_back(numbers: list[float]) -> None:
    one, other = groups("sum"), groups("sum")
    cells: list[Value] = [Real(number) for number in numbers]
    for cell in cells:
        change(one, (("t", cell), 1))
    for cell in reversed(cells):
        change(other, (("t", cell), 1))
    assert one.rows() == other.rows()
    change(one, (("t", 1), 1))
    for cell in cells:
        change(one, (("t", cell), -1))
    assert one.rows() == [("t", 1)], "an integer again, without the dust of rounding"


def test_min_and_max_fall_back_to_the_next_value() -> None:
    made = groups("min", "max")
    change(made, *[(("t", cell), 1) for cell in (3, 1, 2)])
    assert made.rows() == [("t", 1, 3)]
    change(made, (("t", 1), -1), (("t", 3), -1))
    assert made.rows() == [("t", 2, 2)]
    change(made, (("t", "word"), 1), (("t", Real(1.5)), 1))
    assert made.rows() == [("t", Real(1.5), "word")]


def test_min_of_a_value_that_comes_and_goes_many_times() -> None:
    made = groups("min")
    change(made, (("t", 9), 1))
    for _ in range(100):
        change(made, (("t", 1), 1))
        change(made, (("t", 1), -1))
    assert made.rows() == [("t", 9)]


def test_a_change_taken_back_leaves_the_groups_as_they_were() -> None:
    made = groups("count", "sum", "min", "max")
    change(made, (("t", 1), 2), (("t", 5), 1), (("u", "s"), 1))
    before = sorted(made.rows(), key=repr)
    delta: dict[Row, int] = {("t", 1): -2, ("t", 7): 1, ("v", 3): 1, ("u", "s"): -1}
    change(made, *delta.items())
    change(made, *[(row, -times) for row, times in delta.items()])
    assert sorted(made.rows(), key=repr) == before
