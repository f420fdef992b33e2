"""CL020: a dead node is found out within the time that is promised for its addresses."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.checks.times import ADDRESS_MOVES
from congress.cluster.errors import Problem

COEFFICIENT = 0.65
"""Corosync's token_coefficient: seconds more for each member beyond two."""
CONSENSUS = 1.2
"""Corosync's consensus, as a multiple of the token's time."""
REST = 1.0
"""Seconds for Pacemaker to decide, fence with a quick device and start an address, as measured."""
LEAST = 1.0


def detected(token: float, members: int) -> float:
    """The seconds from a crash until the others have agreed that the member is gone (corosync.conf(5))."""
    return (token + COEFFICIENT * max(0, members - 2)) * (1 + CONSENSUS)


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        members = len(cluster.configuration.nodes)
        path = (*subject.cluster_path(cluster), "token")
        if members < 2:
            continue
        whole = detected(cluster.token, members) + REST
        if cluster.token < LEAST:
            what = f"after {cluster.token:g} s of silence a node that is only busy is taken for dead"
            yield subject.problem(path, what, f"write {LEAST:g} or more")
        elif whole > ADDRESS_MOVES:
            what = f"with {members} members an address moves {whole:.1f} s after a crash, not in {ADDRESS_MOVES:g} s"
            yield subject.problem(path, what, "lower `token`, have fewer full members, or accept it")


CHECK = Check(
    "CL020",
    "A dead node is found out in time",
    "A member is missed when the token did not come round for `token` seconds and 0.65 s more for each member beyond "
    "two; agreeing on who is left takes 1.2 times as long again. Only then is it fenced, and only after that do "
    "addresses move: in less than 8 s is what is promised. Below one second, a pause of a busy machine looks like its"
    " death.",
    _find,
    Severity.WARNING,
)
