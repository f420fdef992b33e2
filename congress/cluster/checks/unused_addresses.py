"""CL044: every virtual IP is used."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    used = {listener.address for _, placed in subject.placed() for listener in placed.declaration.listeners}
    for name, virtual_ip in subject.described.description.virtual_ips.items():
        if name not in used and virtual_ip.follows == "loadbalancer":
            what = "nobody listens at it: no service has it as its `address`, or by its own name"
            yield subject.problem(("virtual_ips", name), what, "remove it, or name it at a service")


CHECK = Check(
    "CL044",
    "Every virtual IP is used",
    "An address without listeners is moved and watched for nothing, and whoever finds it in the list of addresses "
    "waits for an answer there.",
    _find,
    Severity.WARNING,
)
