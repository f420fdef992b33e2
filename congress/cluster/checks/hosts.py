"""CL006: no physical machine carries a majority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        full = [node for node in cluster.nodes if not node.remote]
        if len(full) < 2:
            continue
        votes = len(full) + (cluster.quorum_device is not None)
        majority = votes // 2 + 1
        on: dict[str, list[str]] = defaultdict(list)
        for node in full:
            on[node.host].append(node.name)
        for host, names in on.items():
            if votes - len(names) < majority:
                what = f"the machine {host!r} carries {', '.join(names)}: without it {cluster.name!r} has no majority"
                instead = f"put some of them on other machines; one may carry {votes - majority} of {len(full)}"
                yield subject.problem(("nodes", names[-1], "host"), what, instead)


CHECK = Check(
    "CL006",
    "No physical machine carries the majority of a cluster",
    "Virtual nodes die with the machine below them. When the nodes that are left have no majority, one broken power "
    "supply stops the whole cluster.",
    _find,
)
