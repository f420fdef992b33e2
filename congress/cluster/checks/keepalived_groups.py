"""CL074: keepalived is where its addresses are, and its groups are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.deployment import Placed
from congress.cluster.errors import Problem

SERVICE = "keepalived"
GROUP = re.compile(r"vrrp_instance (\S+) \{[^}]*?virtual_router_id (\d+)")


def _find(subject: Subject) -> Iterator[Problem]:
    held = {ip.name: ip for ip in subject.deployment.virtual_ips if ip.by == SERVICE}
    here = {placed.cluster: placed for _, placed in subject.placed() if placed.service == SERVICE}
    for name, ip in held.items():
        if ip.cluster not in here:
            what = f"nobody moves this address: cluster {ip.cluster!r} does not have the service {SERVICE!r}"
            yield subject.problem(("virtual_ips", name, "by"), what, f"add {SERVICE!r} to it, or write `by: pacemaker`")
    taken: dict[tuple[str, str], str] = {}
    for cluster, placed in here.items():
        for name, number in _groups(placed):
            if name not in held:
                continue
            key = (held[name].network, number)
            if taken.setdefault(key, cluster) != cluster:
                what = f"cluster {taken[key]!r} has a group {number} in the network {key[0]!r}, too"
                path = (*subject.service_path(placed), "options", "first_router_id")
                yield subject.problem(path, what, "begin with another number here")


def _groups(placed: Placed) -> set[tuple[str, str]]:
    """Address and number of each group."""
    return {found for file in placed.declaration.files for found in GROUP.findall(file.content)}


CHECK = Check(
    "CL074",
    "Whoever is to move an address is there, and is heard by its own group only",
    "An address that is left to keepalived is on no node where keepalived is on none of its cluster. Groups with one "
    "number in one network take each other's announcements for their own, and answer for each other's address.",
    _find,
)
