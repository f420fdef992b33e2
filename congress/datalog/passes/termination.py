"""Termination: recursion may move values around, but must not make new ones without end.

A builtin's output that depends on a value of the recursive cycle, that nothing outside the cycle bounds, and that goes
into the head of the cycle again, could grow for ever: `n(y) :- n(x), plus(x, 1, y)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from congress.datalog import core
from congress.datalog.diagnostics import Diagnostic
from congress.datalog.passes.places import problem_in_head
from congress.datalog.passes.safety import variables


def check_termination(
    by_table: Mapping[core.TableId, Sequence[core.Rule]], components: Iterable[frozenset[core.TableId]]
) -> Iterator[Diagnostic]:
    """Problems of rules in recursive components."""
    for cycle in components:
        for rule in (rule for table in sorted(cycle) for rule in by_table[table]):
            grown = sorted(_growing(rule, cycle) & set(variables(rule.head)))
            if grown:
                message = (
                    f"Rules are recursive and might never end: {rule.text} makes new values of {', '.join(grown)} for"
                    f" table {rule.table}, which it reads"
                )
                hint = f"bound {grown[0]} with a table outside the recursion"
                yield problem_in_head("endless-recursion", message, rule, hint=hint)


def _growing(rule: core.Rule, cycle: frozenset[core.TableId]) -> set[str]:
    """Variables with values that come from the cycle through a builtin."""
    cyclic: set[str] = set()
    bounded: set[str] = set()
    for literal in rule.body:
        if isinstance(literal.body, core.Atom) and not literal.negated:
            (cyclic if literal.body.table in cycle else bounded).update(variables(literal.body.args))
    tainted = cyclic - bounded
    made: set[str] = set()
    for literal in rule.body:  # in order of evaluation, so one pass follows chains of calls
        if isinstance(literal.body, core.Call):
            builtin, args = literal.body.builtin, literal.body.args
            inputs = set(variables(args[: builtin.inputs]))
            outputs = set(variables(args[builtin.inputs :])) - bounded - cyclic
            if inputs & tainted:
                tainted |= outputs
                if builtin.invents or inputs & made:
                    made |= outputs
    return made
