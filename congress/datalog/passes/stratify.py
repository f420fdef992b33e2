"""Strata: which tables must be complete before which others, and whether there is such an order at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import TypeAlias

from congress.datalog import core
from congress.datalog.diagnostics import Diagnostic
from congress.datalog.graph import strongly_connected
from congress.datalog.passes.places import problem_in_body

Edges: TypeAlias = Mapping[core.TableId, Collection[core.TableId]]
Grouped: TypeAlias = Mapping[core.TableId, Sequence[core.Rule]]


def stratify(rules: Iterable[core.Rule]) -> tuple[tuple[core.TableId, ...], ...]:
    """Tables in components that depend on each other, in an order in which they can be evaluated."""
    by_table = group(rules)
    return tuple(strongly_connected(dependencies(by_table, by_table)))


def group(rules: Iterable[core.Rule]) -> Grouped:
    """The rules by the table of their head."""
    by_table: dict[core.TableId, list[core.Rule]] = {}
    for rule in rules:
        by_table.setdefault(rule.table, []).append(rule)
    return by_table


def dependencies(by_table: Grouped, roots: Iterable[core.TableId]) -> Edges:
    """Who reads whom, as far as the roots depend on it."""
    edges: dict[core.TableId, Collection[core.TableId]] = {}
    work = list(roots)
    while work:
        table = work.pop()
        if table not in edges and table in by_table:
            edges[table] = dict.fromkeys(
                literal.body.table
                for rule in by_table[table]
                for literal in rule.body
                if isinstance(literal.body, core.Atom)
            )
            work += edges[table]
    return edges


def check_strata(
    by_table: Grouped, edges: Edges, components: Iterable[frozenset[core.TableId]]
) -> Iterator[Diagnostic]:
    """One problem for each component that depends on its own negation or aggregate."""
    for members in components:
        rules = (rule for table in sorted(members) for rule in by_table[table])
        bad = ((rule, atom) for rule in rules for atom in _needed_whole(rule) if atom.table in members)
        for rule, atom in islice(bad, 1):
            yield _negation_cycle(rule, edges, members, atom)


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
