"""CL051: constraints and services name resources that exist."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, primitives
from congress.cluster.deployment import Cluster
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import Colocation, Constraint, Group, Order


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        configuration = cluster.configuration
        known = {resource.id for resource in configuration.resources}
        known |= {resource.id for resource in primitives(configuration.resources)}
        for constraint in configuration.constraints:
            for name in _named(constraint):
                if name not in known:
                    what = f"the constraint {constraint.id!r} names {name!r}, which is no resource of {cluster.name!r}"
                    path = _path(subject, cluster, constraint)
                    yield subject.problem(
                        path, what, "name a resource that the cluster has, with `-clone` if it is one"
                    )
        devices = {device.id for device in configuration.fencing}
        for level in configuration.levels:
            for device in level.devices:
                if device not in devices:
                    what = f"its fencing level {level.index} names {device!r}, which is no device of {cluster.name!r}"
                    yield subject.problem(("nodes", level.target, "fencing"), what, "name devices below `fencing`")
        yield from _ends(subject, cluster)


def _named(constraint: Constraint) -> tuple[str, ...]:
    match constraint:
        case Order():
            return (constraint.first, constraint.then)
        case Colocation():
            return (constraint.resource, constraint.with_)
    return (constraint.resource,)


def _path(subject: Subject, cluster: Cluster, constraint: Constraint) -> tuple[str | int, ...]:
    for placed in cluster.services:
        if constraint in placed.declaration.constraints:
            return subject.service_path(placed)
    return subject.cluster_path(cluster)


def _ends(subject: Subject, cluster: Cluster) -> Iterator[Problem]:
    """Services that others wait for by resources which they do not have."""
    for placed in cluster.services:
        service = subject.services.get(placed.service)
        if service is None:
            continue
        members = {
            member.id
            for resource in placed.declaration.resources
            if isinstance(resource, Group)
            for member in resource.members
        }
        for name in (*service.entry, *(resource for resource, _ in service.exit)):
            if placed.resources and name not in placed.resources and name not in members:
                what = f"{placed.service} is entered or left by {name!r}, which it does not declare"
                yield subject.problem(subject.service_path(placed), what, "name one of its top-level resources")


CHECK = Check(
    "CL051",
    "Constraints name resources that exist",
    "Pacemaker refuses the whole configuration when a constraint names nothing; and an order that was meant for a "
    "resource of another name holds for none.",
    _find,
)
