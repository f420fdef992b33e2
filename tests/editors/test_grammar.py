"""The grammar for editors colours every word as the scanner reads it, over all texts of the corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from congress.datalog import DatalogError
from congress.datalog.limits import DEFAULT_LIMITS
from congress.datalog.syntax.ast import Source
from congress.datalog.syntax.scanner import Token, scan
from tests.corpus import load
from tests.editors.textmate import Coloured, coloured

EDITORS = Path(__file__).parents[2] / "editors"
GRAMMAR = json.loads((EDITORS / "congress.tmLanguage.json").read_text())
TEXTS = sorted({text for case in load() for text in case.texts() if len(text) < 5_000})


def scope_of(token: Token) -> tuple[str, ...]:
    """The beginnings of scopes that fit a token."""
    if token.kind == "value":
        return ("constant.numeric",) if not isinstance(token.value, str) else ("string.quoted",)
    return {
        "name": ("entity.name", "variable", "constant.language"),
        "modal": ("keyword.control",),
        "not": ("keyword.operator.negation",),
        ":-": ("keyword.operator.implication",),
    }.get(token.kind, ("punctuation", "keyword.operator"))


def wrong(text: str) -> list[str]:
    """The words that are coloured otherwise than the scanner reads them."""
    scanned = scan(Source("<text>", text), DEFAULT_LIMITS)
    stretches = list(coloured(GRAMMAR, text))

    def scopes(start: int, end: int) -> list[Coloured]:
        return [each for each in stretches if each.start < end and each.end > start]

    found = []
    for token in scanned.tokens[:-2]:
        over = scopes(token.start, token.end)
        covered = (
            over and min(each.start for each in over) <= token.start and max(each.end for each in over) >= token.end
        )
        if not covered or not all(each.scope.startswith(scope_of(token)) for each in over):
            found.append(f"{token.kind} {token.text!r} is {[each.scope for each in over]}")
    for comment in scanned.comments:
        over = scopes(comment.span.start, comment.span.end)
        if not over or not all(each.scope.startswith("comment") for each in over):
            found.append(f"comment {comment.text!r} is {[each.scope for each in over]}")
    return found


def test_every_word_of_the_corpus_is_coloured_as_it_is_read() -> None:
    read = 0
    for text in TEXTS:
        try:
            found = wrong(text)
        except DatalogError:  # what the scanner refuses has no words
            continue
        read += 1
        assert found == [], text
    assert read > 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('nova:servers(id=vm, "x")', {"nova": "entity.name.namespace", "servers": "entity.name.function",
                                      "id": "variable.parameter", "vm": "variable.other", '"x"': "string"}),
        ("execute[nova:servers.pause(x)] :- p", {"execute": "keyword.control", "servers.pause": "entity.name"}),
        ("p+(1) :- true, not q(0x1f, -1.5e3)", {"true": "constant.language", "not": "keyword.operator.negation",
                                                "0x1f": "constant.numeric.int", "1.5e3": "constant.numeric.float"}),
        ("a(x) // not b", {"// not b": "comment.line"}),
        ('p("not // b")', {'"not // b"': "string"}),
        ("/* a\nnot b */ c(x)", {"/*": "comment.block", "c": "entity.name.function"}),
        ('p("""a\n\\"""b""") q(1)', {"q": "entity.name.function", "1": "constant.numeric"}),
        ('p("open\nq(1)', {'"open': "invalid.illegal", "q": "entity.name.function"}),
    ],
)  # fmt: skip
def test_words_have_scopes_that_themes_know(text: str, words: dict[str, str]) -> None:
    found = {text[each.start : each.end]: each.scope for each in coloured(GRAMMAR, text)}
    for word, scope in words.items():
        assert found[word].startswith(scope), found


def test_files_for_editors_are_json_and_name_the_same_files() -> None:
    configuration = json.loads((EDITORS / "language-configuration.json").read_text())
    assert configuration["comments"]["lineComment"] == "//"
    assert GRAMMAR["fileTypes"] == ["congress"]
