"""The formatter keeps meaning and comments, and its own output."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from congress import datalog
from tests.datalog import strategies


@st.composite
def commented_programs(draw: st.DrawFn) -> str:
    """Statements with comments and line ends between any two words of them."""
    text = ""
    for statement in draw(st.lists(strategies.statements, max_size=4)):
        for word in datalog.print_statement(statement).split(" "):
            text += word + draw(st.sampled_from([" ", " ", "\n", "\n\n\n"]))
            if draw(st.booleans()) and word[-1:] in "),-" and not set(word) & set("\"'"):
                text += draw(strategies.comments) + draw(st.sampled_from(["\n", "\n\n", "\r\n"]))
        text += draw(st.sampled_from(["\n", ";", ".\n", "; "]))
    return text


@given(commented_programs())
@settings(deadline=None)
def test_formatting_keeps_statements_and_comments_and_is_final(text: str) -> None:
    try:
        before = datalog.parse(text)
    except datalog.DatalogError:
        return  # a comment mark landed inside a string
    formatted = datalog.format_text(text)
    after = datalog.parse(formatted)
    assert after.statements == before.statements
    assert [comment.text for comment in after.comments] == [comment.text for comment in before.comments]
    assert datalog.format_text(formatted) == formatted


@given(strategies.hostile)
@settings(deadline=None)
def test_whatever_parses_can_be_formatted(text: str) -> None:
    try:
        before = datalog.parse(text)
    except datalog.DatalogError:
        return
    formatted = datalog.format_text(text)
    assert datalog.parse(formatted).statements == before.statements
    assert datalog.format_text(formatted) == formatted


def test_comments_stay_where_they_stood() -> None:
    text = """
// Servers that may not exist

error(x) :- // each of them
   nova:servers(id=x), /* all */ # even stopped ones
   # unless they are old
   not old(x) ; # last
old(  1) old(2)


/* the
   end */
"""
    assert datalog.format_text(text) == (
        """\
// Servers that may not exist

error(x) :-  // each of them
  nova:servers(id=x),  /* all */  # even stopped ones
  # unless they are old
  not old(x)  # last
old(1)
old(2)

/* the
   end */
"""
    )


def test_short_rules_take_one_line_and_longer_ones_a_line_for_each_literal() -> None:
    long = "nova:servers(id=x, status='ACTIVE', tenant_id=y)"
    assert datalog.format_text(f"p(x):-q(x),r; p(x):-q(x),{long},not r(y,'a value')") == (
        """\
p(x) :- q(x), r()
p(x) :-
  q(x),
  nova:servers(id=x, status="ACTIVE", tenant_id=y),
  not r(y, "a value")
"""
    )


def test_nothing_formats_to_nothing() -> None:
    assert datalog.format_text(" \n ") == ""
