"""Strata: which tables must be complete before which others, and whether there is such an order at all."""

from __future__ import annotations

from collections.abc import Iterable

from congress.datalog import core
from congress.datalog.diagnostics import Diagnostic, diagnose
from congress.datalog.graph import strongly_connected

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


def check_strata(edges: Edges, components: Iterable[tuple[core.TableId, ...]]) -> list[Diagnostic]:
    """One problem for each component that depends on its own negation or aggregate."""
    problems = []
    for component in components:
        members = frozenset(component)
        for table in component:
            bad = [target for target, complete in edges.get(table, {}).items() if complete and target in members]
            if bad:
                problems.append(_negation_cycle(edges, members, table, bad[0]))
                break
    return problems


def _negation_cycle(
    edges: Edges, members: frozenset[core.TableId], table: core.TableId, target: core.TableId
) -> Diagnostic:
    steps = [f"{table} needs all of {target}"]
    way = path(edges, members, target, table)
    steps += [f"{one} reads {other}" for one, other in zip(way, way[1:], strict=False)]
    message = f"Rules are recursive through negation or an aggregate: {', '.join(steps)}"
    return diagnose("negation-cycle", message, hint="break the cycle; recursion without negation or aggregates is fine")


def path(
    edges: Edges, members: frozenset[core.TableId], start: core.TableId, goal: core.TableId
) -> list[core.TableId]:
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
