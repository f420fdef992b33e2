"""Strata: which tables must be complete before which others, and whether there is such an order at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from congress.datalog import core
from congress.datalog.diagnostics import Diagnostic
from congress.datalog.graph import strongly_connected
from congress.datalog.passes.places import problem_in_body

Edges = dict[core.TableId, dict[core.TableId, bool]]
"""From a table to those that its rules read; True where the reading needs the other table complete."""


def stratify(rules: Iterable[core.Rule]) -> tuple[tuple[core.TableId, ...], ...]:
    """Tables in components that depend on each other, in an order in which they can be evaluated."""
    return tuple(strongly_connected(dependencies(rules)))


def dependencies(rules: Iterable[core.Rule]) -> Edges:
    """Who reads whom. Negated tables, and all tables under an aggregate, are read when they are complete."""
    edges: Edges = {}
    for rule in rules:
        targets = edges.setdefault(rule.table, {})
        complete = any(isinstance(term, core.Aggregate) for term in rule.head)
        for literal in rule.body:
            if isinstance(literal.body, core.Atom):
                table = literal.body.table
                targets[table] = targets.get(table, False) or literal.negated or complete
    return edges


def below(edges: Edges, roots: Iterable[core.TableId]) -> Edges:
    """The part of the graph that the roots depend on."""
    part: Edges = {}
    work = list(roots)
    while work:
        table = work.pop()
        if table not in part and table in edges:
            part[table] = edges[table]
            work += edges[table]
    return part


def check_strata(
    rules: Iterable[core.Rule], edges: Edges, components: Iterable[tuple[core.TableId, ...]]
) -> list[Diagnostic]:
    """One problem for each component that depends on its own negation or aggregate."""
    problems = []
    for component in components:
        members = frozenset(component)
        for rule in rules:
            if rule.table in members:
                bad = next((atom for atom in _needed_whole(rule) if atom.table in members), None)
                if bad is not None:
                    problems.append(_negation_cycle(rule, edges, members, bad))
                    break
    return problems


def _needed_whole(rule: core.Rule) -> Iterator[core.Atom]:
    """The atoms whose tables must be complete before the rule can be evaluated."""
    complete = any(isinstance(term, core.Aggregate) for term in rule.head)
    for literal in rule.body:
        if isinstance(literal.body, core.Atom) and (literal.negated or complete):
            yield literal.body


def _negation_cycle(rule: core.Rule, edges: Edges, members: frozenset[core.TableId], atom: core.Atom) -> Diagnostic:
    steps = [f"{rule.table} needs all of {atom.table}"]
    steps += [f"{one} reads {other}" for one, other in pairwise(path(edges, members, atom.table, rule.table))]
    message = f"Rules are recursive through negation or an aggregate: {', '.join(steps)}"
    hint = "break the cycle; recursion without negation or aggregates is fine"
    return problem_in_body("negation-cycle", message, rule, atom, hint=hint)


def path(edges: Edges, members: frozenset[core.TableId], start: core.TableId, goal: core.TableId) -> list[core.TableId]:
    """A shortest way from start to goal within a component."""
    came_from: dict[core.TableId, core.TableId | None] = {start: None}
    frontier = [start]
    while goal not in came_from:
        reached = []
        for table in frontier:
            for target in edges.get(table, {}):
                if target in members and target not in came_from:
                    came_from[target] = table
                    reached.append(target)
        frontier = reached
    way: list[core.TableId] = []
    step: core.TableId | None = goal
    while step is not None:
        way.append(step)
        step = came_from[step]
    return way[::-1]
