"""CL070: the clusters are what `architecture` says."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    architecture = subject.described.description.architecture
    clusters = {name: one for name, one in subject.described.description.clusters.items() if not one.alone}
    if architecture == "collapsed":
        for name in list(clusters)[1:]:
            what = f"in a collapsed control plane everything is in one cluster; {name!r} is another one"
            yield subject.problem(("clusters", name), what, "move its services, or write `architecture: mixed`")
    if architecture == "segregated":
        for name, cluster in clusters.items():
            if len(cluster.services) > 1:
                what = f"each service has its own cluster in a segregated one; {name!r} has {len(cluster.services)}"
                yield subject.problem(("clusters", name, "services"), what, "split it, or write `architecture: mixed`")


CHECK = Check(
    "CL070",
    "The clusters are what `architecture` says",
    "Who reads `collapsed` expects one cluster, who reads `segregated` expects that services fail apart from each "
    "other. Clusters of single nodes (`alone`) do not count.",
    _find,
)
