"""Events: the change log, read forward from a place in it.

Whoever has read up to a place has read everything before it, since places are given in the order of the commits. So a
reader needs to keep nothing but the last place, and any server can go on for it.
"""

from __future__ import annotations

import datetime
import json
import threading
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from congress.db import changelog as log
from congress.db import violations
from congress.db.changelog import Change
from congress.db.session import Database

_LOOK_SECONDS = 0.5
"""How long an event that another engine stored may stay unnoticed."""


class Event(NamedTuple):
    """A change; `violation` is the id of the stay that it begins or ends, None when its beginning was forgotten."""

    change: Change
    violation: int | None


class Batch(NamedTuple):
    """Events, oldest first. Go on from `latest`. `missed`: events up to this one have been forgotten, and some of them
    came after the one asked for; None when there were none."""

    events: list[Event]
    latest: int
    missed: int | None


def moment(change: Change) -> dict[str, Any]:
    """When a change was seen, by whom, and at which revision of policies and data."""
    epoch, publication, revision, _tick = change.position
    at = change.at.replace(tzinfo=datetime.UTC).isoformat()
    return {"at": at, "revision": revision, "epoch": epoch, "publication": publication, "node": change.node}


def told(event: Event) -> dict[str, Any]:
    """An event as others are told of it."""
    change = event.change
    return {
        "id": str(change.id),
        "policy": change.policy,
        "table": change.table,
        "row": json.loads(change.row),
        "change": "entered" if change.entered else "left",
        "violation": None if event.violation is None else str(event.violation),
        "number": change.number,
        **moment(change),
    }


@dataclass(frozen=True, slots=True)
class Filter:
    """Of which policy and table; None for all."""

    policy: str | None = None
    table: str | None = None


class EventLog:
    """Safe to call from any thread, in any process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stored = threading.Condition()
        self._wakes = 0
        self._closing = False

    def latest(self) -> int:
        """The id of the last event there is."""
        with self._database.reader() as session:
            return log.reach(session).latest

    def after(self, event: int, limit: int, only: Filter = Filter()) -> Batch:  # noqa: B008 - it is frozen
        """The oldest events after the one of this id."""
        with self._database.reader() as session:
            reach = log.reach(session)
            changes = log.after(session, event, limit, only.policy, only.table)
            begun = violations.beginnings(session, [each.id for each in changes if not each.entered])
        events = [Event(each, each.id if each.entered else begun.get(each.id)) for each in changes]
        last = changes[-1].id if changes else event
        latest = last if len(changes) == limit else max(last, reach.latest)
        return Batch(events, latest, reach.forgotten if event < reach.forgotten else None)

    def wait(self, event: int, limit: int, only: Filter, seconds: float) -> Batch:
        """As `after`, but an empty answer is held back until there is something to tell or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            seen = self.seen()
            batch = self.after(event, limit, only)
            left = deadline - time.monotonic()
            if batch.events or batch.missed is not None or left <= 0 or self._closing:
                return batch
            self.rest(seen, min(left, _LOOK_SECONDS))

    def seen(self) -> int:
        """How often something was stored here so far, for `rest`."""
        return self._wakes

    def rest(self, seen: int, seconds: float = _LOOK_SECONDS) -> None:
        """Wait until something was stored here since `seen`, or so many seconds."""
        with self._stored:
            self._stored.wait_for(lambda: self._wakes != seen or self._closing, seconds)

    def wake(self) -> None:
        """Something was stored here."""
        with self._stored:
            self._wakes += 1
            self._stored.notify_all()

    def answer_waiting(self) -> None:
        """Let nobody wait any longer; called when the server stops."""
        with self._stored:
            self._closing = True
            self._stored.notify_all()
