"""Whatever is written in a description, it is either one or told what is wrong with it: never an error of Python."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from congress.cluster.checks.check import Subject
from congress.cluster.checks.registry import findings
from congress.cluster.compose import compose
from congress.cluster.errors import DescriptionError
from congress.cluster.model.loading import parse
from tests.cluster.stand_ins import SERVICES, WITH_COMPUTES

GOOD = yaml.safe_load(WITH_COMPUTES)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All ways into a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


PLACES = [place for place in places(GOOD) if place]
WORDS = st.sampled_from(
    ["node1", "power", "api", "control", "web", "internal", "10.0.0.11", "10.0.0.0/24", "::1", "", "é"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | st.floats(allow_nan=True) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def changed(value: Any, place: tuple[Any, ...], new: Any, *, remove: bool) -> Any:
    whole = copy.deepcopy(value)
    inner = whole
    for step in place[:-1]:
        inner = inner[step]
    if remove:
        del inner[place[-1]]
    else:
        inner[place[-1]] = new
    return whole


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), new=VALUES, remove=st.booleans())
def test_a_change_anywhere(place: tuple[Any, ...], new: Any, remove: bool) -> None:  # noqa: FBT001
    text = yaml.safe_dump(changed(GOOD, place, new, remove=remove), sort_keys=False)
    try:
        described = parse(text)
        findings(Subject(described, compose(described, SERVICES), SERVICES))
    except DescriptionError as error:
        lines = text.count("\n") + 1
        assert error.problems
        for problem in error.problems:
            assert 1 <= problem.line <= lines
            assert problem.what
            assert problem.instead


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    try:
        parse(text)
    except DescriptionError as error:
        assert error.problems
