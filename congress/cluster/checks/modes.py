"""CL055: what may run once runs once."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import Clone
from congress.cluster.services.contract import Mode


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        resources = placed.declaration.resources
        path = subject.service_path(placed)
        everywhere = [one.id for one in resources if isinstance(one, Clone) and one.clone_max != 1]
        if placed.mode is Mode.ACTIVE_PASSIVE and resources and len(everywhere) == len(resources):
            what = f"{placed.service} is active/passive, but {', '.join(everywhere)} runs on all nodes"
            yield subject.problem(path, what, "make the resource single, no clone")
        if placed.mode is Mode.ACTIVE_ACTIVE and resources and not everywhere and len(placed.nodes) > 1:
            what = f"{placed.service} is active/active, but nothing of it runs on more than one node"
            yield subject.problem(path, what, "make its resource a clone")


CHECK = Check(
    "CL055",
    "What is active/passive is no clone, what is active/active is one",
    "A service that must exist once, and runs on every node, does its work several times and breaks its data.",
    _find,
)
