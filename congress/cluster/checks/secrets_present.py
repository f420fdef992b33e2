"""CL060: all secrets are to be had."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.model.source import Path


def _find(subject: Subject) -> Iterator[Problem]:
    for name, why in sorted(subject.surroundings.missing.items()):
        path: Path = ("secrets", "named", name)
        if name.startswith("tls."):
            path = ("tls", name.removeprefix("tls."))
        what, _, instead = why.partition("; ")
        yield subject.problem(path, f"the secret {name!r} is not to be had: {what}", instead or "see that it is there")


CHECK = Check(
    "CL060",
    "All secrets are there",
    "A deployment that stops half way because a password is missing is the worst moment to look for it.",
    _find,
)
