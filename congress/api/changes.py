"""`/v1/policies/<policy>/changes`: which rows of watched tables appeared and disappeared, and when."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, queries
from congress.api.policies import name_of
from congress.api.services import Services
from congress.policies.live import RecordedChange, Remembered

_LONGEST_WAIT = 20.0


def shown(change: RecordedChange) -> dict[str, Any]:
    """A change; `at` in UTC, `milliseconds` is the time from the update's arrival until its consequences were known."""
    return {
        "sequence": change.sequence,
        "table": change.table.name,
        "inserted": [list(row) for row in change.inserted],
        "deleted": [list(row) for row in change.deleted],
        "at": change.at.isoformat(),
        "milliseconds": round(change.seconds * 1000, 3),
    }


class Changes:
    """The remembered changes of a policy, oldest first; `?since=<sequence>` leaves out what is known already."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        name = name_of(self._services, policy)
        since = int(queries.number(request, "since", 2**62))
        wait = queries.number(request, "wait", _LONGEST_WAIT)
        found = self._changes(name, since, wait)
        shown_changes = [shown(change) for change in found.changes]
        answers.listing(response, shown_changes, latest=found.latest, complete=found.complete)

    def _changes(self, name: str, since: int, wait: float) -> Remembered:
        """As `Live.changes`; who finds all places for waiting taken is answered at once."""
        if not wait or not self._services.waiting_places.acquire(blocking=False):
            return self._services.live.changes(name, since)
        try:
            return self._services.live.changes(name, since, wait)
        finally:
            self._services.waiting_places.release()
