"""CL061: no secret is written in the description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.model.source import Path

SECRET = re.compile(r"(?i)(^|[_-])(pass(w(or)?d|phrase)?|secret|private[_-]?key|community|credentials?)$")


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    places: list[tuple[Path, dict[str, Any]]] = [
        (("fencing", name, "parameters"), dict(device.parameters)) for name, device in description.fencing.items()
    ]
    for name, cluster in description.clusters.items():
        for service, placed in cluster.services.items():
            if placed is not None:
                places.append((("clusters", name, "services", service, "options"), placed.options))
    for path, values in places:
        for place, key in _inline(values, path):
            what = "a secret is written here, where everybody reads it who reads the description"
            yield subject.problem(
                place, what, f"write `{key}: {{secret: NAME}}`, and where NAME comes from in `secrets`"
            )


def _inline(values: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _inline(value, (*path, key))
        elif isinstance(value, str | int) and not isinstance(value, bool) and SECRET.search(key):
            yield (*path, key), key


CHECK = Check(
    "CL061",
    "No password is written in the description",
    "Descriptions are kept in version control, sent by mail and shown on screens. Secrets are named, and come from "
    "the environment, from files, or are generated.",
    _find,
)
