"""CL050: the order of starts has a beginning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import INFINITY, Colocation, Configuration, Group, Order


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for graph, kind in (
            (_orders(cluster.configuration), "starts after"),
            (_colocations(cluster.configuration), "is with"),
        ):
            cycle = _cycle(graph)
            if cycle:
                what = f"{cluster.name!r}: " + ", which ".join(f"{name} {kind} {after}" for name, after in cycle)
                instead = "take one of these services out of the other's `after`, or one constraint out"
                yield subject.problem(subject.owner_path(cluster, cycle[0][0]), what, instead)


def _orders(configuration: Configuration) -> dict[str, set[str]]:
    """What each resource waits for."""
    graph: dict[str, set[str]] = {}
    for constraint in configuration.constraints:
        if isinstance(constraint, Order):
            graph.setdefault(constraint.then, set()).add(constraint.first)
    for resource in configuration.resources:
        if isinstance(resource, Group):
            for before, member in zip(resource.members, resource.members[1:], strict=False):
                graph.setdefault(member.id, set()).add(before.id)
    return graph


def _colocations(configuration: Configuration) -> dict[str, set[str]]:
    """What each resource has to be with."""
    graph: dict[str, set[str]] = {}
    for constraint in configuration.constraints:
        if isinstance(constraint, Colocation) and constraint.score >= INFINITY:
            graph.setdefault(constraint.resource, set()).add(constraint.with_)
    return graph


def _cycle(graph: Mapping[str, set[str]]) -> tuple[tuple[str, str], ...]:
    """The edges of one cycle, empty when there is none. Depth first, without recursion: chains are long."""
    done: set[str] = set()
    for start in sorted(graph):
        trail: list[str] = []
        stack = [(start, iter(sorted(graph[start])))] if start not in done else []
        if stack:
            trail.append(start)
        while stack:
            node, following = stack[-1]
            other = next(following, None)
            if other is None:
                done.add(node)
                stack.pop()
                trail.pop()
            elif other in trail:
                round_trip = [*trail[trail.index(other) :], other]
                return tuple(zip(round_trip, round_trip[1:], strict=False))
            elif other not in done:
                stack.append((other, iter(sorted(graph.get(other, ())))))
                trail.append(other)
    return ()


CHECK = Check(
    "CL050",
    "The order of starts has no cycle",
    "Resources that wait for each other never start. crm_verify accepts such a configuration; the cluster stays empty"
    " without an error. Optional orders count, too: they bind when all start together, after a power loss of the "
    "site.",
    _find,
)
