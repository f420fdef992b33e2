"""Group events: who else is told of what opens and closes in watched tables."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "events"

OPTIONS = [
    cfg.IntOpt(
        "webhook_attempts",
        default=8,
        min=1,
        max=100,
        help="How often events are sent to a webhook that does not take them, before they become a dead letter and the "
        "next ones are sent.",
    ),
    cfg.FloatOpt(
        "webhook_delay",
        default=5.0,
        min=0.01,
        max=600.0,
        help="Seconds before the second attempt; each wait is twice the one before, and at most ten minutes.",
    ),
    cfg.FloatOpt("webhook_timeout", default=10.0, min=0.1, max=60.0, help="Seconds that a webhook may take to answer."),
    cfg.ListOpt(
        "notification_topics",
        default=[],
        help="Topics on the message broker under which each event is told as a notification of oslo.messaging "
        "(`congress.violation.opened`, `congress.violation.closed`). None: no notifications.",
    ),
    cfg.StrOpt(
        "notification_url",
        secret=True,
        sample_default="the broker of `transport_url`",
        help="The message broker for notifications, written as `transport_url` is.",
    ),
]
