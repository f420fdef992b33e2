"""Editors get diagnostics, hover, completion, definitions and layout from a real server process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.languageserver.editor import Editor

SHOP = """\
// Servers of strangers, "quoted" // ünïcödé 😀
error(vm) :-
  nova:servers(id=vm, user_id=owner),
  not member(owner, "shop")

member(u, g) :- staff:member(u, g)
"""
STAFF = 'member("u1", "shop")\nmember("u2", "lab")\n'


@pytest.fixture(scope="module")
def _editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    root = tmp_path_factory.mktemp("project")
    (root / "congress.yaml").write_text("policies: [shop.congress, staff.congress]\n")
    (root / "shop.congress").write_text(SHOP)
    (root / "staff.congress").write_text(STAFF)
    editor = Editor(root)
    try:
        yield editor
        assert editor.close() == 0
    finally:
        editor.kill()


@pytest.fixture
def editor(_editor: Editor) -> Editor:
    """The editor, with the faultless policy before it."""
    assert _editor.open("shop.congress", SHOP) == []
    return _editor


def labels(found: list[dict[str, Any]]) -> list[str]:
    return [each["label"] for each in found]


def test_mistakes_are_told_as_one_types_and_go_when_they_are_mended(editor: Editor) -> None:
    faulty = SHOP.replace("user_id", "usr_id").replace("staff:member", "staff:membr")
    first, second = editor.change("shop.congress", faulty)
    assert (first["code"], first["severity"]) == ("unknown-column", 1)
    assert first["range"] == {"start": {"line": 2, "character": 22}, "end": {"line": 2, "character": 34}}
    assert "did you mean user_id?" in first["message"]
    assert (second["code"], second["severity"]) == ("undefined-table", 2)
    assert editor.change("shop.congress", SHOP) == []


def test_a_text_that_is_half_written_tells_of_the_rest_too(editor: Editor) -> None:
    found = editor.change("shop.congress", SHOP + "\nwarning(x) :- nova:servers(id=x, \n\nlost(x) :- gone(x)\n")
    assert {each["code"] for each in found} >= {"unexpected-token"}
    assert all(each["range"]["start"]["line"] >= 7 for each in found)


def test_places_are_counted_as_editors_count(editor: Editor) -> None:
    (found,) = editor.change("shop.congress", 'p("😀", "a") p("😀") \n')
    assert found["code"] == "arity-mismatch"
    assert found["range"]["start"] == {"line": 0, "character": 13}
    assert found["range"]["end"] == {"line": 0, "character": 20}


def test_columns_are_proposed_among_arguments(editor: Editor) -> None:
    text = SHOP + "\nx(i) :- nova:servers(id=i, us\n"
    editor.change("shop.congress", text)
    (found,) = editor.at("completion", "shop.congress", 7, len("x(i) :- nova:servers(id=i, us"))
    assert found["textEdit"]["newText"] == "user_id="
    assert found["textEdit"]["range"]["start"] == {"line": 7, "character": 27}
    every = labels(editor.at("completion", "shop.congress", 7, len("x(i) :- nova:servers(id=i, ")))
    assert "status" in every and "id" not in every


def test_tables_and_builtins_are_proposed_in_bodies(editor: Editor) -> None:
    editor.change("shop.congress", SHOP + "\nx(i) :- nova:fl\ny(i) :- mem\nz(i) :- gt\n")
    assert labels(editor.at("completion", "shop.congress", 7, 15)) == ["nova:flavors"]
    assert labels(editor.at("completion", "shop.congress", 8, 11)) == ["member"]
    (proposed, *_others) = editor.at("completion", "shop.congress", 9, 10)
    assert (proposed["label"], proposed["detail"]) == ("gt", "gt(x, y)")
    assert "x is larger than y" in proposed["documentation"]["value"]


def test_nothing_is_proposed_in_comments_and_strings(editor: Editor) -> None:
    assert editor.at("completion", "shop.congress", 0, 20) == []
    assert editor.at("completion", "shop.congress", 3, 24) == []


def test_pointing_at_a_name_tells_about_it(editor: Editor) -> None:
    def hover(line: int, character: int) -> str:
        return str(editor.at("hover", "shop.congress", line, character)["contents"]["value"])

    assert "| `user_id` |" in hover(2, 6) and "a table of the datasource nova" in hover(2, 12)
    assert hover(2, 23).startswith("**user_id**")
    assert hover(3, 8) == "**shop:member**: 1 rules, 0 facts\n\n    member(u, g)\n"
    assert "**staff:member**: 0 rules, 2 facts" in hover(5, 20)
    assert editor.at("hover", "shop.congress", 0, 6) is None
    editor.change("shop.congress", "x(a) :- y(a, b), lt(a, b), now(b)\n")
    assert "x is smaller than y" in hover(0, 18)
    assert "The time in UTC" in hover(0, 28)


def test_a_name_leads_to_its_definition_in_another_file(editor: Editor) -> None:
    found = editor.at("definition", "shop.congress", 5, 24)
    assert [each["uri"] for each in found] == [editor.uri("staff.congress")] * 2
    assert [each["range"]["start"]["line"] for each in found] == [0, 1]
    (own,) = editor.at("definition", "shop.congress", 3, 8)
    assert own["range"] == {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 12}}
    assert editor.at("definition", "shop.congress", 2, 6) == []


def test_the_rules_of_a_document_are_listed(editor: Editor) -> None:
    found = editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": editor.uri("shop.congress")}})
    assert [each["name"] for each in found] == ["error(vm)", "member(u, g)"]
    assert found[0]["range"]["end"] == {"line": 3, "character": 27}
    assert found[1]["selectionRange"]["start"] == {"line": 5, "character": 0}


def test_a_document_is_brought_into_the_one_layout(editor: Editor) -> None:
    options = {"textDocument": {"uri": editor.uri("shop.congress")}, "options": {"tabSize": 2, "insertSpaces": True}}
    editor.change("shop.congress", "p(x):-q(x) // why\n")
    (edit,) = editor.ask("textDocument/formatting", options)
    assert edit["newText"] == "p(x) :- q(x)  // why\n"
    editor.change("shop.congress", edit["newText"])
    assert editor.ask("textDocument/formatting", options) == []
    editor.change("shop.congress", "p(x :- q(x)\n")
    assert editor.ask("textDocument/formatting", options) == []


def test_an_open_text_counts_before_the_saved_one(editor: Editor) -> None:
    editor.open("staff.congress", "person(1)\n")
    (found,) = editor.change("shop.congress", SHOP)
    assert found["code"] == "undefined-table"
    editor.change("staff.congress", STAFF)
    assert editor.change("shop.congress", SHOP) == []


def test_a_project_that_cannot_be_read_is_told_in_the_editor(editor: Editor, tmp_path: Path) -> None:
    manifest = editor.root / "congress.yaml"
    before = manifest.read_text()
    try:
        manifest.write_text("policies: [shop.congress, gone.congress]\n")
        (found,) = editor.change("shop.congress", SHOP)
        assert found["code"] == "project" and "gone.congress cannot be read" in found["message"]
    finally:
        manifest.write_text(before)
    assert editor.change("shop.congress", SHOP) == []
