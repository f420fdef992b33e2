"""CL004: a fencing device does not depend on what it fences."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

ADDRESS = ("ip", "ipaddr")


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    own = {
        str(address): f"an address of {name!r}"
        for name, node in description.nodes.items()
        for address in node.addresses.values()
    }
    own |= {str(ip.address): f"the virtual IP {name!r}" for name, ip in description.virtual_ips.items()}
    for name, device in description.fencing.items():
        for key in ADDRESS:
            owner = own.get(str(device.parameters.get(key)))
            if owner is not None:
                what = f"it is reached at {device.parameters[key]}, which is {owner}"
                instead = "write the address of the management board or power switch, which answers without the node"
                yield subject.problem(("fencing", name, "parameters", key), what, instead)


CHECK = Check(
    "CL004",
    "A fencing device answers when the nodes do not",
    "A device at an address of a node, or at a virtual address, is gone together with what it should switch off. The "
    "simulation of failures takes for granted that fencing works, so this is looked at here.",
    _find,
)
