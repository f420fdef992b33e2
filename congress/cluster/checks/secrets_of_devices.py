"""CL063: passwords of fencing devices are the devices' own."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.model.description import SecretReference


def _find(subject: Subject) -> Iterator[Problem]:
    secrets = subject.described.description.secrets
    for name, device in subject.described.description.fencing.items():
        for key, value in device.parameters.items():
            if not isinstance(value, SecretReference):
                continue
            source = secrets.named.get(value.secret, secrets.default)
            if source is not None and source.generated is not None:
                what = f"the secret {value.secret!r} would be generated, but the device has its own"
                instead = f"add `{value.secret}: {{environment: …}}` or `{{file: …}}` to secrets.named"
                yield subject.problem(("fencing", name, "parameters", key), what, instead)


CHECK = Check(
    "CL063",
    "Passwords of fencing devices are given, not generated",
    "A management board does not learn a password from here. With another one than its own it fences nothing, and "
    "nobody notices before the first failure.",
    _find,
)
