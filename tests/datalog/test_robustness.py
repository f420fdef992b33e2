"""No text crashes the language or takes long: it is understood, or refused with a diagnostic."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from congress import datalog
from tests.datalog import strategies
from tests.datalog.world import World

SIZE = 100_000
SECONDS = 20.0


@given(strategies.hostile)
@settings(max_examples=500, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    for policy, kind in (("pol", "nonrecursive"), ("action", "action"), ("solver", "z3")):
        try:
            program = datalog.parse(text)
        except datalog.DatalogError as error:
            assert error.diagnostics and str(error)
            return
        for statement in program.statements:
            try:
                datalog.check_rule(statement, policy, kind, World())
            except datalog.DatalogError as error:
                assert error.diagnostics and str(error)


@given(strategies.hostile)
@settings(max_examples=500, deadline=None)
def test_any_query_and_any_sequence_is_understood_or_refused(text: str) -> None:
    for ask in (
        lambda: datalog.check_query(text, "pol", World()),
        lambda: datalog.check_sequence(text, "pol", "action", World()),
    ):
        try:
            ask()
        except datalog.DatalogError as error:
            assert error.diagnostics and str(error)


PIECES = [*strategies.WORDS, "p(1,2) ", "p(x) :- q(x), not r(x). ", "p(", "a:", "x,", "((", "'\\"]


@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_take_linear_time(piece: str) -> None:
    text = piece * (SIZE // len(piece))
    started = time.process_time()
    try:
        datalog.parse(text)
    except datalog.DatalogError as error:
        assert len(str(error)) < 10_000
    assert time.process_time() - started < SECONDS


def test_errors_about_large_rules_are_short() -> None:
    variables = ", ".join(f"variable{index}" for index in range(400))
    for text in (f"p({variables}) :- q(1)", f"p(1) :- not q({variables})", f"p({variables})", f"p({variables}) " * 99):
        with pytest.raises(datalog.DatalogError) as caught:
            datalog.check_rule(datalog.parse_statement(text), "pol", "nonrecursive", World())
        assert len(str(caught.value)) < 40_000


def test_a_rule_of_the_greatest_size_is_checked_in_linear_time() -> None:
    literals = ", ".join(f"plus(x{index}, 1, x{index + 1})" for index in reversed(range(998)))
    started = time.process_time()
    rule = datalog.check_rule(datalog.parse_statement(f"p(x998) :- {literals}, q(x0)"), "pol", "nonrecursive", World())
    assert len(rule.body) == 999
    assert time.process_time() - started < SECONDS
