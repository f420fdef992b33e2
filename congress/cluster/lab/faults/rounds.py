"""All faults, round after round, with results that are written down as they come: what was done is not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from congress.cluster.deployment import Cluster
from congress.cluster.lab.faults import results
from congress.cluster.lab.faults.breaking import Result, applies, broken
from congress.cluster.lab.faults.catalogue import Fault
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.secrets import made_up
from congress.cluster.lab.up import rehearsed_in

MORE = 2
"""How many times as often as it is wanted a fault is tried, when runs are discarded."""


def rounds(
    laboratory: Laboratory, faults: Sequence[Fault], times: int, file: Path | None, done: Callable[[Result], None]
) -> tuple[Result, ...]:
    """Do each fault `times` often, and give all results; those that `file` has already count, and `done` is told of the
    others. Every fault once is a round, so that an end before the last one leaves figures of all of them.

    Raises LaboratoryError when a cluster has no quorum to begin with."""
    described, deployment = rehearsed_in(laboratory)
    vault = made_up(described, laboratory.places.directory)
    found = list(results.read(file)) if file is not None and file.exists() else []
    for number in range(1, MORE * times + 1):
        for cluster, fault in _pairs(deployment.clusters, faults):
            mine = [each for each in found if (each.cluster, each.fault) == (cluster.name, fault.name)]
            valid = sum(not each.discarded for each in mine)
            # A round that was interrupted is completed before the next one.
            if valid >= min(number, times) or len(mine) >= MORE * times:
                continue
            if not applies(fault, laboratory, cluster):
                continue
            found.append(broken(fault, laboratory, deployment, vault, cluster))
            done(found[-1])
            if file is not None:
                results.write(file, found)
    return tuple(found)


def _pairs(clusters: Sequence[Cluster], faults: Sequence[Fault]) -> Iterator[tuple[Cluster, Fault]]:
    for cluster in clusters:
        for fault in faults:
            yield cluster, fault
