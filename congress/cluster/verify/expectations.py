"""What invariants know about a cluster beside its states: which resources are single, what needs what, and where an
address needs a proxy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from congress.cluster.arrangement import address_id
from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.pacemaker.cib import primitives, remotes
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
    `devices`: what fences; `proxied`: an address -> the primitives one of which has to be where it is; `remotes`: the
    connections to partial members; `forgetful`: what is tried again some time after it failed for good."""

    configuration: Configuration
    clones: Mapping[str, Clone] = field(default_factory=dict)
    promoted: Mapping[str, int] = field(default_factory=dict)
    devices: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = ()
    proxied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    quorum_device: bool = False
    remotes: frozenset[str] = frozenset()
    forgetful: frozenset[str] = frozenset()

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


def expectations(configuration: Configuration, proxied: Mapping[str, frozenset[str]] | None = None) -> Expectations:
    """What a configuration means. `proxied`: without it, each address needs a haproxy, if the cluster has one."""
    clones = {resource.primitive.id: resource for resource in configuration.resources if isinstance(resource, Clone)}
    connections = frozenset(remote.id for remote in remotes(configuration))
    return Expectations(
        configuration,
        clones=clones,
        promoted={name: clone.promoted_max for name, clone in clones.items() if clone.promotable},
        devices=frozenset(device.id for device in configuration.fencing),
        needs=tuple(_needs(configuration, _inner(configuration), clones)),
        proxied=_proxied(configuration) if proxied is None else proxied,
        remotes=connections,
        forgetful=connections | frozenset(_forgetful(configuration)),
    )


def expectations_of(deployment: Deployment, cluster: Cluster) -> Expectations:
    """What one of a deployment's clusters has to do."""
    listening = {
        listener.address
        for other in deployment.clusters
        for placed in other.services
        for listener in placed.declaration.listeners
    }
    proxies = frozenset(
        primitive.id
        for placed in cluster.services
        if placed.service == PROXY
        for primitive in primitives(placed.declaration.resources)
    )
    proxied = {
        address_id(ip): proxies
        for ip in deployment.virtual_ips
        if ip.cluster == cluster.name and ip.by == "pacemaker" and ip.name in listening
    }
    return replace(expectations(cluster.configuration, proxied), quorum_device=cluster.quorum_device is not None)


def _forgetful(configuration: Configuration) -> Iterator[str]:
    default = configuration.resource_defaults.get("failure-timeout", "0")
    for primitive in primitives(configuration.resources):
        if primitive.meta.get("failure-timeout", default).rstrip("sminh") not in ("0", ""):
            yield primitive.id


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


def _proxied(configuration: Configuration) -> Mapping[str, frozenset[str]]:
    proxies = frozenset(
        resource.primitive.id
        for resource in configuration.resources
        if isinstance(resource, Clone) and resource.primitive.agent.endswith(":haproxy")
    )
    if not proxies:
        return {}
    return {
        resource.id: proxies
        for resource in configuration.resources
        if isinstance(resource, Primitive) and resource.agent == ADDRESS
    }
