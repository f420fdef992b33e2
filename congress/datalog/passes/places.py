"""Where in a rule's canonical text a table stands: diagnostics about whole programs have no other source at hand."""

from __future__ import annotations

from typing import TypeAlias

from congress.datalog import core
from congress.datalog.diagnostics import Diagnostic, diagnose
from congress.datalog.syntax.ast import Source, Span
from congress.datalog.syntax.printer import print_value

Terms: TypeAlias = tuple[core.Term, ...] | tuple[core.HeadTerm, ...]


def problem_in_head(code: str, message: str, rule: core.Rule, *, hint: str) -> Diagnostic:
    """A diagnostic that shows the rule's canonical text and points at its head."""
    neck = rule.text.find(" :- ")
    span = Span(0, neck if neck >= 0 else len(rule.text), 1, 1)
    return diagnose(code, message, span, Source(rule.policy, rule.text), hint=hint)


def problem_in_body(code: str, message: str, rule: core.Rule, atom: core.Atom, *, hint: str) -> Diagnostic:
    """A diagnostic that shows the rule's canonical text and points at this atom of its body."""
    return diagnose(code, message, _place(rule, atom), Source(rule.policy, rule.text), hint=hint)


def print_use(policy: str, table: core.TableId, terms: Terms) -> str:
    """An atom of the core language as a rule of `policy` would have it."""
    name = table.name if table.policy == policy else str(table)
    return f"{name}({', '.join(map(_print_term, terms))})"


def _print_term(term: core.HeadTerm | core.Term) -> str:
    if isinstance(term, core.Const):
        return print_value(term.value)
    if isinstance(term, core.Aggregate):
        return f"{term.function}({term.variable.name})"
    return term.name if isinstance(term, core.Var) else "_"


def _place(rule: core.Rule, atom: core.Atom) -> Span:
    """The atom as written, or, when its columns are written differently, the first one of its table."""
    neck = max(rule.text.find(" :- "), 0)
    for written in (print_use(rule.policy, atom.table, atom.args), f"{atom.table}(", f"{atom.table.name}("):
        start = rule.text.find(f" {written}", neck) + 1
        if start:
            end = start + len(written) if written.endswith(")") else rule.text.find(")", start) + 1
            return Span(start, end, 1, start + 1)
    return Span(0, len(rule.text), 1, 1)
