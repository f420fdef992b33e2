"""CL008: each service has a second node."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.errors import Problem
from congress.cluster.services.contract import Mode


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster, placed in subject.placed():
        if len(placed.nodes) == 1 and placed.mode is not Mode.ONE_NODE and len(cluster.nodes) > 1:
            what = f"only {placed.nodes[0]!r} can run it, and it is gone with this node"
            yield subject.problem((*subject.service_path(placed), "nodes"), what, "name a second node at least")


CHECK = Check(
    "CL008",
    "Every service has a node to go to",
    "A service that one node alone may run is not restored when this node fails.",
    _find,
    Severity.WARNING,
)
