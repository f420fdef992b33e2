"""Which failures have nothing to do with each other, so that both at one time do what each does alone.

The scheduler decides about a resource by its nodes, its own history, and what constraints tie it to. Two failures whose
steps concern different instances, none of them tied to an instance that the other concerns, cannot change each other's
answer, but for the choice among nodes that are equally good, on which no invariant depends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from congress.cluster.pacemaker.cib import primitives
from congress.cluster.pacemaker.resources import Colocation, Group, Order
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.simulator import Moment
from congress.cluster.verify.trial import CHANGES, roles

Footprint: TypeAlias = frozenset[tuple[str, str]]
"""(primitive, node); all nodes when the node is empty."""


def footprint(moment: Moment) -> Footprint:
    """What a moment's events and the answer to them concern."""
    found = {(event.resource, event.node) for event in moment.events if event.resource}
    for transition in moment.transitions:
        found |= {
            (step.resource, step.node)
            for step in transition.steps
            if step.kind == "action" and step.operation in CHANGES
        }
    first, last = roles(moment.start), roles(moment.end)
    for resource in {*first, *last}:
        changed = first.get(resource, {}).items() ^ last.get(resource, {}).items()
        found |= {(resource, node) for node, _ in changed}
    return frozenset(found)


class Ties:
    """What constraints tie to each other."""

    def __init__(self, expected: Expectations) -> None:
        self._expected = expected
        self._tied: Mapping[str, frozenset[str]] = _tied(expected, Order, Colocation)
        self._colocated: Mapping[str, frozenset[str]] = _tied(expected, Colocation)
        self._after = frozenset((need.first, need.then) for need in expected.needs if need.ordered)

    def around(self, concerned: Footprint) -> Footprint:
        """A footprint with all that is tied to it."""
        found = set(concerned)
        for resource, node in concerned:
            for other in self._tied.get(resource, ()):
                local = self._local(resource) and self._local(other)
                found.add((other, node if local else ""))
        return frozenset(found)

    def follows(self, resource: str, concerned: Iterable[str]) -> bool:
        """Whether a resource may have to change with others: not one that only comes before them in order."""
        tied = self._tied.get(resource, frozenset()) & frozenset(concerned)
        beside = self._colocated.get(resource, frozenset())
        return any(other in beside or (resource, other) not in self._after for other in tied)

    def _local(self, resource: str) -> bool:
        clone = self._expected.clones.get(resource)
        return clone is not None and clone.interleave and not clone.globally_unique


def meet(one: Footprint, other: Footprint) -> bool:
    """Whether two footprints have an instance in common."""
    if one & other:
        return True
    anywhere = {resource for resource, node in one if not node}
    if any(resource in anywhere for resource, _ in other):
        return True
    anywhere = {resource for resource, node in other if not node}
    return any(resource in anywhere for resource, _ in one)


def _tied(expected: Expectations, *kinds: type) -> Mapping[str, frozenset[str]]:
    configuration = expected.configuration
    inner: dict[str, tuple[str, ...]] = {}
    for resource in configuration.resources:
        names = tuple(primitive.id for primitive in primitives((resource,)))
        inner[resource.id] = names
        inner |= {name: (name,) for name in names}
    found: dict[str, set[str]] = {}

    def tie(one: str, other: str) -> None:
        for a in inner.get(one, ()):
            for b in inner.get(other, ()):
                found.setdefault(a, set()).add(b)
                found.setdefault(b, set()).add(a)

    for constraint in configuration.constraints:
        if not isinstance(constraint, kinds):
            continue
        if isinstance(constraint, Order):
            tie(constraint.first, constraint.then)
        elif isinstance(constraint, Colocation):
            tie(constraint.resource, constraint.with_)
    for resource in configuration.resources:
        if isinstance(resource, Group):
            tie(resource.id, resource.id)
    return {name: frozenset(others) for name, others in found.items()}
