"""All that is wrong with statements somebody is writing, worked out on a copy of the program and without evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from congress.datalog import DatalogError, Diagnostic, parse_around
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


class Text(NamedTuple):
    """Statements for a policy, and the name of what they stand in, which diagnostics mention."""

    policy: str
    text: str
    source: str = "<checked>"


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
    """`statements` is empty when the text cannot be taken apart; the problems are those of all that can be read."""

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
    return check_texts(policies, [Text(policy, text)])[0]


def check_texts(policies: PolicySet, texts: Iterable[Text]) -> list[Checked]:
    """The same for texts that belong together: each may use what another one defines, whatever their order.

    `policies` is changed: give it a copy. Raises UnknownPolicy.
    """
    readings = [_Reading(policies, each) for each in texts]
    return [reading.checked() for reading in readings]


class _Reading:
    """One text, whose statements are taken into the copy as far as they can be."""

    def __init__(self, policies: PolicySet, given: Text) -> None:
        self._policies = policies
        self._source = Source(given.source, given.text)
        program, unreadable = parse_around(self._source)
        self._problems = [Problem("error", each) for each in unreadable]
        self._stretches = () if unreadable else tuple([_stretch(one, given.text) for one in program.statements])
        self._rules: list[Rule] = []
        if not self._take_all(given.policy, program.statements):
            for statement in program.statements:
                self._take(given.policy, statement)

    def _take_all(self, policy: str, statements: Sequence[Statement]) -> bool:
        """All of them together, which is faster by far where there are thousands; False, and none of them is taken,
        when something is wrong with any."""
        saved = self._policies.save()
        try:
            _texts, edit = self._policies.insert_statements(policy, statements)
        except (DatalogError, RuleExists):
            return False
        if len(edit.added) < len(statements):  # the text has one twice
            self._policies.restore(saved)
            return False
        self._rules += edit.added
        return True

    def _take(self, policy: str, statement: Statement) -> None:
        source, span = self._source, statement.span
        try:
            _texts, edit = self._policies.insert_statements(policy, [statement])
        except DatalogError as error:
            self._problems += [Problem("error", _placed(each, span, source)) for each in error.diagnostics]
        except RuleExists as error:
            self._problems.append(Problem("error", _diagnostic(RULE_EXISTS, str(error), span, source)))
        else:
            self._rules += edit.added

    def checked(self) -> Checked:
        """What was found, with the warnings that depend on what the other texts define."""
        warnings = [each for rule in self._rules for each in _undefined(self._policies, rule, self._source)]
        return Checked(self._stretches, (*self._problems, *[Problem("warning", each) for each in warnings]))


def _stretch(statement: Statement, text: str) -> Stretch:
    start, end = statement.span.start, statement.span.end
    return Stretch(text[start:end], start, end)


def _placed(diagnostic: Diagnostic, place: Span, source: Source) -> Diagnostic:
    """A diagnostic may be about a rule that stood there before, as in a cycle; then it is shown at the new one."""
    if diagnostic.span is not None and diagnostic.source_name == source.name:
        return diagnostic
    return replace(diagnostic, span=place, source_name=source.name, line_text=source.line(place.line))


def _diagnostic(code: str, message: str, span: Span, source: Source, hint: str = "") -> Diagnostic:
    return Diagnostic(code, message, span, hint, source.name, source.line(span.line))


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
