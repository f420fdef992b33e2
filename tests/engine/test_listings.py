"""Tables are listed in one order, whether it is made or kept, and the memory for it is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from congress.datalog.values import Row, row, row_sort_key
from congress.engine.listings import Listings, rearranged
from congress.engine.workspace import Workspace

cells = st.one_of(st.integers(0, 9), st.sampled_from(["a", "B", "10", "é"]), st.sampled_from([1.0, 2.5]))
tables = st.sets(st.lists(cells, min_size=1, max_size=2).map(row), max_size=40)


@given(tables, tables, st.integers(0, 3))
def test_an_order_is_carried_over_to_the_rows_of_now(before: set[Row], after: set[Row], most_new: int) -> None:
    few = [each for each in after if each in before] + [each for each in after if each not in before][:most_new]
    for found in (list(after), few):
        assert rearranged(sorted(before, key=row_sort_key), found) == sorted(found, key=row_sort_key)


def workspace() -> Workspace:
    made = Workspace()
    with made.transaction() as change:
        change.set_datasource("d", {"t": ("id", "n")})
        change.create_policy("p")
        change.insert_rules("p", ["error(x) :- d:t(x, 1)", "computed(x, y) :- d:t(x, y), small(y)", "small(1)"])
        change.insert_rows("d", "t", [("a", 1), ("b", 2)])
    return made


def test_a_list_that_somebody_changes_is_their_own() -> None:
    made = workspace()
    made.rows("d", "t").clear()
    assert made.rows("d", "t") == [("a", 1), ("b", 2)]


def test_a_table_that_is_computed_follows_rows_rules_and_facts() -> None:
    made = workspace()
    assert made.rows("p", "computed") == [("a", 1)]
    with made.transaction() as change:
        change.insert_rows("d", "t", [("c", 1)])
    assert made.rows("p", "computed") == [("a", 1), ("c", 1)]
    with made.transaction() as change:
        change.insert_rules("p", ["small(2)"])
    assert made.rows("p", "computed") == [("a", 1), ("b", 2), ("c", 1)]
    with made.transaction() as change:
        change.delete_rules("p", ["computed(x, y) :- d:t(x, y), small(y)"])
        change.insert_rules("p", ["computed(x, x) :- d:t(x, y)"])
    assert made.rows("p", "computed") == [("a", "a"), ("b", "b"), ("c", "c")]


def test_a_transaction_that_is_undone_leaves_the_lists_as_they_were() -> None:
    made = workspace()
    before = {table: made.rows("p", table) for table in ("error", "computed")}
    for kept in ({}, before):
        change = made.transaction()
        with change:
            change.insert_rows("d", "t", [("z", 1)])
            change.changes()
            if kept:  # they are also listed while they are different
                assert made.rows("p", "error") == [("a",), ("z",)]
                assert made.rows("p", "computed") == [("a", 1), ("z", 1)]
            change.delete_rows("d", "t", [("z", 1)])
        assert {table: made.rows("p", table) for table in before} == before


def test_only_so_many_rows_are_kept_in_order_beside_the_last_table() -> None:
    listings = Listings(most_rows=5)
    for name in "abc":
        listings.arrange(name, 1, [(number,) for number in range(3)])
    assert listings.rows("a", 1) is None
    assert listings.rows("b", 1) is None
    assert listings.rows("c", 1) == [(0,), (1,), (2,)]
    listings.arrange("large", 1, [(number,) for number in range(9)])
    assert listings.rows("large", 1) is not None
    assert listings.rows("c", 1) is None


def test_the_order_of_another_state_is_not_told() -> None:
    listings = Listings()
    listings.arrange("a", 1, [(2,), (1,)])
    assert listings.rows("a", 2) is None
    assert listings.arrange("a", 2, [(3,), (1,)]) == [(1,), (3,)]


def test_a_table_is_listed_whatever_its_rules_look_like() -> None:
    made = workspace()
    with made.transaction() as change:
        change.insert_rules(
            "p",
            [
                "same(x, x) :- d:t(x, y)",
                "both(x) :- d:t(x, 1)",
                "both(x) :- d:t(x, 2)",
                "next(x, y) :- d:t(x, y)",
                "next(x, z) :- next(x, y), follows(y, z)",
                "follows(1, 2)",
                "follows(2, 3)",
                "most(max(y)) :- d:t(x, y)",
                "none(x) :- d:t(x, 3)",
            ],
        )
    assert made.rows("p", "same") == [("a", "a"), ("b", "b")]
    assert made.rows("p", "both") == [("a",), ("b",)]
    assert made.rows("p", "next") == [("a", 1), ("a", 2), ("a", 3), ("b", 2), ("b", 3)]
    assert made.rows("p", "most") == [(2,)]
    assert made.rows("p", "none") == []
    assert made.query("p", "same(x, x)") and made.query("p", "next(y, x)")


def test_a_row_that_is_derived_as_it_was_is_not_made_again() -> None:
    made = workspace()
    with made.transaction() as change:
        change.insert_rules("p", ["copy(x, y) :- d:t(x, y), not small(y)", "turned(y, x) :- d:t(x, y)"])
    assert made.rows("p", "copy") == [("b", 2)]
    assert made.rows("p", "copy")[0] is made.rows("d", "t")[1]
    assert made.rows("p", "turned") == [(1, "a"), (2, "b")]
