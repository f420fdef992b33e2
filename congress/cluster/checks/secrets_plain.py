"""CL067: secrets that get into URLs and files have no characters that mean something there."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.model.source import Path
from congress.cluster.secrets import names


def _find(subject: Subject) -> Iterator[Problem]:
    used = {name for _, placed in subject.placed() for file in placed.declaration.files for name in names(file.content)}
    for _, placed in subject.placed():
        used |= {database.password for database in placed.declaration.databases}
        used |= {account.password for account in placed.declaration.broker_accounts}
    for name in sorted(used & subject.surroundings.awkward):
        path: Path = ("secrets", "named", name)
        what = f"the secret {name!r} has characters that mean something in URLs and configuration files"
        yield subject.problem(
            path, what, "choose one of letters, digits, `.`, `_`, `~` and `-`, or let it be generated"
        )


CHECK = Check(
    "CL067",
    "Passwords of services are letters, digits and . _ ~ -",
    "They stand in URLs, in SQL and in configuration files of several kinds. A `@` ends the password in a URL, a `%` "
    "is the begin of something in oslo.config, a `#` may begin a comment. Long is safe, special is not.",
    _find,
)
