"""Configurations of clusters that tests share: as small as they can be, and right."""

from __future__ import annotations

from congress.cluster.pacemaker.resources import (
    INFINITY,
    Clone,
    Colocation,
    Configuration,
    Constraint,
    Location,
    Operation,
    Order,
    Primitive,
    Resource,
)

NODES = ("n1", "n2", "n3")


def operations(monitor: float = 10.0) -> tuple[Operation, ...]:
    return (
        Operation("monitor", 20.0, interval=monitor),
        Operation("start", 60.0),
        Operation("stop", 60.0),
    )


def service(name: str) -> Clone:
    return Clone(f"{name}-clone", Primitive(name, f"systemd:{name}", operations=operations()))


def single(name: str) -> Primitive:
    return Primitive(name, f"systemd:{name}", operations=operations())


def address(name: str, ip: str) -> Primitive:
    parameters = {"ip": ip, "cidr_netmask": "24", "nic": "eth1"}
    return Primitive(f"vip-{name}", "ocf:heartbeat:IPaddr2", parameters, operations())


def galera(nodes: tuple[str, ...] = NODES) -> Clone:
    return Clone(
        "galera-clone",
        Primitive(
            "galera",
            "ocf:heartbeat:galera",
            {"wsrep_cluster_address": "gcomm://" + ",".join(nodes)},
            (
                Operation("monitor", 30.0, interval=20.0),
                Operation("monitor", 30.0, interval=10.0, role="Promoted"),
                Operation("monitor", 30.0, interval=30.0, role="Unpromoted"),
                Operation("promote", 300.0, on_fail="block"),
                Operation("start", 120.0),
                Operation("stop", 120.0),
            ),
        ),
        ordered=True,
        promotable=True,
        promoted_max=len(nodes),
    )


def fence(node: str) -> Primitive:
    return Primitive(
        f"fence-{node}",
        "stonith:fence_ipmilan",
        {"pcmk_host_list": node, "ip": f"10.0.9.{node[1:]}"},
        (Operation("monitor", 60.0, interval=60.0),),
    )


def with_address(
    *more: Resource, nodes: tuple[str, ...] = NODES, constraints: tuple[Constraint, ...] = ()
) -> Configuration:
    """A proxy on each node, an address where a proxy is, and `more`; each node is fenced by the others."""
    return Configuration(
        nodes=nodes,
        resources=(service("haproxy"), address("api", "10.0.0.200"), *more),
        constraints=(
            *(Location(f"fence-{node}", -INFINITY, node) for node in nodes),
            Order("vip-api", "haproxy-clone", kind="Optional"),
            Colocation("vip-api", "haproxy-clone"),
            *constraints,
        ),
        fencing=tuple(fence(node) for node in nodes),
        properties={"stonith-enabled": "true", "no-quorum-policy": "stop"},
        resource_defaults={"resource-stickiness": "INFINITY"},
    )
