"""CL062: no secret is in a file that others may read."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.secrets import names

OTHERS = 0o007
PUBLIC = frozenset({"tls.authority", "tls.certificate"})


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for file in placed.declaration.files:
            secret = sorted(names(file.content) - PUBLIC)
            if secret and file.mode & OTHERS:
                what = (
                    f"{file.path} holds {', '.join(secret)}, and everybody on the node may read it (mode {file.mode:o})"
                )
                yield subject.problem(
                    subject.service_path(placed), what, "give it mode 640, or keep the secret elsewhere"
                )


CHECK = Check(
    "CL062",
    "No secret is in a file that everybody reads",
    "Any account on a node, that of a broken service too, could take the database's password from it.",
    _find,
)
