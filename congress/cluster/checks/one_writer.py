"""CL010: all clients of Galera write at one node."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, with_agent
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        if not with_agent(placed, "ocf:heartbeat:galera"):
            continue
        path = subject.service_path(placed)
        if not placed.declaration.listeners:
            yield subject.problem(
                path, "clients reach its nodes without the proxy", "give it a listener with one writer"
            )
        for listener in placed.declaration.listeners:
            if listener.stickiness != "first":
                what = f"the listener {listener.name!r} spreads writers over the nodes of Galera"
                yield subject.problem(path, what, "let it send all to the first server that works (stickiness: first)")


CHECK = Check(
    "CL010",
    "Galera has one writer",
    "Each node of Galera takes writes, but locks only its own rows: two transactions that meet on different nodes are"
    " found out at commit, and one of them fails with a deadlock. LOCK TABLES is granted on two nodes at once, and "
    "can block a node for ever. Behind a proxy that sends everybody to one node, and to the next when that fails, "
    "none of it happens.",
    _find,
)
