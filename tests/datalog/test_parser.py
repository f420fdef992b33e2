"""What the parser makes of the forms that existing policies use."""

from __future__ import annotations

import pytest

from congress import datalog
from congress.datalog.syntax.ast import (
    AggregateCall,
    Atom,
    Column,
    Constant,
    Fact,
    Literal,
    Rule,
    Span,
    Statement,
    Variable,
)
from congress.datalog.values import Real, Value


def parse(text: str) -> list[Statement]:
    return list(datalog.parse(text).statements)


def printed(text: str) -> list[str]:
    return [datalog.print_statement(statement) for statement in parse(text)]


def test_an_empty_text_has_no_statements() -> None:
    assert parse("") == parse(" \n\t") == []


def test_statements_end_with_a_semicolon_a_dot_or_nothing() -> None:
    assert printed("p(1);q(2).") == ["p(1)", "q(2)"]
    assert printed("p(1). q(2)") == ["p(1)", "q(2)"]
    assert printed("p(x) :- q(x) r(1)") == ["p(x) :- q(x)", "r(1)"]
    assert printed("p(x) :- q(x) ; r(1)") == ["p(x) :- q(x)", "r(1)"]
    assert printed("p :- q.\nr :- s.") == ["p() :- q()", "r() :- s()"]


def test_a_dot_before_a_name_belongs_to_the_name() -> None:
    assert printed("p(1).q(2)") == ["p(1)", ".q(2)"]
    assert printed("a.b(1)") == ["a.b(1)"]


def test_parentheses_of_a_table_without_columns_are_optional() -> None:
    assert parse("p") == parse("p()") == [Fact(Atom("p"))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("00", 0),
        ("-1", -1),
        ("- 1", -1),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b11", 3),
        ("1.5", Real(1.5)),
        ("-1.5", Real(-1.5)),
        ("1e3", Real(1000.0)),
        ("1E-3", Real(0.001)),
        (".5", Real(0.5)),
        ("5.", Real(5.0)),
        ("-0.0", Real(0.0)),
        ('"a"', "a"),
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        (r'"a\"b"', r"a\"b"),
        (r'"a\nb"', r"a\nb"),
        ('"""a "b" c"""', 'a "b" c'),
        ("'''two\nlines'''", "two\nlines"),
        ('""', ""),
        ('r"a"', "a"),
        ("u'a'", "a"),
        ('ur"a"', "a"),
        (r'e"a\"b\\c\n\t\r\'"', "a\"b\\c\n\t\r'"),
        (r'e"\u00e9\U0001F600"', "\u00e9\U0001f600"),
        ('"größe // no comment"', "größe // no comment"),
    ],
)
def test_constants(text: str, value: Value) -> None:
    assert parse(f"p({text})") == [Fact(Atom("p", (Constant(value),)))]


@pytest.mark.parametrize("name", ["x", "_", "True", "False", "None", "null", "x.y", "count", "r", "e", "ur"])
def test_variables(name: str) -> None:
    assert parse(f"p({name})") == [Fact(Atom("p", (Variable(name),)))]


def test_a_rule_with_everything() -> None:
    assert parse("execute[nova:servers.pause(id)] :- nova:servers(id, name=n, 3='x'), not p:a:b(n), q+(1)") == [
        Rule(
            (Atom("servers.pause", (Variable("id"),), "nova", modal="execute"),),
            (
                Literal(
                    Atom(
                        "servers",
                        (Variable("id"), Column("name", Variable("n")), Column(3, Constant("x"))),
                        "nova",
                    )
                ),
                Literal(Atom("a:b", (Variable("n"),), "p"), negated=True),
                Literal(Atom("q", (Constant(1),), sign="+")),
            ),
        )
    ]


def test_aggregates_and_several_heads() -> None:
    assert parse("p(t, count(v)), q-(1) :- r(t, v)") == [
        Rule(
            (Atom("p", (Variable("t"), AggregateCall("count", Variable("v")))), Atom("q", (Constant(1),), sign="-")),
            (Literal(Atom("r", (Variable("t"), Variable("v")))),),
        )
    ]


