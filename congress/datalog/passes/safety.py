"""Safety: the body in an order in which everything is bound when it is needed, and a head that the body binds.

The order is stable: of all literals whose needs are met, the one that was written first comes next.
"""

from __future__ import annotations

from heapq import heappop, heappush

from congress.datalog import core
from congress.datalog.passes.draft import Draft, Premise
from congress.datalog.syntax.ast import AggregateCall, Atom, Fact, Span, Variable
from congress.datalog.syntax.printer import print_atom, print_literal, print_statement


def variables(terms: tuple[core.Term, ...] | tuple[core.HeadTerm, ...]) -> list[str]:
    """Names of the variables among the terms, in their order, aggregated ones included."""
    found = []
    for term in terms:
        if isinstance(term, core.Var):
            found.append(term.name)
        elif isinstance(term, core.Aggregate):
            found.append(term.variable.name)
    return found


def needs(literal: core.Literal) -> set[str]:
    """Variables that must be bound before the literal can be evaluated."""
    body = literal.body
    if literal.negated:
        return set(variables(body.args))
    if isinstance(body, core.Call):
        return set(variables(body.args[: body.builtin.inputs]))
    return set()


def check_fact(draft: Draft) -> None:
    """A fact has constants only."""
    if isinstance(draft.statement, Fact) and not draft.is_query:
        found = [argument for argument in draft.statement.atom.args if isinstance(argument, Variable)]
        if found:
            message = f"Fact not ground: {print_atom(draft.statement.atom)}"
            hint = f'if {found[0].name} is a string, write "{found[0].name}"'
            draft.refuse("fact-not-ground", message, found[0].span, hint)


def order_body(draft: Draft) -> None:
    """Put the body into an order of evaluation; refuse it when there is none."""
    placed, left_over, bound = _order(draft.body)
    if left_over:
        literals = ", ".join(
            f"{print_literal(premise.written)} (vars {{{', '.join(sorted(needs(premise.resolved) - bound))}}})"
            for premise in left_over
            if premise.resolved
        )
        message = f"Could not reorder rule {print_statement(draft.statement)}.  Unsafe lits: {literals}"
        hint = "bind these variables in a positive literal" + (
            ", or define a table without them and negate that" if left_over[0].written.negated else ""
        )
        draft.refuse("unsafe-literal", message, left_over[0].written.span, hint)
    draft.body = placed


def check_head(draft: Draft) -> None:
    """The body binds every variable of the head, except in rules of action policies that are no updates."""
    if draft.head is None or isinstance(draft.statement, Fact):
        return
    bound = {
        name
        for premise in draft.body
        if premise.resolved and not premise.resolved.negated
        for name in variables(premise.resolved.body.args)
    }
    unbound = [name for name in dict.fromkeys(variables(draft.terms)) if name not in bound]
    if draft.is_action and not draft.head.sign and not draft.head.modal:
        draft.unsafe = frozenset(unbound)
        return
    for name in unbound:
        message = f"Variable {name} found in head but not in body, rule {print_statement(draft.statement)}"
        hint = f'use {name} in a positive literal of the body, or write "{name}" if a string is meant'
        draft.refuse("unsafe-head", message, _first_use(draft.head, name), hint)


def _first_use(atom: Atom, name: str) -> Span:
    for argument in atom.args:
        variable = argument.argument if isinstance(argument, AggregateCall) else argument
        if isinstance(variable, Variable) and variable.name == name:
            return variable.span
    return atom.span


def _order(body: list[Premise]) -> tuple[list[Premise], list[Premise], set[str]]:
    """The premises in order, those that cannot be placed, and the variables bound in the end."""
    missing = [needs(premise.resolved) if premise.resolved else set() for premise in body]
    waiting: dict[str, list[int]] = {}
    for index, names in enumerate(missing):
        for name in names:
            waiting.setdefault(name, []).append(index)
    ready = [index for index, names in enumerate(missing) if not names]
    placed: list[Premise] = []
    bound: set[str] = set()
    while ready:
        premise = body[heappop(ready)]
        placed.append(premise)
        if premise.resolved is None or premise.resolved.negated:
            continue
        for name in set(variables(premise.resolved.body.args)) - bound:
            bound.add(name)
            for index in waiting.get(name, ()):
                missing[index].discard(name)
                if not missing[index]:
                    heappush(ready, index)
    stuck = [premise for index, premise in enumerate(body) if missing[index]]
    return placed, stuck, bound
