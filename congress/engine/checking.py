"""All that is wrong with statements somebody is writing, worked out on a copy of the program and without evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from congress.datalog import DatalogError, Diagnostic, parse
from congress.datalog.catalog import DATASOURCE
from congress.datalog.core import TRUE_TABLE_POLICY, Atom, Rule, TableId
from congress.datalog.diagnostics import nearest
from congress.datalog.syntax.ast import Source, Span, Statement
from congress.engine.errors import RuleExists, RuleMissing
from congress.engine.policyset import PolicySet

Severity: TypeAlias = Literal["error", "warning"]

RULE_EXISTS, UNDEFINED_TABLE = "rule-exists", "undefined-table"
CODES = {
    RULE_EXISTS: "A statement that the policy, or the text itself, has already; it would be refused.",
    UNDEFINED_TABLE: "A warning: a table in a body that no rule, fact or datasource fills, so that nothing is found.",
}
"""Codes beside those of the language, with their meaning in one line."""

_NAME = "<checked>"


class Stretch(NamedTuple):
    """A statement, where it stands in the text: offsets `start` (included) and `end` (excluded), in characters."""

    text: str
    start: int
    end: int


class Problem(NamedTuple):
    """Something to mend; the span is one of the whole text."""

    severity: Severity
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Checked:
    """`statements` is empty when the text cannot be taken apart."""

    statements: tuple[Stretch, ...]
    problems: tuple[Problem, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the statements could be inserted, as far as that can be said without evaluating them."""
        return bool(self.statements) and not any(problem.severity == "error" for problem in self.problems)


def check(policies: PolicySet, policy: str, text: str, without: Iterable[str] = ()) -> Checked:
    """What would be wrong with the statements of `text` in a policy from which the rules `without` are taken out.

    `policies` is changed: give it a copy. Raises UnknownPolicy.
    """
    policies.get(policy)
    for old in without:
        try:
            policies.remove(policy, [old])
        except (RuleMissing, DatalogError):  # it is set aside or switched off, and so not there
            continue
    try:
        statements = parse(text, source=_NAME).statements
    except DatalogError as error:
        return Checked((), tuple([Problem("error", each) for each in error.diagnostics]))
    source, rules, problems = Source(_NAME, text), list[Rule](), list[Problem]()
    for statement in statements:
        try:
            _texts, edit = policies.insert_statements(policy, [statement])
        except DatalogError as error:
            problems += [Problem("error", _placed(each, statement.span, source)) for each in error.diagnostics]
        except RuleExists as error:
            problems.append(Problem("error", _diagnostic(RULE_EXISTS, str(error), statement.span, source)))
        else:
            rules += edit.added
    problems += [Problem("warning", each) for rule in rules for each in _undefined(policies, rule, source)]
    return Checked(tuple([_stretch(statement, text) for statement in statements]), tuple(problems))


def _stretch(statement: Statement, text: str) -> Stretch:
    start, end = statement.span.start, statement.span.end
    return Stretch(text[start:end], start, end)


def _placed(diagnostic: Diagnostic, place: Span, source: Source) -> Diagnostic:
    """A diagnostic may be about a rule that stood there before, as in a cycle; then it is shown at the new one."""
    if diagnostic.span is not None and diagnostic.source_name == _NAME:
        return diagnostic
    return replace(diagnostic, span=place, source_name=_NAME, line_text=source.line(place.line))


def _diagnostic(code: str, message: str, span: Span, source: Source, hint: str = "") -> Diagnostic:
    return Diagnostic(code, message, span, hint, _NAME, source.line(span.line))


def _undefined(policies: PolicySet, rule: Rule, source: Source) -> Iterator[Diagnostic]:
    for literal in rule.body:
        if not isinstance(literal.body, Atom) or literal.span is None:
            continue
        table = literal.body.table
        if table.policy == TRUE_TABLE_POLICY or policies.kind(table.policy) == DATASOURCE:
            continue
        if policies.kind(table.policy) is None:
            hint = nearest(table.policy, [known.name for known in policies])
            message = f"there is no policy or datasource {table.policy} (yet)"
        elif not policies.defines(table):
            hint = nearest(table.name, _defined(policies, table.policy))
            message = f"nothing defines {table}: no rule or fact has it in its head"
        else:
            continue
        yield _diagnostic(UNDEFINED_TABLE, message, literal.span, source, hint)


def _defined(policies: PolicySet, policy: str) -> list[str]:
    return [name for name in policies.table_names(policy) if policies.defines(TableId(policy, name))]
