"""CL042: cookies only where the proxy reads HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for listener in placed.declaration.listeners:
            if listener.stickiness == "cookie" and listener.mode == "tcp":
                what = f"the listener {listener.name!r} passes bytes on, and cannot set a cookie in them"
                instead = "let it speak http, or keep clients by `source`"
                yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL042",
    "Clients are kept at a server by means that the proxy has",
    "HAProxy ignores a cookie in a tcp listener with a warning, and sessions jump between servers.",
    _find,
)
