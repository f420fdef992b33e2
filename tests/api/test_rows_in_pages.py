"""Whatever is asked of a table that changes, each page is what one finds by looking through all its rows of then."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import falcon
from falcon import testing
from hypothesis import given
from hypothesis import strategies as st

from congress.api import paging
from congress.datalog.values import Row, row, row_sort_key
from congress.engine.workspace import Workspace

texts = st.sampled_from(["", "a", "A", "10", "Straße", "ΑΣ", "b\0a", "é"])
rows = st.tuples(st.one_of(texts, st.integers(0, 20)), st.one_of(texts, st.integers(0, 2), st.just(1.0))).map(row)
changes = st.tuples(st.lists(rows, max_size=8), st.lists(rows, max_size=4))
questions = st.fixed_dictionaries(
    {"limit": st.integers(1, 4)},
    optional={"text": st.sampled_from(["a", "1", "ß", "σ", "ς", "\0", "b\0", "\0a", "none"]),
              "column.1": st.sampled_from(["1", "2", "a", "1.0"])},
)  # fmt: skip


def page(workspace: Workspace, table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the API answers."""
    request = falcon.Request(testing.create_environ(query_string=urlencode(asked)))
    response = falcon.Response()
    paging.rows(request, response, workspace.rows("p", table), lambda: None)
    found = json.loads(response.text or "")
    assert isinstance(found, dict)
    return found


def naive(there: set[Row], asked: dict[str, Any]) -> dict[str, Any]:
    """The same, by looking at each row."""
    found = sorted(there, key=row_sort_key)
    if "text" in asked:
        found = [each for each in found if any(asked["text"].lower() in str(cell).lower() for cell in each)]
    if "column.1" in asked:
        wanted = [asked["column.1"]] if asked["column.1"] == "a" else [asked["column.1"], json.loads(asked["column.1"])]
        found = [each for each in found if each[1] in row(wanted)]
    answer: dict[str, Any] = {"total": len(found)}
    if "marker" in asked:
        found = [each for each in found if row_sort_key(each) > row_sort_key(row(json.loads(asked["marker"])))]
    answer["results"] = [{"data": json.loads(json.dumps(each))} for each in found[: asked["limit"]]]
    if len(found) > asked["limit"]:
        answer["next_marker"] = json.dumps(found[asked["limit"] - 1], separators=(",", ":"))
    return answer


@given(st.lists(rows, max_size=20), st.lists(changes, max_size=6), questions)
def test_pages_of_a_table_that_changes(first: list[Row], changed: list[Any], asked: dict[str, Any]) -> None:
    workspace, there = Workspace(), set(first)
    with workspace.transaction() as change:
        change.set_datasource("d", {"t": ("x", "y")})
        change.create_policy("p")
        change.insert_rules("p", ["error(x, y) :- d:t(x, y)", "computed(x, y) :- d:t(x, y), known(1)", "known(1)"])
        change.insert_rows("d", "t", there)
    for coming, going in [*changed, ((), ())]:
        answer = naive(there, asked)
        for table in ("error", "computed", "d:t"):
            assert page(workspace, table, asked) == answer, table
        asked = {**asked, "marker": answer["next_marker"]} if "next_marker" in answer else asked
        with workspace.transaction() as change:
            change.insert_rows("d", "t", coming)
            change.delete_rows("d", "t", going)
        there = (there | set(coming)) - set(going)
