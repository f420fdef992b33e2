"""CL001: an odd number of votes, three at least."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.services.contract import Mode


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        members = len(cluster.configuration.nodes)
        votes = members + (cluster.quorum_device is not None)
        path = (*subject.cluster_path(cluster), "nodes")
        if members == 1 and all(placed.mode is Mode.ONE_NODE for placed in cluster.services):
            continue
        if votes < 3:
            what = (
                f"{cluster.name!r} has {votes} {'vote' if votes == 1 else 'votes'}: no majority is left after one loss"
            )
            instead = "add a `quorum_device`" if members == 2 else "give it three nodes"
            yield subject.problem(path, what, f"{instead}, or nodes up to an odd number")
        elif votes % 2 == 0 and cluster.quorum_device is not None:
            what = f"{cluster.name!r} has {members} nodes and a quorum device: {votes} votes may part into halves"
            yield subject.problem((*path[:-1], "quorum_device"), what, "remove it; an odd number of nodes needs none")
        elif votes % 2 == 0:
            what = f"{cluster.name!r} has {votes} votes, which may part into halves without a majority"
            yield subject.problem(path, what, "add or remove a node, or add a `quorum_device`")


CHECK = Check(
    "CL001",
    "A cluster has an odd number of votes, and three at least",
    "Only the part of a cluster with more than half of the votes may run services. Of two nodes neither has more than"
    " half when they lose each other, so both would stop, or both would run everything. An even number survives no "
    "more losses than the odd number below it, and a cut into halves stops all. Two nodes and a quorum device on a "
    "third machine are three votes. A single node is enough only for services that each node runs for itself, as "
    "computes do.",
    _find,
)
