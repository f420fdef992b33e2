"""The order in which a rule's steps are executed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import inf

from congress.datalog.core import Const, Var
from congress.engine.plan import Apply, PlanRule, Step, Stored, variables
from congress.engine.relation import Relation

UNKNOWN_SIZE = 100
"""Rows assumed of a relation that is still empty when a plan is made."""


def join_order(
    rule: PlanRule, relation: Callable[[Stored], Relation], bound: Collection[str] = (), first: int | None = None
) -> list[int]:
    """Positions of the body's steps in execution order, without `first`, whose variables are bound already.

    Greedy: tests and builtins as soon as their inputs are bound, then the scan with the smallest estimated fan-out.
    """
    known = set(bound)
    if first is not None:
        known |= variables(rule.body[first].args)
    costs = {i: _cost(step, known, relation) for i, step in enumerate(rule.body) if i != first}
    users: dict[str, list[int]] = {}
    for i in costs:
        for name in variables(rule.body[i].args) - known:
            users.setdefault(name, []).append(i)
    order = []
    while costs:
        best = min(costs, key=costs.__getitem__)
        if costs[best] == inf:
            raise AssertionError(f"no order binds every variable of {rule}")
        order.append(best)
        del costs[best]
        fresh = variables(rule.body[best].args) - known
        known |= fresh
        for i in {i for name in fresh for i in users[name] if i in costs}:
            costs[i] = _cost(rule.body[i], known, relation)
    return order


def _cost(step: Step, known: set[str], relation: Callable[[Stored], Relation]) -> float:
    if isinstance(step, Apply):
        needs = step.args if step.negated else step.args[: step.builtin.inputs]
        return -1.0 if variables(needs) <= known else inf
    fixed = [term.__class__ is Const or (term.__class__ is Var and term.name in known) for term in step.args]
    if all(fixed):
        return -1.0
    if step.negated:
        return inf
    source = relation(step.table)
    size = len(source.rows)
    if not size:
        return UNKNOWN_SIZE / 10.0 ** sum(fixed)
    fan = float(size)
    for is_fixed, distinct in zip(fixed, source.distinct(), strict=True):
        if is_fixed:
            fan /= distinct
    return fan
