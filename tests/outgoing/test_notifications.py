"""Events on the message broker, heard by a listener of oslo.messaging as other services of a cloud have one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from congress.bus import oslo
from congress.db.eventtargets import Target
from congress.outgoing.errors import NotDelivered
from congress.outgoing.notifications import Notifier
from congress.outgoing.targets import BUS
from tests.databases import free_port
from tests.rabbitmq import PASSWORD, Rabbit
from tests.waiting import until

messaging = oslo.oslo_messaging  # which must not be imported before what prepares its use
NOW = datetime.now(UTC).replace(tzinfo=None)
TARGET = Target(BUS, "", "", None, None, "", 0, NOW, NOW)
BODY = json.dumps(
    {
        "target": BUS,
        "events": [{"id": "4", "change": "entered", "row": [1]}, {"id": "5", "change": "left", "row": [1]}],
        "missed": {"after": "1", "until": "3"},
    }
)


class Heard:
    """An endpoint that remembers what it was told."""

    def __init__(self) -> None:
        self.notifications: list[tuple[str, Any]] = []
        self._lock = threading.Lock()

    def info(self, _context: Any, _publisher: str, kind: str, payload: Any, _metadata: Any) -> None:
        with self._lock:
            self.notifications.append((kind, payload))

    warn = info


@pytest.fixture(scope="module")
def rabbit() -> Iterator[Rabbit]:
    broker = Rabbit().start()
    yield broker
    broker.stop()


def test_each_event_is_a_notification(rabbit: Rabbit, tmp_path: Path) -> None:
    heard = Heard()
    transport = oslo.transport(rabbit.transport_url, "listener", tmp_path, make=messaging.get_notification_transport)
    target = messaging.Target(topic="violations")
    listener = messaging.get_notification_listener(transport, [target], [heard], executor="threading")
    listener.start()
    try:
        notifier = Notifier(oslo.notifications(rabbit.transport_url, "a", tmp_path, ["violations"]).send)
        notifier.send(TARGET, BODY, "d")
        until(lambda: len(heard.notifications) == 3)
    finally:
        listener.stop()
        listener.wait()
    kinds = dict(heard.notifications)
    assert kinds["congress.violation.missed"] == {"after": "1", "until": "3"}
    assert kinds["congress.violation.opened"]["id"] == "4"
    assert kinds["congress.violation.closed"]["id"] == "5"


def test_a_broker_that_is_away_takes_nothing_and_says_no_password(tmp_path: Path) -> None:
    url = f"rabbit://someone:{PASSWORD}@127.0.0.1:{free_port()}/"
    notifier = Notifier(oslo.notifications(url, "a", tmp_path, ["violations"]).send)
    with pytest.raises(NotDelivered) as refused:
        notifier.send(TARGET, BODY, "d")
    assert PASSWORD not in str(refused.value)
