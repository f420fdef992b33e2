"""`/v1/policies/<policy>/history`: which rows entered and left watched tables, from the change log of all engines."""

from __future__ import annotations

import datetime
import json
from typing import Any

import falcon

from congress.api import answers, paging, queries
from congress.api.errors import plain
from congress.api.events import event_id
from congress.api.policies import name_of
from congress.api.services import Services
from congress.db.changelog import Change, Wanted, written
from congress.policies.errors import PolicyNotFound
from congress.policies.events import moment

_CHANGES = {"entered": True, "left": False}


def shown(change: Change) -> dict[str, Any]:
    """A change; `at` is when the engine that recorded it saw it, in UTC, `number` counts the changes of this row."""
    return {
        "id": str(change.id),
        "table": change.table,
        "row": json.loads(change.row),
        "change": "entered" if change.entered else "left",
        "number": change.number,
        **moment(change),
    }


class History:
    """The recorded changes of a policy, newest first. Those of a deleted policy are found by its name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        try:
            name, is_there = name_of(self._services, policy), True
        except PolicyNotFound:
            name, is_there = policy, False
        limit, marker = paging.limit(request), queries.text(request, "marker")
        before = None if marker is None else event_id(marker, "parameter marker")
        page = self._services.history.page(_wanted(request, name), limit, before)
        if not (is_there or page.changes or self._services.history.page(Wanted(name), 1).changes):
            raise PolicyNotFound(policy)
        found = [shown(change) for change in page.changes]
        answers.listing(response, found, **({"next_marker": found[-1]["id"]} if page.more else {}))


def _wanted(request: falcon.Request, policy: str) -> Wanted:
    change = queries.text(request, "change")
    if change is not None and change not in _CHANGES:
        raise plain(400, "parameter change must be entered or left")
    return Wanted(
        policy,
        table=queries.text(request, "table"),
        row=row_of(queries.text(request, "row")),
        entered=None if change is None else _CHANGES[change],
        since=time_of(request, "since"),
        until=time_of(request, "until"),
    )


def row_of(text: str | None) -> str | None:
    """A row that a parameter gives, as it is stored. Raises ApiError."""
    return None if text is None else written(paging.marked_row(text, "row"))


def time_of(request: falcon.Request, name: str) -> datetime.datetime | None:
    """A time that a parameter gives, in UTC without saying so. Raises ApiError."""
    text = queries.text(request, name)
    if text is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
        return (time if time.tzinfo is None else time.astimezone(datetime.UTC)).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise plain(400, f"parameter {name} must be a time such as 2026-01-31T12:00:00, in UTC or not") from error
