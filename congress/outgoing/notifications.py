"""Tells events to the message bus, as oslo.messaging notifications that other services of a cloud listen to."""

from __future__ import annotations

import json
from typing import Any

from congress.db.eventtargets import Target
from congress.outgoing.errors import NotDelivered

EVENT_TYPES = {"entered": "congress.violation.opened", "left": "congress.violation.closed"}
MISSED = "congress.violation.missed"


class Notifier:
    """Sends each event as a notification of its own; the broker has taken it when `send` returns."""

    def __init__(self, notifier: Any) -> None:
        """`notifier`: of oslo.messaging."""
        self._notifier = notifier

    def send(self, _target: Target, body: str, _delivery: str) -> None:
        """Tell the events of one body. Raises NotDelivered."""
        content = json.loads(body)
        try:
            if content["missed"] is not None:
                self._notifier.warn({}, MISSED, content["missed"])
            for event in content["events"]:
                self._notifier.info({}, EVENT_TYPES[event["change"]], event)
        except Exception as error:  # what it raises depends on the broker's driver
            raise NotDelivered(f"the broker did not take a notification: {type(error).__name__}") from error
