"""What one Pacemaker cluster is asked to do, as plain values: resources, constraints, fencing, properties.

Named as in Pacemaker Explained. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

INFINITY = 1_000_000

Role: TypeAlias = Literal["Started", "Promoted", "Unpromoted"]


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done with a resource, how often (0: when needed) and how long it may take. A resource with a role has a
    monitor for each role, with different intervals."""

    name: Literal["start", "stop", "monitor", "promote", "demote", "notify"]
    timeout: float
    interval: float = 0.0
    on_fail: Literal["restart", "block", "fence", "ignore", "standby", "stop"] | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Primitive:
    """One thing that runs. `agent`: class:provider:type or class:type, as `ocf:heartbeat:IPaddr2`, `systemd:haproxy`,
    `stonith:fence_ipmilan`. A value of `parameters` may name a secret, see `congress.cluster.secrets`."""

    id: str
    agent: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """The unit that is started and stopped with it, without `.service`; empty when its agent starts no unit. An
        agent that stands in for systemd is told the unit by its parameter of that name."""
        class_, _, name = self.agent.partition(":")
        return name.removesuffix(".service") if class_ == "systemd" else self.parameters.get("unit", "")


@dataclass(frozen=True, slots=True)
class Clone:
    """A primitive on every node that may run it. `promotable`: some of the instances are promoted."""

    id: str
    primitive: Primitive
    interleave: bool = True
    ordered: bool = False
    notify: bool = False
    promotable: bool = False
    promoted_max: int = 1
    clone_max: int | None = None
    globally_unique: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Primitives that run on one node, started in this order."""

    id: str
    members: tuple[Primitive, ...]


Resource: TypeAlias = Primitive | Clone | Group


@dataclass(frozen=True, slots=True)
class Order:
    """`first` before `then`, and stopped the other way round. `Optional`: only when both start at a time; they stop as
    they come, so that nothing that failed waits with its recovery until what came after it has stopped."""

    first: str
    then: str
    first_action: Literal["start", "promote"] = "start"
    kind: Literal["Mandatory", "Optional"] = "Mandatory"
    require_all: bool = True

    @property
    def id(self) -> str:
        return f"order-{self.first}-{self.then}"

    @property
    def symmetrical(self) -> bool:
        """Whether it binds stops, too."""
        return self.kind == "Mandatory"


@dataclass(frozen=True, slots=True)
class Colocation:
    """`resource` runs where `with_` runs (INFINITY), rather there (positive), or not there (negative)."""

    resource: str
    with_: str
    score: int = INFINITY
    with_role: Role | None = None

    @property
    def id(self) -> str:
        return f"colocation-{self.resource}-{self.with_}"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a resource may run: a node by name, or all nodes whose attribute equals a value."""

    resource: str
    score: int
    node: str | None = None
    attribute: tuple[str, str] | None = None
    discovery: Literal["always", "exclusive", "never"] | None = None

    @property
    def id(self) -> str:
        return f"location-{self.resource}-{self.node or '-'.join(self.attribute or ())}"


Constraint: TypeAlias = Order | Colocation | Location


@dataclass(frozen=True, slots=True)
class FencingLevel:
    """All `devices` of the lowest level that work are used to fence `target`."""

    target: str
    index: int
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One cluster's configuration. `nodes`: the full members, in the order of their ids, 1 and up; remote nodes are
    `ocf:pacemaker:remote` primitives among `resources`. `attributes`: node -> name -> value. `fencing`: the devices."""

    nodes: tuple[str, ...]
    resources: tuple[Resource, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    fencing: tuple[Primitive, ...] = ()
    levels: tuple[FencingLevel, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    resource_defaults: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
