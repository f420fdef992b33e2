"""In which order services come into a cluster's configuration, and what the configuration is meanwhile.

A service that is started before its tables exist fails, and Pacemaker then moves or bans it; so a service comes into
the configuration when everything that it needs works, and not before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from congress.cluster.deployment import Cluster, Deployment, Placed
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.pacemaker.resources import (
    INFINITY,
    Colocation,
    Configuration,
    Constraint,
    Location,
    Order,
    Resource,
)
from congress.cluster.plan.errors import PlanError


@dataclass(frozen=True, slots=True)
class Stage:
    """One service coming into one cluster."""

    cluster: Cluster
    placed: Placed

    @property
    def key(self) -> tuple[str, str]:
        return self.cluster.name, self.placed.service


def stages(deployment: Deployment) -> tuple[Stage, ...]:
    """All services, each after those that it needs. Raises PlanError when services need each other in a circle."""
    all_of_them = [Stage(cluster, placed) for cluster in deployment.clusters for placed in cluster.services]
    by_key = {stage.key: stage for stage in all_of_them}
    sorter: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for stage in all_of_them:
        before = [other.key for other in all_of_them if _precedes(other, stage)]
        sorter.add(stage.key, *before)
    try:
        return tuple(by_key[key] for key in _stable(sorter, list(by_key)))
    except CycleError as error:
        circle = " -> ".join(f"{service} in {cluster}" for cluster, service in error.args[1])
        raise PlanError(f"services need each other in a circle: {circle}; let one of them start without") from error


def _precedes(first: Stage, then: Stage) -> bool:
    if first.key == then.key:
        return False
    needed = {*then.placed.after, *(name for once in then.placed.declaration.once for name in once.after)}
    return first.placed.service in needed


def _stable(sorter: TopologicalSorter[tuple[str, str]], order: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """In the order of the description, as far as needs allow."""
    sorter.prepare()
    waiting: list[tuple[str, str]] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()], key=order.index)
        chosen = waiting.pop(0)
        yield chosen
        sorter.done(chosen)


def ids(resource: Resource) -> frozenset[str]:
    """All names that constraints may call a resource by."""
    return frozenset({resource.id, *(primitive.id for primitive in primitives([resource]))})


def restricted(cluster: Cluster, services: Collection[str]) -> Configuration:
    """The cluster's configuration with the resources of these services only. A resource of no service is in it when all
    are that it has to be together with: an address waits for its proxy."""
    owner = {name: placed.service for placed in cluster.services for name in placed.resources}
    configuration = cluster.configuration
    if all(placed.service in services for placed in cluster.services):
        return configuration
    present = frozenset(
        name for resource in configuration.resources if owner.get(resource.id) in services for name in ids(resource)
    )
    resources = tuple(
        resource
        for resource in configuration.resources
        if resource.id in present or (resource.id not in owner and _companions(configuration, resource) <= present)
    )
    names = frozenset(name for resource in (*resources, *configuration.fencing) for name in ids(resource))
    constraints = tuple(each for each in configuration.constraints if named(each) <= names)
    return replace(configuration, resources=resources, constraints=constraints)


def _companions(configuration: Configuration, resource: Resource) -> frozenset[str]:
    own = ids(resource)
    return frozenset(
        constraint.with_
        for constraint in configuration.constraints
        if isinstance(constraint, Colocation) and constraint.resource in own and constraint.score >= INFINITY
    )


def named(constraint: Constraint) -> frozenset[str]:
    """The resources that a constraint speaks of."""
    match constraint:
        case Order():
            return frozenset({constraint.first, constraint.then})
        case Colocation():
            return frozenset({constraint.resource, constraint.with_})
        case Location():
            return frozenset({constraint.resource})
