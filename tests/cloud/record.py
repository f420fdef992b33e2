"""Writes down what the services notify their bus of: record.py TRANSPORT-URL FILE, until it is told to stop.

What `tests/datasources/recorded/notifications.json` holds was recorded with this while a cloud was filled. Where a type
of event occurs more than once, its first one is kept.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from congress.datasources.notifications import EXCHANGES, TOPICS

_MORE = ("heat", "aodh", "swift")


def main() -> None:
    import kombu

    url, file = sys.argv[1].replace("rabbit://", "amqp://").rstrip("/") + "//", Path(sys.argv[2])
    found: dict[str, Any] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def keep(body: Any, message: Any) -> None:
        message.ack()
        told = body if isinstance(body, dict) else json.loads(body)
        told = json.loads(told["oslo.message"]) if "oslo.message" in told else told
        if told["event_type"] not in found:
            found[told["event_type"]] = told
            kinds = [found[kind] for kind in sorted(found)]
            file.write_text(json.dumps(kinds, indent=1, sort_keys=True) + "\n")

    with kombu.Connection(url) as connection:
        channel = connection.default_channel
        queue = channel.queue_declare("", exclusive=True, auto_delete=True).queue
        for exchange in (*EXCHANGES, *_MORE):
            channel.exchange_declare(exchange, "topic", durable=False, auto_delete=False)
            for topic in TOPICS:
                channel.queue_bind(queue, exchange, f"{topic}.info")
        with connection.Consumer([kombu.Queue(queue, no_declare=True)], callbacks=[keep]):
            while True:
                connection.drain_events()


if __name__ == "__main__":
    main()
