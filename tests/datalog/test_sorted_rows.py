"""Rows are listed in one order, whichever way it is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from congress.datalog.values import row, row_sort_key, sorted_rows

cells = st.one_of(st.integers(-3, 3), st.sampled_from(["", "a", "B", "10", "9", "é"]), st.floats(-2, 2))
rows = st.one_of(
    st.lists(st.tuples(st.text(max_size=3), st.integers())),
    st.lists(st.tuples(st.integers(), st.text(max_size=3), st.text(max_size=1))),
    st.lists(st.lists(cells, max_size=3)),
    st.lists(st.tuples(cells)),
)


@given(rows)
def test_the_quick_way_finds_the_same_order(found: list[list[object]]) -> None:
    given_rows = {row(each) for each in found}
    assert sorted_rows(given_rows) == sorted(given_rows, key=row_sort_key)
