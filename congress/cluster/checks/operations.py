"""CL021: each resource is watched, and has time to start and stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, primitives
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import Primitive

REMOTE = "ocf:pacemaker:remote"


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for primitive in primitives(cluster.configuration.resources):
            path = subject.owner_path(cluster, primitive.id)
            for what, instead in _wrong(primitive):
                yield subject.problem(path, f"{primitive.id}: {what}", instead)


def _wrong(primitive: Primitive) -> Iterator[tuple[str, str]]:
    names = {operation.name for operation in primitive.operations}
    for needed in ("start", "stop", "monitor"):
        if needed not in names:
            yield f"it has no {needed} operation", f"add one with a timeout (and an interval if it is a {needed})"
    for operation in primitive.operations:
        if operation.timeout <= 0:
            yield f"its {operation.name} has no time", "give it a timeout in seconds"
        if operation.name == "monitor" and operation.interval <= 0:
            yield "it is never looked at after it has started", "give its monitor an interval"
    intervals = Counter(operation.interval for operation in primitive.operations if operation.name == "monitor")
    if any(count > 1 for count in intervals.values()):
        yield "two of its monitors have the same interval", "give each role's monitor its own interval"
    if any(operation.name == "stop" and operation.on_fail == "ignore" for operation in primitive.operations):
        yield "a failing stop is ignored, and it runs twice then", "let a failing stop fence the node"


CHECK = Check(
    "CL021",
    "Every resource is watched, and has time to start and stop",
    "Without a monitor with an interval a process that died is never noticed. Two monitors with one interval are one "
    "for Pacemaker, and a role is not watched. A stop that fails must end in fencing: whoever ignores it starts the "
    "resource a second time elsewhere.",
    _find,
)
