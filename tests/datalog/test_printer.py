"""What the printer writes, the parser reads back as the same statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from congress import datalog
from congress.datalog.syntax.ast import Atom, Constant, Fact, Statement
from congress.datalog.syntax.printer import print_program
from congress.datalog.values import Real
from tests.datalog import strategies


@given(strategies.statements)
@settings(deadline=None)
def test_a_printed_statement_parses_to_the_same_statement(statement: Statement) -> None:
    assert datalog.parse_statement(datalog.print_statement(statement)) == statement
    assert datalog.parse_statement(datalog.print_statement(statement, pretty=True)) == statement


@given(strategies.st.lists(strategies.statements, max_size=4))
@settings(deadline=None)
def test_statements_printed_below_each_other_stay_apart(statements: list[Statement]) -> None:
    text = "\n".join(map(datalog.print_statement, statements))
    program = datalog.parse(text)
    assert program.statements == tuple(statements)
    assert datalog.parse(print_program(program)).statements == tuple(statements)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", '"plain"'),
        ('say "hi"', "'say \"hi\"'"),
        ("both ' and \"", 'e"both \' and \\""'),
        ("C:\\dir", '"C:\\dir"'),
        ("ends in \\", 'e"ends in \\\\"'),
        ("two\nlines", 'e"two\\nlines"'),
        ("größe \N{SNOWMAN} \N{PILE OF POO}", '"größe \N{SNOWMAN} \N{PILE OF POO}"'),
        ("\ud800", 'e"\\ud800"'),
        (-7, "-7"),
        (Real(-1.5), "-1.5"),
        (Real(1.0), "1.0"),
        (Real(1e300), "1e+300"),
    ],
)
def test_values_are_written_so_that_they_can_be_read_back(value: str | int | Real, written: str) -> None:
    fact = Fact(Atom("p", (Constant(value),)))
    assert datalog.print_statement(fact) == f"p({written})"
    assert datalog.parse_statement(f"p({written})") == fact


def test_pretty_rules_have_one_line_for_each_literal() -> None:
    statement = datalog.parse_statement("p(x) :- q(x), not r(x,1)")
    assert datalog.print_statement(statement, pretty=True) == "p(x) :-\n  q(x),\n  not r(x, 1)"


def test_pretty_keeps_a_body_of_true() -> None:
    statement = datalog.parse_statement("p(1) :- true")
    assert datalog.print_statement(statement, pretty=True) == "p(1) :-\n  true"


def test_pretty_facts_are_plain_facts() -> None:
    assert datalog.print_statement(datalog.parse_statement("p(1,'a')."), pretty=True) == 'p(1, "a")'
