"""CL041: every service can say whether it works."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        if placed.resources and placed.declaration.health is None:
            what = f"nothing asks {placed.service} on its nodes whether it works"
            yield subject.problem(subject.service_path(placed), what, "declare a health test for it")


CHECK = Check(
    "CL041",
    "Every service has a health test",
    "Rolling restarts and upgrades go on to the next node when the service works again on this one; without a test "
    "they would go on at once.",
    _find,
    Severity.WARNING,
)
