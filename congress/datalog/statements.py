"""Text to statements and back, and statements to checked rules."""

from __future__ import annotations

from typing import TypeVar

from congress.datalog import core
from congress.datalog.catalog import Catalog
from congress.datalog.diagnostics import DatalogError, MultipleRules, diagnose
from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.passes import run_statement_passes
from congress.datalog.passes.draft import Draft
from congress.datalog.passes.lowering import lower_rule
from congress.datalog.syntax.ast import Program, Question, Source, Statement
from congress.datalog.syntax.parser import parse_program, parse_questions
from congress.datalog.syntax.printer import print_statement

Kind = TypeVar("Kind", bound=Question)

SHOWN = 5
"""How many statements the message about too many of them repeats."""


def parse(text: str, *, source: str = "<text>", limits: Limits = DEFAULT_LIMITS) -> Program:
    """The statements and comments of a policy's text. Raises DatalogError with place, line and hint."""
    return parse_program(Source(source, text), limits)


def parse_statement(text: str, *, source: str = "<rule>", limits: Limits = DEFAULT_LIMITS) -> Statement:
    """The one rule or fact in a text. Raises DatalogError, MultipleRules."""
    return only(parse(text, source=source, limits=limits).statements, Source(source, text))


def parse_question(text: str, *, source: str = "<query>", limits: Limits = DEFAULT_LIMITS) -> Question:
    """The one atom, conjunction or rule in a text. Raises DatalogError, MultipleRules."""
    return only(tuple(parse_questions(Source(source, text), limits)), Source(source, text))


def only(statements: tuple[Kind, ...], source: Source) -> Kind:
    """The single statement among these. Raises DatalogError, MultipleRules."""
    if not statements:
        raise DatalogError([diagnose("empty-text", "Empty string passed. Not a valid rule", None, source)])
    if len(statements) > 1:
        shown = [print_statement(statement) for statement in statements[:SHOWN]]
        more = ["..."] if len(statements) > SHOWN else []
        message = f"Received multiple rules: {'; '.join(shown + more)}"
        problem = diagnose("multiple-rules", message, statements[1].span, source, hint="send them one by one")
        raise MultipleRules([problem])
    return statements[0]


def check_rule(statement: Statement, policy: str, kind: str, catalog: Catalog) -> core.Rule:
    """The rule or fact as a rule of `policy`, checked on its own and lowered.

    Raises DatalogError; IncompleteSchema when it refers to columns of a datasource that are not known yet.
    """
    return lower_rule(run_statement_passes(Draft(statement, policy, kind, catalog)))
