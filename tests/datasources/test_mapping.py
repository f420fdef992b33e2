"""Tables of JSON documents by JSONPath, as a datasource's options describe them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.datalog.values import Real, Value
from congress.datasources.contract import DriverError
from congress.datasources.mapping import TYPES, MappedTable, TablesOption, cell, rows_by_table
from congress.datasources.options import OptionInvalid

TABLES = TablesOption("tables", MappedTable, "the tables")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=20,
)


def rows(tables: dict[str, Any], document: Any, root: str = "t") -> dict[str, set[tuple[Value, ...]]]:
    read = TABLES.of({"tables": json.dumps(tables)})
    return {name: set(found) for name, found in rows_by_table(read, root, document).items()}


def test_a_list_of_objects_becomes_rows() -> None:
    document = {"servers": [{"id": "1", "flavor": {"disk": 7}}, {"id": "2"}]}
    table = {"rows": "$.servers[*]", "columns": {"id": "id", "disk": "flavor.disk"}}
    assert rows({"t": table}, document) == {"t": {("1", 7), ("2", "None")}}


def test_a_table_of_another_has_rows_for_parts_of_its_elements() -> None:
    tables = {
        "t": {"columns": {"id": "id"}},
        "tags": {"of": "t", "rows": "tags[*]", "columns": {"id": "../id", "tag": "$", "place": "@key"}},
        "nets": {"of": "t", "rows": "nets.*", "columns": {"id": "../id", "net": "@key"}},
        "ips": {"of": "nets", "rows": "$[*]", "columns": {"ip": "ip"}},
    }
    document = [{"id": 1, "tags": ["a", "b"], "nets": {"lan": [{"ip": "::1"}], "wan": []}}, {"id": 2}]
    assert rows(tables, document) == {
        "t": {(1,), (2,)},
        "tags": {(1, "a", 0), (1, "b", 1)},
        "nets": {(1, "lan"), (1, "wan")},
        "ips": {("::1",)},
    }


def test_paths_filter_and_collect() -> None:
    table = {"rows": "$.a[?(@.n > 1)]", "columns": {"n": "n", "all": "list[*].x", "whole": "list"}}
    document = {"a": [{"n": 1}, {"n": 2, "list": [{"x": 1}, {"x": "y"}]}]}
    assert rows({"t": table}, document) == {"t": {(2, '[1, "y"]', '[{"x": 1}, {"x": "y"}]')}}


def test_text_is_read_as_what_the_column_is() -> None:
    assert cell("7", "Int") == 7
    assert cell("7.5", "Float") == Real(7.5)
    assert cell(7, "Float") == Real(7.0)
    assert cell("yes", "Bool") == "True"
    assert cell(7, "Str") == "7"
    assert cell("seven", "Int") == "seven"
    assert [cell(None, kind) for kind in TYPES] == ["None"] * len(TYPES)


def test_a_path_that_does_not_fit_the_document_says_so() -> None:
    with pytest.raises(DriverError, match=r"^the path '\$\.a\[\\n\]' does not fit the document: '<' not supported"):
        rows({"t": {"rows": "$.a[\\n]", "columns": {"n": "n"}}}, {"a": [{"n": {}}, {"n": 1}]})


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"t": {}}, "t.columns: Field required"),
        ({"t": {"columns": {}}}, "t.columns: .* at least 1 item"),
        ({"t": {"columns": {"a b": "x"}}}, "t.columns: 'a b' is no name that rules can use"),
        ({"a b": {"columns": {"a": "x"}}}, "'a b' is no name of a table"),
        ({"t": {"columns": {"a": "$["}}}, r"t.columns.a.path: '\$\[' is no JSONPath: "),
        ({"t": {"rows": "", "columns": {"a": "x"}}}, "t.rows: '' is no JSONPath"),
        ({"t": {"columns": {"a": {"path": "x", "type": "Date"}}}}, "t.columns.a.type: there is no type Date; use one"),
        ({"t": {"columns": {"a": "x"}, "row": "$"}}, "t.row: Extra inputs are not permitted"),
        ({"t": {"columns": {"a": "../x"}}}, r"t.columns.a begins with \.\./, and the table is not `of` another one"),
        ({"t": {"of": "u", "columns": {"a": "x"}}}, "t.of names u, which is no other table"),
        (
            {"t": {"of": "u", "columns": {"a": "x"}}, "u": {"of": "t", "columns": {"a": "x"}}},
            "t is a table of itself",
        ),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(tables: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionInvalid, match=f"^config option tables: {said}"):
        TABLES.of({"tables": json.dumps(tables)})


@given(document=ANYTHING)
def test_any_document_becomes_rows_of_the_declared_width(document: Any) -> None:
    tables = {
        "t": {"rows": "$..*", "columns": {"a": "a.b", "b": "$..c", "c": {"path": "a", "type": "Int"}}},
        "u": {"of": "t", "rows": "$[*]", "columns": {"a": "../b", "key": "@key"}},
    }
    found = rows(tables, document)
    assert {len(row) for row in found["t"]} <= {3} and {len(row) for row in found["u"]} <= {2}
    assert all(isinstance(one, str | int | Real) for row in found["t"] | found["u"] for one in row)
