"""What a cluster is asked for beside its services' own resources: constraints between services and of where they run,
virtual addresses, remote nodes, fencing, properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from congress.cluster.deployment import Node, Placed, VirtualIp
from congress.cluster.model.description import FencingDevice, NodeDescription, SecretReference
from congress.cluster.pacemaker.resources import (
    INFINITY,
    Clone,
    Colocation,
    Constraint,
    FencingLevel,
    Location,
    Operation,
    Order,
    Primitive,
    Resource,
)
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Service

MEMBERSHIP = "membership"
"""The node attribute that says whether a node is a full or a remote member."""


def orders(placed: tuple[Placed, ...], services: Mapping[str, type[Service]]) -> Iterator[Order]:
    """The start of a service after those that it names in `after`, where both are in the cluster.

    Optional, so that a failure of the first does not take the second along (it comes back by itself, clients connect
    again), and so that a partition without quorum never waits for a stop on a node that it cannot fence. Only what
    waits for a promotion on its own nodes is Mandatory: promotions come later than the transition that starts things.
    Where one instance of several is promoted, nobody waits: those beside the others would wait for ever.
    """
    here = {service.service: service for service in placed}
    for then in placed:
        for name in services[then.service].after:
            if name not in here:
                continue
            first = here[name]
            for resource, action in services[name].exit:
                for entry in services[then.service].entry:
                    if resource not in first.resources or entry not in then.resources:
                        continue
                    local = _clone(then, entry) and set(then.nodes) <= set(first.nodes)
                    mandatory = action == "promote" and local and _promoted_everywhere(first, resource)
                    yield Order(resource, entry, first_action=action, kind="Mandatory" if mandatory else "Optional")


def _promoted_everywhere(placed: Placed, resource: str) -> bool:
    return any(
        isinstance(own, Clone) and own.id == resource and own.promoted_max >= len(placed.nodes)
        for own in placed.declaration.resources
    )


def _clone(placed: Placed, resource: str) -> bool:
    return any(isinstance(own, Clone) and own.id == resource for own in placed.declaration.resources)


def locations(placed: Placed, nodes: tuple[Node, ...], resources: tuple[str, ...]) -> Iterator[Location]:
    """Bans from the members that do not run a service; one for all remote, or all full members, where none does."""
    away = [node for node in nodes if node.name not in placed.nodes]
    for remote, membership in ((False, "full"), (True, "remote")):
        banned = [node for node in away if node.remote is remote]
        everyone = [node for node in nodes if node.remote is remote]
        for resource in resources:
            if banned and banned == everyone:
                yield Location(resource, -INFINITY, attribute=(MEMBERSHIP, membership), discovery="never")
            else:
                for node in banned:
                    yield Location(resource, -INFINITY, node=node.name, discovery="never")


def attributes(nodes: tuple[Node, ...]) -> dict[str, Mapping[str, str]]:
    """The attributes that the locations ask for, where a cluster has remote members."""
    if not any(node.remote for node in nodes):
        return {}
    return {node.name: {MEMBERSHIP: "remote" if node.remote else "full"} for node in nodes}


def address_id(virtual_ip: VirtualIp) -> str:
    """The id of the resource of a virtual IP."""
    return f"vip-{virtual_ip.name}"


def address_resource(virtual_ip: VirtualIp, nodes: tuple[Node, ...]) -> Primitive:
    """The resource of a virtual IP on these nodes. Where interfaces differ, the agent finds one by the address."""
    parameters = {"ip": virtual_ip.address, "cidr_netmask": str(virtual_ip.prefix)}
    interfaces = {node.interfaces.get(virtual_ip.network) for node in nodes}
    if len(interfaces) == 1 and (interface := interfaces.pop()) is not None:
        parameters["nic"] = interface
    operations = (
        Operation("monitor", timeout=20, interval=2),
        Operation("start", timeout=20),
        Operation("stop", timeout=20),
    )
    return Primitive(address_id(virtual_ip), "ocf:heartbeat:IPaddr2", parameters, operations)


def address_constraints(virtual_ip: VirtualIp, followed: Placed, service: type[Service]) -> Iterator[Constraint]:
    """The address is where the service runs, or is promoted. A promotion comes before the address; the address before
    a proxy when both start, though the proxy can do without."""
    for resource, action in service.exit:
        if resource not in followed.resources:
            continue
        if action == "promote":
            yield Colocation(address_id(virtual_ip), resource, with_role="Promoted")
            yield Order(resource, address_id(virtual_ip), first_action="promote", kind="Optional")
        else:
            yield Colocation(address_id(virtual_ip), resource)
            yield Order(address_id(virtual_ip), resource, kind="Optional")


def remote_node(node: Node) -> Primitive:
    """The connection to a partial member."""
    operations = (
        Operation("monitor", timeout=30, interval=20),
        Operation("start", timeout=60),
        Operation("stop", timeout=60),
    )
    parameters = {"server": node.addresses["internal"], "reconnect_interval": "60"}
    return Primitive(node.name, "ocf:pacemaker:remote", parameters, operations)


def fencing_device(name: str, device: FencingDevice, members: tuple[str, ...]) -> Primitive:
    """A device, for the nodes of this cluster that it can switch off."""
    if isinstance(device.hosts, dict):
        plugs = ";".join(f"{host}:{plug}" for host, plug in device.hosts.items() if host in members)
        hosts = {"pcmk_host_map": plugs}
    else:
        hosts = {"pcmk_host_list": " ".join(host for host in device.hosts if host in members)}
    parameters = {key: _parameter(value) for key, value in sorted(device.parameters.items())}
    timeouts = {"pcmk_off_timeout": f"{device.timeout:g}s", "pcmk_reboot_timeout": f"{device.timeout * 2:g}s"}
    operations = (Operation("monitor", timeout=max(20.0, device.timeout), interval=60),)
    every = {"pcmk_host_check": "static-list"} | hosts | timeouts
    return Primitive(f"fence-{name}", f"stonith:{device.agent}", parameters | every, operations)


def _parameter(value: str | int | float | SecretReference) -> str:
    return mark(value.secret) if isinstance(value, SecretReference) else str(value)


def fencing_levels(
    node: str, described: NodeDescription, devices: Mapping[str, FencingDevice]
) -> Iterator[FencingLevel]:
    """In which order devices switch a node off: as described, or all that can as one after the other."""
    levels = described.fencing or tuple((name,) for name, device in devices.items() if node in device.hosts)
    for index, level in enumerate(levels, start=1):
        yield FencingLevel(node, index, tuple(f"fence-{name}" for name in level))


def properties(cluster: str, slowest: float, load_threshold: int) -> dict[str, str]:
    """What Pacemaker is told about the cluster as a whole. `slowest`: the seconds of its slowest fencing level;
    `load_threshold`: in percent. Fencing is tried until it succeeds: all that the node had waits for it, and who gives
    up after ten attempts, which take seconds when the switch refuses, waits a minute until it begins again."""
    return {
        "cluster-name": cluster,
        "cluster-recheck-interval": "60s",
        "concurrent-fencing": "true",
        "load-threshold": f"{load_threshold}%",
        "no-quorum-policy": "stop",
        "stonith-enabled": "true",
        "stonith-max-attempts": "INFINITY",
        "stonith-timeout": f"{max(60.0, slowest + 10):g}s",
    }


RESOURCE_DEFAULTS = {"failure-timeout": "60s", "migration-threshold": "3", "resource-stickiness": "100"}
"""A running resource stays; one that failed three times within a minute goes elsewhere, and may come back after it."""


def ids(resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """The ids of top-level resources."""
    return tuple(resource.id for resource in resources)
