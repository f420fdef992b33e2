"""What invariants know about a cluster beside its states: which resources are single, what needs what, and where an
address needs a proxy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from congress.cluster.deployment import Cluster
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.pacemaker.resources import INFINITY, Clone, Colocation, Configuration, Group, Order, Primitive

ADDRESS = "ocf:heartbeat:IPaddr2"
PROXY = "loadbalancer"


@dataclass(frozen=True, slots=True)
class Need:
    """`then` needs `first`, both primitives. `local`: the one on its node. `strict`: at all times, not only when both
    change. `ordered`: it starts after it (or after its promotion)."""

    first: str
    then: str
    promoted: bool = False
    local: bool = True
    strict: bool = True
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Expectations:
    """`clones`: primitives with an instance on each node; `promoted`: how many of a primitive's instances are;
    `devices`: what fences; `proxied`: an address -> the primitives one of which has to be where it is."""

    configuration: Configuration
    clones: Mapping[str, Clone] = field(default_factory=dict)
    promoted: Mapping[str, int] = field(default_factory=dict)
    devices: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = ()
    proxied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    quorum_device: bool = False

    def single(self, resource: str) -> bool:
        return resource not in self.clones and resource not in self.devices

    def dependents(self, resource: str) -> frozenset[str]:
        """What cannot work without a resource, directly or not."""
        found: set[str] = set()
        todo = [resource]
        while todo:
            name = todo.pop()
            more = {need.then for need in self.needs if need.strict and need.first == name} - found
            found |= more
            todo.extend(more)
        return frozenset(found)


def expectations(configuration: Configuration, cluster: Cluster | None = None) -> Expectations:
    """What a configuration means. `cluster`: which addresses are for a proxy; without it, each beside a clone of
    haproxy."""
    inner = _inner(configuration)
    clones = {
        resource.primitive.id: resource for resource in configuration.resources if isinstance(resource, Clone)
    }
    return Expectations(
        configuration,
        clones=clones,
        promoted={name: clone.promoted_max for name, clone in clones.items() if clone.promotable},
        devices=frozenset(device.id for device in configuration.fencing),
        needs=tuple(_needs(configuration, inner, clones)),
        proxied=_proxied(configuration, cluster),
        quorum_device=cluster is not None and cluster.quorum_device is not None,
    )


def _inner(configuration: Configuration) -> Mapping[str, tuple[str, ...]]:
    """The primitives of each resource that a constraint can name."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in configuration.resources:
        names = tuple(primitive.id for primitive in primitives((resource,)))
        found[resource.id] = names
        found |= {name: (name,) for name in names}
    return found


def _needs(
    configuration: Configuration, inner: Mapping[str, tuple[str, ...]], clones: Mapping[str, Clone]
) -> Iterator[Need]:
    for constraint in configuration.constraints:
        if isinstance(constraint, Order):
            first, then = inner.get(constraint.first, ()), inner.get(constraint.then, ())
            if not first or not then:
                continue
            local = _local(first[-1], clones) and _local(then[0], clones)
            promoted = constraint.first_action == "promote"
            strict = constraint.kind == "Mandatory"
            yield Need(first[-1], then[0], promoted, local=local, strict=strict)
        elif isinstance(constraint, Colocation) and constraint.score >= INFINITY:
            first, then = inner.get(constraint.with_, ()), inner.get(constraint.resource, ())
            if first and then:
                # Colocation says where, not when.
                yield Need(first[-1], then[0], constraint.with_role == "Promoted", ordered=False)
    for resource in configuration.resources:
        if isinstance(resource, Group):
            yield from (Need(one.id, other.id, local=True) for one, other in pairwise(resource.members))


def _local(primitive: str, clones: Mapping[str, Clone]) -> bool:
    return primitive in clones and clones[primitive].interleave


def _proxied(configuration: Configuration, cluster: Cluster | None) -> Mapping[str, frozenset[str]]:
    proxies = frozenset(_proxies(configuration, cluster))
    if not proxies:
        return {}
    own = {
        primitive.id
        for placed in (cluster.services if cluster is not None else ())
        for primitive in primitives(placed.declaration.resources)
    }
    # An address that a service declares by itself, or that follows another service than the proxy, goes its own way.
    elsewhere = {
        constraint.resource
        for constraint in configuration.constraints
        if isinstance(constraint, Colocation) and constraint.with_role == "Promoted"
    }
    return {
        resource.id: proxies
        for resource in configuration.resources
        if isinstance(resource, Primitive)
        and resource.agent == ADDRESS
        and resource.id not in own
        and resource.id not in elsewhere
    }


def _proxies(configuration: Configuration, cluster: Cluster | None) -> Iterator[str]:
    if cluster is None:
        for resource in configuration.resources:
            if isinstance(resource, Clone) and resource.primitive.agent.endswith(":haproxy"):
                yield resource.primitive.id
        return
    for placed in cluster.services:
        if placed.service == PROXY:
            yield from (primitive.id for primitive in primitives(placed.declaration.resources))
