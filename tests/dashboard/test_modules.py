"""The parts of the page that compute something, asked one by one in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from congress import datalog
from congress.datalog.syntax import ast


@pytest.fixture
def module(dashboard: str, open_page: Callable[..., Page]) -> Iterator[Callable[[str, str], Any]]:
    """Evaluates an expression over the exports `m` of a module."""
    page = open_page(f"{dashboard}#/library")
    yield lambda name, expression: page.evaluate(f"import('{dashboard}/{name}').then((m) => {expression})")


def test_a_stream_is_cut_into_events_wherever_its_pieces_end(module: Callable[[str, str], Any]) -> None:
    text = (
        'retry: 2000\nid: 20\nevent: begin\ndata: {"latest": "20"}\n\n: alive\n\n'
        "id: 21\r\nevent: change\r\ndata: {}\r\n\r\nid: 2"
    )
    whole, rest = module("live.js", f"m.parse({text!r})")
    assert whole == [
        {"name": "begin", "id": "20", "data": '{"latest": "20"}'},
        {"name": "change", "id": "21", "data": "{}"},
    ]
    assert rest == "id: 2"


def test_the_curve_goes_back_from_now(module: Callable[[str, str], Any]) -> None:
    changes = [
        {"at": "1970-01-01T00:00:09Z", "change": "left"},
        {"at": "1970-01-01T00:00:05Z", "change": "entered"},
        {"at": "1970-01-01T00:00:01Z", "change": "entered"},
    ]
    assert module("violations.js", f"m.curve(3, {changes!r}, 4000, false, 10000)") == [
        [4000, 3], [5000, 3], [5000, 4], [9000, 4], [9000, 3], [10000, 3],
    ]  # fmt: skip
    assert module("violations.js", f"m.curve(3, {changes!r}, 0, true, 10000)")[0] == [1000, 2]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("error(x) :- nova:servers(", ["nova", "servers"]),
        ("error(x) :- nova:servers(id=x, ", ["nova", "servers"]),
        ("error(x) :- p(x), q(f(1), ", [None, "q"]),
        ("error(x) :- p(x), ", None),
        ("execute[nova:servers.pause(", ["nova", "servers.pause"]),
    ],
)
def test_completion_knows_the_table_around_the_cursor(
    module: Callable[[str, str], Any], text: str, table: list[str | None] | None
) -> None:
    found = module("completion.js", f"m.surrounding({text!r})")
    assert (found and [found[0], found[1]]) == table


def test_places_are_those_of_the_browser_behind_characters_outside_the_plane(module: Callable[[str, str], Any]) -> None:
    assert module("editor.js", "[0, 1, 2, 3].map(m.offsets('a😀b'))") == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", " 3.5 ", 3.5),
        ("string", "a b", "a b"),
        ("boolean", "true", True),
        ("list of strings", "a\n\n b ", ["a", "b"]),
        ("list of numbers", "1\n2", [1, 2]),
        ("string", " ", None),
    ],
)
def test_parameters_are_read_by_their_type(module: Callable[[str, str], Any], kind: str, text: str, value: Any) -> None:
    assert module("library.js", f"m.typed({{name: 'x', type: '{kind}'}}, {text!r})") == value


def test_a_row_is_written_so_that_the_language_reads_it_again(module: Callable[[str, str], Any]) -> None:
    row = ["plain", 'quo"te', "back\\slash", "two\nlines", "ü'", 3]
    (written,) = datalog.parse(module("preview.js", f"m.literal('p', {json.dumps(row)})")).statements
    assert isinstance(written, ast.Fact)
    assert [term.value for term in written.atom.args if isinstance(term, ast.Constant)] == row


def test_columns_are_called_as_the_head_calls_them(module: Callable[[str, str], Any]) -> None:
    assert module("syntax.js", "m.headVariables('error(vm, net) :- p(vm, net)', 'error')") == ["vm", "net"]
    assert module("syntax.js", "m.headVariables('error(\"a\") :- p(x)', 'error')") is None


def test_the_words_of_a_rule_are_all_of_its_text(module: Callable[[str, str], Any]) -> None:
    rule = 'error(x) :- nova:servers(id=x, n=0x1F), not e("a\\"b", 3.5e2) // why'
    words = module("syntax.js", f"m.words({rule!r})")
    assert "".join(text for _kind, text in words) == rule
    assert ["word", "nova:servers"] in words
    assert ["keyword", "not"] in words
    assert ["comment", "// why"] in words
