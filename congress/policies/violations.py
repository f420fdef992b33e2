"""Reads violations: which rows are in watched tables, since when, why, and which were there before."""

from __future__ import annotations

from typing import NamedTuple

from congress.db import changelog as log
from congress.db import violations as stored
from congress.db.session import Database
from congress.db.violations import Violation, Wanted
from congress.errors import CongressError


class ViolationNotFound(CongressError):
    """There is no violation of this id, or it has been forgotten."""

    def __init__(self, identity: str) -> None:
        super().__init__(
            f"There is no violation {identity[:100]}; it may be so old that it was forgotten (option keep_days of "
            "group history). GET /v1/violations lists those that there are."
        )


class ViolationPage(NamedTuple):
    """Violations, the latest first; `more`: whether earlier ones follow; `latest`: the last change they show."""

    violations: list[Violation]
    more: bool
    latest: int


class Violations:
    """Safe to call from any thread, in any process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: Wanted, limit: int, before: int | None = None) -> ViolationPage:
        """The latest violations, or those whose ids are lower than `before`."""
        with self._database.reader() as session:
            # What is committed between the two questions is told again to who goes on from the first answer.
            latest = log.reach(session).latest
            found = stored.violations(session, wanted, limit + 1, before)
        return ViolationPage(found[:limit], len(found) > limit, latest)

    def violation(self, identity: int) -> Violation:
        """One, with the explanations of its changes. Raises ViolationNotFound."""
        with self._database.reader() as session:
            found = stored.violation(session, identity)
        if found is None:
            raise ViolationNotFound(str(identity))
        return found
