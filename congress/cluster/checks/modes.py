"""CL055: what may run once runs once."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import Clone
from congress.cluster.services.contract import Mode


def _find(subject: Subject) -> Iterator[Problem]:
    followed = {ip.follows for ip in subject.described.description.virtual_ips.values()}
    for _, placed in subject.placed():
        resources = placed.declaration.resources
        path = subject.service_path(placed)
        everywhere = [one.id for one in resources if isinstance(one, Clone) and not _once(one)]
        passive = placed.mode is Mode.ACTIVE_PASSIVE and placed.service not in followed
        if passive and resources and len(everywhere) == len(resources):
            what = f"{placed.service} is active/passive, but {', '.join(everywhere)} runs on all nodes"
            yield subject.problem(path, what, "make the resource single, no clone, or let a virtual IP follow it")
        if placed.mode is Mode.ACTIVE_ACTIVE and resources and not everywhere and len(placed.nodes) > 1:
            what = f"{placed.service} is active/active, but nothing of it runs on more than one node"
            yield subject.problem(path, what, "make its resource a clone")


def _once(clone: Clone) -> bool:
    return clone.clone_max == 1 or (clone.promotable and clone.promoted_max == 1)


CHECK = Check(
    "CL055",
    "What is active/passive is active once, what is active/active everywhere",
    "A service that must exist once, and runs on every node, does its work several times and breaks its data. Once "
    "active is a resource that is no clone, a promotable one with one promoted instance, or a clone of which only "
    "that one is used where a virtual address is.",
    _find,
)
