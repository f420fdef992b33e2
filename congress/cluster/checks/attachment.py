"""CL032: whoever may hold an address, or serve from a network, is attached to it."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    for cluster in subject.deployment.clusters:
        for virtual_ip in subject.deployment.virtual_ips:
            follows = description.virtual_ips[virtual_ip.name].follows
            holders = [placed.nodes for placed in cluster.services if placed.service == follows]
            for node in cluster.nodes:
                held_here = virtual_ip.cluster == cluster.name and any(node.name in nodes for nodes in holders)
                if held_here and virtual_ip.network not in node.addresses:
                    what = f"it may come to hold {virtual_ip.name!r}, but is not in network {virtual_ip.network!r}"
                    instead = f"add `{virtual_ip.network}: ADDRESS`"
                    yield subject.problem(("nodes", node.name, "addresses"), what, instead)
    for cluster, placed in subject.placed():
        networks = {port.network for port in placed.declaration.ports}
        networks |= {listener.network for listener in placed.declaration.listeners}
        for node in cluster.nodes:
            for network in sorted(networks - set(node.addresses)) if node.name in placed.nodes else ():
                what = f"{placed.service} listens in {network!r}, where the node has no address"
                yield subject.problem(("nodes", node.name, "addresses"), what, f"add `{network}: ADDRESS`")


CHECK = Check(
    "CL032",
    "Nodes are in the networks that they serve",
    "An address that moves to a node which is not in its network is not reachable there.",
    _find,
)
