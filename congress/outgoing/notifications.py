"""Tells events to the message bus, as oslo.messaging notifications that other services of a cloud listen to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from congress.db.eventtargets import Target
from congress.outgoing.errors import NotDelivered

EVENT_TYPES = {"entered": "congress.violation.opened", "left": "congress.violation.closed"}
MISSED = "congress.violation.missed"


class Notify(Protocol):
    """Sends one notification of a priority, `info` or `warn`."""

    def __call__(self, event_type: str, payload: Mapping[str, Any], priority: str) -> None: ...


class Notifier:
    """Sends each event as a notification of its own; the broker has taken it when `send` returns."""

    def __init__(self, notify: Notify) -> None:
        """`notify` raises when the broker does not take it."""
        self._notify = notify

    def send(self, _target: Target, body: str, _delivery: str) -> None:
        """Tell the events of one body. Raises NotDelivered."""
        content = json.loads(body)
        try:
            if content["missed"] is not None:
                self._notify(MISSED, content["missed"], "warn")
            for event in content["events"]:
                self._notify(EVENT_TYPES[event["change"]], event, "info")
        except Exception as error:  # what it raises depends on the broker's driver
            raise NotDelivered(f"the broker did not take a notification: {type(error).__name__}") from error
