"""CL002: no more than sixteen full members."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

MOST = 16


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        members = len(cluster.configuration.nodes)
        if members > MOST:
            what = f"{cluster.name!r} has {members} full members, more than {MOST}"
            instead = "write `remote: true` for those that need no vote, or let each be a cluster with `alone: true`"
            yield subject.problem((*subject.cluster_path(cluster), "nodes"), what, instead)


CHECK = Check(
    "CL002",
    "A cluster has at most 16 full members",
    "Corosync passes a token round all members before anything is decided; beyond sixteen it takes so long that "
    "healthy nodes are taken for dead. Others join as remote nodes, without a vote, as many as you like, or are "
    "clusters of one node each.",
    _find,
)
