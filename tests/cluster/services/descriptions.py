"""Descriptions with every service that can be had: on one cluster of controllers with remote compute nodes, and each on
a cluster of its own.
"""

from __future__ import annotations

from congress.cluster.compose import compose
from congress.cluster.deployment import Cluster, Deployment, Placed
from congress.cluster.model.loading import parse
from congress.cluster.services.contract import Declaration
from congress.cluster.services.registry import services

OPTIONS = {
    "glance": "{store: swift}",
    "cinder": "{shares: ['nfs.example.org:/volumes']}",
    "neutron-agents": "{external_interface: eth1}",
    "gateway": "{resolvers: [192.0.2.53]}",
    "compute": "{instances_share: 'nfs.example.org:/instances'}",
}
CONTROLLED = (
    "clustermanager", "loadbalancer", "database", "messaging", "memcached", "mongodb", "redis", "keystone",
    "swift-storage", "swift-proxy", "glance", "cinder", "placement", "neutron-server", "neutron-agents", "nova",
    "gnocchi", "ceilometer", "aodh", "heat", "horizon", "congress", "gateway", "keepalived",
)  # fmt: skip
EVERYTHING = (*CONTROLLED, "compute")

_HEAD = """\
name: cloud
architecture: {architecture}
networks:
  internal: {{cidr: 10.0.0.0/16}}
  external: {{cidr: 192.0.2.0/24}}
virtual_ips:
  api: {{address: 10.0.255.1, cluster: {api}}}
  database: {{address: 10.0.255.2, cluster: {api}}}
  redis: {{address: 10.0.255.3, follows: redis}}
  gateway: {{address: 10.0.255.4, follows: gateway}}
  outside: {{address: 192.0.2.100, network: external, by: keepalived, cluster: {outside}}}
secrets: {{default: {{generated: 32}}}}
"""


def _nodes(names: tuple[str, ...], *, remote: tuple[str, ...] = ()) -> str:
    lines = ["nodes:"]
    for number, name in enumerate((*names, *remote)):
        third, fourth = divmod(number + 11, 200)
        addresses = f"internal: 10.0.{third}.{fourth}, external: 192.0.2.{number % 90 + 1}"
        more = ", remote: true" if name in remote else ""
        lines.append(f"  {name}: {{addresses: {{{addresses}}}, interfaces: {{internal: eth0, external: eth1}}{more}}}")
    every = ", ".join((*names, *remote))
    lines += ["fencing:", f"  power: {{agent: fence_ipmilan, hosts: [{every}], parameters: {{ip: 10.0.254.1}}}}"]
    return "\n".join(lines) + "\n"


def _services(names: tuple[str, ...], indent: str) -> str:
    return "".join(f"{indent}{name}:{f' {{options: {OPTIONS[name]}}}' if name in OPTIONS else ''}\n" for name in names)


def collapsed(*, without: tuple[str, ...] = ()) -> str:
    """All services on three controllers, two remote compute nodes."""
    controllers = ("control1", "control2", "control3")
    computes = ("compute1", "compute2")
    wanted = tuple(name for name in EVERYTHING if name not in without)
    return (
        _HEAD.format(architecture="collapsed", api="control", outside="control")
        + _nodes(controllers, remote=computes)
        + f"clusters:\n  control:\n    nodes: [{', '.join((*controllers, *computes))}]\n    services:\n"
        + _services(wanted, "      ")
    )


def segregated() -> str:
    """Each service on three nodes of its own; each compute node a cluster of its own."""
    names: list[str] = []
    clusters: list[str] = []
    together = {"clustermanager", "keepalived", "loadbalancer"}
    groups: list[tuple[str, tuple[str, ...]]] = [("balance", ("clustermanager", "loadbalancer", "keepalived"))]
    groups += [(name.replace("_", "-"), (name,)) for name in EVERYTHING if name not in together]
    for group, wanted in groups:
        members = tuple(f"{group}{number}" for number in (1, 2, 3))
        names += members
        alone = "    alone: true\n" if wanted == ("compute",) else ""
        clusters.append(
            f"  {group}:\n    nodes: [{', '.join(members)}]\n{alone}    services:\n{_services(wanted, '      ')}"
        )
    return (
        _HEAD.format(architecture="mixed", api="balance", outside="balance")
        + _nodes(tuple(names))
        + "clusters:\n"
        + "".join(clusters)
    )


def composed(text: str) -> Deployment:
    return compose(parse(text), services())


def placed(deployment: Deployment, service: str) -> tuple[Cluster, Placed]:
    """A service, and the first cluster that has it."""
    return next(
        (cluster, each) for cluster in deployment.clusters for each in cluster.services if each.service == service
    )


def declared(deployment: Deployment, service: str) -> Declaration:
    return placed(deployment, service)[1].declaration
