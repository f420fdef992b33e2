"""Parsing goes on behind a mistake, and tells each one at its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from congress.datalog import DatalogError, parse, parse_around
from congress.datalog.syntax.ast import Source


def around(text: str) -> tuple[list[str], list[tuple[str, int]]]:
    program, problems = parse_around(Source("p.congress", text))
    return (
        [text[statement.span.start : statement.span.end] for statement in program.statements],
        [(each.code, each.span.line if each.span else 0) for each in problems],
    )


def test_the_statements_around_a_mistake_are_read() -> None:
    text = "a(x) :- b(x)\nerror(x :- b(x)\n  c(x)\nd(1)\n"
    assert around(text) == (["a(x) :- b(x)", "d(1)"], [("unexpected-token", 2)])


def test_each_of_several_mistakes_is_told() -> None:
    text = "p(x) :- q(x) <\na(1)\nr(x) :- 's\nb(1)\nt(x) :-\n"
    statements, problems = around(text)
    assert statements == ["a(1)", "b(1)"]
    assert sorted(line for _code, line in problems) == [1, 3, 6]


def test_a_comma_too_many_is_told_once() -> None:
    statements, problems = around("a(x) :- b(x),\nc(x) :- d(x)\n\ne(1)\n")
    assert statements == ["e(1)"] and len(problems) == 1


def test_a_text_without_mistakes_is_as_parse_reads_it() -> None:
    text = "// why\na(x) :- b(x)\n"
    assert parse_around(Source("<text>", text)) == (parse(text), ())


@given(st.text(alphabet="ab(x),:-\"'.\n /*<1_", max_size=120))
def test_any_text_ends_in_statements_or_problems(text: str) -> None:
    program, problems = parse_around(Source("<text>", text))
    try:
        assert program == parse(text) and not problems
    except DatalogError as error:
        assert problems[0] == error.diagnostics[0]
