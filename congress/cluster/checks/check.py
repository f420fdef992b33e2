"""What a check is, and what it looks at. A module of this package names its check `CHECK`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TypeAlias

from congress.cluster.deployment import Cluster, Deployment, Placed
from congress.cluster.errors import Problem
from congress.cluster.model.loading import Described
from congress.cluster.model.source import Path
from congress.cluster.pacemaker.resources import Clone, Group, Primitive, Resource
from congress.cluster.placement import Layout
from congress.cluster.services.contract import Service


class Severity(Enum):
    """An error is never meant; a warning may be, by who knows what it costs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the description. `missing`: secrets that are not to be had, with the reason; `awkward`:
    those with other characters than a password needs. `certificate`, `key`: the texts in PEM that `tls` names, None
    when they cannot be read."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    missing: Mapping[str, str] = field(default_factory=dict)
    awkward: frozenset[str] = frozenset()
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a deployment, what it came from, and what is around."""

    described: Described
    deployment: Deployment
    services: Mapping[str, type[Service]]
    surroundings: Surroundings = field(default_factory=Surroundings)

    @property
    def layout(self) -> Layout:
        return Layout(self.described, self.services)

    def problem(self, path: Path, what: str, instead: str) -> Problem:
        """Something wrong at a place of the description."""
        return self.described.source.problem(path, what, instead)

    def cluster_path(self, cluster: Cluster) -> Path:
        """Where a cluster is described."""
        clusters = self.layout.clusters()
        return ("clusters", clusters[cluster.name][0] if cluster.name in clusters else cluster.name)

    def service_path(self, placed: Placed) -> Path:
        """Where a service is described."""
        clusters = self.layout.clusters()
        known = clusters[placed.cluster][0] if placed.cluster in clusters else placed.cluster
        return ("clusters", known, "services", placed.service)

    def placed(self) -> Iterator[tuple[Cluster, Placed]]:
        """All services, cluster by cluster."""
        for cluster in self.deployment.clusters:
            for placed in cluster.services:
                yield cluster, placed

    def owner_path(self, cluster: Cluster, resource: str) -> Path:
        """Where that is described which a resource belongs to: a service, a virtual IP, a device, or the cluster."""
        for placed in cluster.services:
            if resource in placed.resources or resource in {one.id for one in primitives(placed.declaration.resources)}:
                return self.service_path(placed)
        kind, _, name = resource.partition("-")
        section = {"vip": "virtual_ips", "fence": "fencing"}.get(kind)
        return (section, name) if section is not None else self.cluster_path(cluster)


Find: TypeAlias = Callable[[Subject], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Check:
    """`code`: CL and three digits, never used for anything else again. `title`: what must hold. `explanation`: why, and
    what happens otherwise."""

    code: str
    title: str
    explanation: str
    find: Find
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    check: Check
    problem: Problem

    def __str__(self) -> str:
        problem = self.problem
        where = f"{problem.file}:{problem.line}: {self.check.code} {self.check.severity.value}"
        return f"{where}: {problem.field}: {problem.what}; {problem.instead}"


def primitives(resources: tuple[Resource, ...]) -> Iterator[Primitive]:
    """All primitives, those in clones and groups, too."""
    for resource in resources:
        match resource:
            case Primitive():
                yield resource
            case Clone():
                yield resource.primitive
            case Group():
                yield from resource.members


def with_agent(placed: Placed, agent: str) -> bool:
    """Whether the service is what this agent runs."""
    return any(primitive.agent == agent for primitive in primitives(placed.declaration.resources))
