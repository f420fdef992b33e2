"""CL040: the proxy knows who works."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for listener in placed.declaration.listeners:
            if listener.mode == "http" and listener.check.http is None:
                what = f"the listener {listener.name!r} takes every server that accepts connections for one that works"
                instead = "give its check an http path that answers only when the service works"
                yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL040",
    "Every server behind the proxy has a health check that it can fail",
    "A process that hangs still has its port open: a check by connection alone never misses it, and every third "
    "request runs into its timeout. A check of a path is missed, and the server left.",
    _find,
)
