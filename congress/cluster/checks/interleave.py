"""CL053: clones wait for their neighbour, not for all."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import Clone


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for resource in cluster.configuration.resources:
            if isinstance(resource, Clone) and not resource.interleave:
                what = (
                    f"{resource.id} is not interleaved: an instance that restarts makes dependents restart on all nodes"
                )
                yield subject.problem(subject.owner_path(cluster, resource.id), what, "set interleave to true")


CHECK = Check(
    "CL053",
    "Clones are interleaved",
    "Without interleave whatever is ordered after a clone waits for all of its instances, and is restarted everywhere"
    " when one of them is. With it an instance waits for the one on its own node.",
    _find,
)
