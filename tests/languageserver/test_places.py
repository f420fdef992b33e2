"""What stands where is found in any text, however broken it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.authoring.schemas import ColumnInfo
from congress.datalog.core import TableId
from congress.datalog.syntax.ast import NOWHERE
from congress.languageserver.completion import proposals
from congress.languageserver.hover import about
from congress.languageserver.knowledge import Definition, Knowledge
from congress.languageserver.places import Call, blanked, call_at, is_silent, typed_before, word_at

KNOWN = Knowledge(
    "p",
    "nonrecursive",
    {"nova": {"servers": (ColumnInfo("id", "its id", "Str"), ColumnInfo("name"))}},
    {TableId("p", "big"): (Definition("p.congress", NOWHERE, "big(x)", False),)},
)


def at(text: str) -> tuple[str, int]:
    """The text without its mark `|`, and where that was."""
    place = text.index("|")
    return text[:place] + text[place + 1 :], place


@pytest.mark.parametrize(
    ("marked", "call"),
    [
        ("p(x) :- nova:servers(|", Call("nova:servers", ())),
        ('p(x) :- nova:servers(id=x, name="(", |', Call("nova:servers", ("id", "name"))),
        ("p(x) :- big(x), nova:servers(id=x|)", Call("nova:servers", ("id",))),
        ("p(x) :- nova:servers(id=x), |", None),
        ("p(x) :- // nova:servers(\n |", None),
        ("p(|x) :- big(x)", Call("p", ())),
        ("p+(|", Call("p", ())),
    ],
)
def test_the_call_around_a_place_is_found(marked: str, call: Call | None) -> None:
    assert call_at(*at(marked)) == call


def test_names_are_found_with_their_policy() -> None:
    found = word_at(*at("p(x) :- nova:ser|vers(id=x)"))
    assert found is not None and found.text == "nova:servers"
    assert word_at(*at("p(x) :-  |  big(x)")) is None
    assert word_at(*at('p("nova:ser|vers")')) is None
    assert typed_before(*at("p(x) :- nova:|")) == "nova:"


@pytest.mark.parametrize("marked", ["// a|b", "p(x) # |", '"a|b"', '"open|', "/* a|b */", "/* open |"])
def test_comments_and_strings_are_silent(marked: str) -> None:
    assert is_silent(*at(marked))


@pytest.mark.parametrize("marked", ["// a\n|b", '"a"|', "/* a */|", "p(|x)"])
def test_elsewhere_something_may_be_proposed(marked: str) -> None:
    assert not is_silent(*at(marked))


def test_a_column_that_is_given_already_is_not_proposed_again() -> None:
    assert [each.text for each in proposals(KNOWN, *at("p(x) :- nova:servers(id=x, |"))] == ["name="]
    assert [each.text for each in proposals(KNOWN, *at("p(x) :- bi|"))] == ["big"]


@given(st.text(alphabet="ab:(),=-+ \n\"'/*#.;[]nova", max_size=80), st.integers(0, 80))
def test_any_place_of_any_text_has_an_answer(text: str, offset: int) -> None:
    place = min(offset, len(text))
    assert len(blanked(text)) == len(text)
    assert isinstance(proposals(KNOWN, text, place), list)
    about(KNOWN, text, place)
