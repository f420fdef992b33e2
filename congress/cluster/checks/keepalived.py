"""CL071: who takes keepalived knows what it cannot."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for virtual_ip in subject.deployment.virtual_ips:
        if virtual_ip.by == "keepalived":
            what = "after a cut of the network both parts hold this address"
            yield subject.problem(("virtual_ips", virtual_ip.name, "by"), what, "write `by: pacemaker`, or accept it")


CHECK = Check(
    "CL071",
    "Addresses are moved by who knows quorum and fencing",
    "keepalived takes an address over when it no longer hears the holder, without asking whether the holder still has"
    " it. Measured: a cut of the network puts the address on two nodes. It is quicker than Pacemaker, and not safe.",
    _find,
    Severity.WARNING,
)
