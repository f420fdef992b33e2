"""`/v1/violations`: which rows are in watched tables, since when, and which were there before."""

from __future__ import annotations

import datetime
import json
from typing import Any

import falcon

from congress.api import answers, paging, queries
from congress.api.errors import plain
from congress.api.events import event_id
from congress.api.history import row_of, time_of
from congress.api.policies import name_of
from congress.api.services import Services
from congress.api.sources import with_links
from congress.db.changelog import CLOSED, OPEN, Change
from congress.db.violations import Violation, Wanted
from congress.policies.errors import PolicyNotFound
from congress.policies.events import moment
from congress.policies.violations import ViolationNotFound


def shown(violation: Violation) -> dict[str, Any]:
    """A violation as the API shows it."""
    opened, closed = violation
    end = closed.at if closed is not None else datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return {
        "id": str(opened.id),
        "policy": opened.policy,
        "table": opened.table,
        "row": json.loads(opened.row),
        "state": OPEN if closed is None else CLOSED,
        "occurrence": (opened.number + 1) // 2,
        "opened": _moment(opened),
        "closed": None if closed is None else _moment(closed),
        # Engines' clocks differ a little; nothing lasts shorter than no time.
        "seconds": round(max(0.0, (end - opened.at).total_seconds()), 3),
    }


def _moment(change: Change) -> dict[str, Any]:
    return {"event": str(change.id), **moment(change)}


class Violations:
    """The list."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        marker = queries.text(request, "marker")
        before = None if marker is None else event_id(marker, "parameter marker")
        page = self._services.violations.page(self._wanted(request), paging.limit(request), before)
        found = [shown(each) for each in page.violations]
        more = {"next_marker": found[-1]["id"]} if page.more else {}
        answers.listing(response, found, latest=str(page.latest), **more)

    def _wanted(self, request: falcon.Request) -> Wanted:
        state = queries.text(request, "state")
        if state not in (None, OPEN, CLOSED):
            raise plain(400, "parameter state must be open or closed")
        return Wanted(
            policy=self._policy(queries.text(request, "policy")),
            table=queries.text(request, "table"),
            row=row_of(queries.text(request, "row")),
            standing=state,
            text=queries.text(request, "text"),
            open_at=time_of(request, "open_at"),
            opened_since=time_of(request, "opened_since"),
            opened_until=time_of(request, "opened_until"),
            closed_since=time_of(request, "closed_since"),
            closed_until=time_of(request, "closed_until"),
            since_revision=_number(request, "since_revision"),
            since_event=_number(request, "since_event"),
        )

    def _policy(self, name_or_id: str | None) -> str | None:
        """The name of the policy; one that was deleted is known by its name only."""
        try:
            return None if name_or_id is None else name_of(self._services, name_or_id)
        except PolicyNotFound:
            return name_or_id


class OneViolation:
    """One violation, with its explanations."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, _request: falcon.Request, response: falcon.Response, violation: str) -> None:
        if not (violation.isascii() and violation.isdigit() and len(violation) < 19):
            raise ViolationNotFound(violation)
        found = self._services.violations.violation(int(violation))
        why, why_not = _explanation(found.opened), _explanation(found.closed)
        answers.compact(response, shown(found) | {"explanation": why, "closing": why_not})


def _explanation(change: Change | None) -> dict[str, Any] | None:
    text = None if change is None else change.explanation
    return None if text is None else with_links(json.loads(text))


def _number(request: falcon.Request, name: str) -> int | None:
    text = queries.text(request, name)
    return None if text is None else event_id(text, f"parameter {name}")
