"""Golden diagnostics: what a user sees for every code. `diagnostics.yaml` holds one case or more for each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from congress import datalog
from congress.datalog.diagnostics import diagnose
from congress.datalog.syntax.ast import Source, Span
from tests.datalog.world import KINDS, World, check

GOLDEN = Path(__file__).with_name("diagnostics.yaml")
CASES: list[dict[str, Any]] = yaml.safe_load(GOLDEN.read_text())
WORLD = World({("pol", "one"): 1})


def says(case: dict[str, Any]) -> str:
    """The text of the error that the case's text causes, asked for in the way that the case names."""
    policy = case.get("policy", "pol")
    text = case["text"] * case.get("times", 1)
    with pytest.raises(datalog.DatalogError) as caught:
        if case["ask"] == "rule":
            datalog.check_rule(datalog.parse_statement(text), policy, KINDS[policy], WORLD)
        elif case["ask"] == "program":
            rules = [check(line, policy) for line in text.splitlines()]
            datalog.check_program(rules, rules, WORLD)
        elif case["ask"] == "query":
            datalog.check_query(text, policy, WORLD)
        elif case["ask"] == "sequence":
            datalog.check_sequence(text, policy, "action", WORLD)
        else:
            datalog.parse(text, limits=datalog.Limits(**case.get("limits", {})))
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_a_diagnostic_reads_as_recorded(case: dict[str, Any]) -> None:
    assert says(case) == case["says"].rstrip("\n")


def test_every_code_has_a_case() -> None:
    shown = {code for case in CASES for code in re.findall(r"\[([a-z-]+)\]$", case["says"], re.MULTILINE)}
    assert shown == set(datalog.CODES)


def test_a_code_must_be_registered() -> None:
    with pytest.raises(KeyError):
        diagnose("no-such-code", "message")


def test_carets_follow_tabs_and_long_lines_are_cut() -> None:
    with pytest.raises(datalog.DatalogError) as caught:
        datalog.parse("\tp(x) ?")
    assert str(caught.value).splitlines()[1:] == ["  \tp(x) ?", "  \t     ^"]
    with pytest.raises(datalog.DatalogError) as caught:
        datalog.parse("p(1) " * 1000 + "?" + " p(1)" * 1000)
    line, caret = str(caught.value).splitlines()[1:3]
    assert len(line) <= 102
    assert line[caret.index("^")] == "?"


def test_a_diagnostic_names_its_source_and_line() -> None:
    with pytest.raises(datalog.DatalogError) as caught:
        datalog.parse("p(1)\n\nq(\u201d)", source="library/flavors.dl")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.source_name, diagnostic.span, diagnostic.line_text) == (
        "library/flavors.dl",
        Span(8, 9, 3, 3),
        "q(\u201d)",
    )
    assert str(diagnostic).startswith("library/flavors.dl:3:3: ")


def test_a_source_gives_its_lines_without_their_ends() -> None:
    source = Source("name", "a\r\nb\n")
    assert [source.line(number) for number in (0, 1, 2, 3, 4)] == ["", "a", "b", "", ""]