def test_update_signs_do_not_swallow_what_follows() -> None:
    assert printed("p-(1) q+ r") == ["p-(1)", "q+()", "r()"]
    assert printed("p+(-1)") == ["p+(-1)"]


def test_space_may_stand_between_any_words() -> None:
    text = "p ( x ) :- \n nova : servers ( id = x ) , not\tq\n( x )"
    assert printed(text) == ["p(x) :- nova:servers(id=x), not q(x)"]


@pytest.mark.parametrize("comment", ["// c", "# c", "/* c */", "/* a\n b */", "// c\r", "#", "/**/"])
def test_comments_may_stand_anywhere_and_at_the_end(comment: str) -> None:
    assert printed(f"p(1) {comment}") == ["p(1)"]
    assert printed(f"{comment}\np( {comment}\n1)") == ["p(1)"]
    assert len(datalog.parse(f"p(1) {comment}").comments) == 1


def test_spans_say_where_things_stand() -> None:
    (statement,) = parse("\n p(x) :-\n   not q(x, 'a')")
    assert isinstance(statement, Rule)
    assert statement.span == Span(2, 26, 2, 2)
    assert statement.body[0].span == Span(13, 26, 3, 4)
    assert statement.body[0].atom.args[1].span == Span(22, 25, 3, 13)


@pytest.mark.parametrize(
    "text",
    [
        *["p(", "p)", "p(1", "p(1,)", "p(,1)", "p(1 2)", ":- p", "p :-", "p :- q,", "p,q", "not p", "p :- not not q"],
        *["nova:", ":p", "p:", "p(x=)", "p(=x)", "p(x=y=z)", "p(1=)", "p(1.5=x)", "p([1])", "p(f(x, y))", "p(f())"],
        *["execute", "execute[", "execute[p", "execute p", "execute[p], ", "execute[execute[p]]", "execute[not p]"],
        *["insert[p :- q]", "insert(1)", "not", "!", "p(not)", "p(- x)", "p(-'a')", "p(--1)", "p(+1)", 'p("a" "b")'],
        *["1", '"a"', "p(1L)", "p(007)", "p(0x)", "p(1e)", "p(0b2)", "p(é)", "p(\u00a0)", ";", ".", "p..", "p(1);;"],
        *['p("a)', "p('''a)", 'p("a\nb")', 'p(e"\\x")', "/* a", "a-b", "p(a-b)", "p * q", "p = 1", "p\0", "\ufeffp"],
    ],
)
def test_texts_outside_the_grammar_are_refused(text: str) -> None:
    with pytest.raises(datalog.DatalogError):
        datalog.parse(text)


def test_limits_are_configurable() -> None:
    limits = datalog.Limits(text=30, literals=2, arguments=2)
    assert datalog.parse("p(1, 2) :- q, r", limits=limits).statements
    for text in ("p(1, 2, 3)", "p :- q, r, s", "p" * 31):
        with pytest.raises(datalog.DatalogError, match="limit-exceeded"):
            datalog.parse(text, limits=limits)


@pytest.mark.parametrize("digits", ["9" * 4299, "0x" + "f" * 3560])
def test_long_integers_can_be_printed(digits: str) -> None:
    (statement,) = parse(f"p({digits})")
    assert parse(datalog.print_statement(statement)) == [statement]


@pytest.mark.parametrize("digits", ["9" * 4301, "0x" + "f" * 4000, "0b" + "1" * 20_000, "9" * 100_000])
def test_integers_that_could_not_be_printed_are_refused(digits: str) -> None:
    with pytest.raises(datalog.DatalogError, match="number-too-large"):
        parse(f"p({digits})")


def test_one_statement_is_asked_for() -> None:
    with pytest.raises(datalog.DatalogError, match="Empty string passed. Not a valid rule"):
        datalog.parse_statement("// nothing")
    with pytest.raises(datalog.MultipleRules, match=r"Received multiple rules: p\(1\); q\(2\)"):
        datalog.parse_statement("p(1) q(2)")
