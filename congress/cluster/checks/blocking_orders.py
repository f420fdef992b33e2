"""CL052: without quorum, everything can stop."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import INFINITY, Clone, Colocation, Configuration, Group, Order


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        configuration = cluster.configuration
        if len(configuration.nodes) < 2:
            continue
        for order in configuration.constraints:
            if isinstance(order, Order) and order.kind == "Mandatory" and not _local(order, configuration):
                what = (
                    f"the mandatory order {order.first} before {order.then} keeps {order.first} from stopping in a "
                    f"part without quorum while {order.then} is on a node that is out of reach"
                )
                path = subject.owner_path(cluster, order.then)
                yield subject.problem(path, what, "make the order Optional")


def _local(order: Order, configuration: Configuration) -> bool:
    """Whether each instance waits only for one on its own node."""
    clones = {resource.id: resource for resource in configuration.resources if isinstance(resource, Clone)}
    members = {
        member.id: resource.id
        for resource in configuration.resources
        if isinstance(resource, Group)
        for member in resource.members
    }
    first, then = order.first, order.then
    if first in members and members[first] == members.get(then):
        return True
    if first in clones and then in clones:
        return clones[first].interleave and clones[then].interleave
    if first in clones or then in clones:
        return False
    together = {
        frozenset((constraint.resource, constraint.with_))
        for constraint in configuration.constraints
        if isinstance(constraint, Colocation) and constraint.score >= INFINITY
    }
    return frozenset((first, then)) in together


CHECK = Check(
    "CL052",
    "A part without quorum can stop everything",
    "What a mandatory order started last stops first. When that is a single resource on another node, which is out of"
    " reach and cannot be fenced without quorum, the rest waits for its stop for ever: the minority keeps its "
    "services and its virtual addresses beside the majority's. Mandatory orders are safe between interleaved clones, "
    "and between resources that are always on one node; all others are Optional.",
    _find,
)
