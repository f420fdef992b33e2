"""Sends events to webhooks and to the message bus, as the configuration wants it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from oslo_config import cfg
from oslo_db.exception import DBDuplicateEntry

from congress.conf import paths
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.db import changelog as log
from congress.db import eventtargets as stored
from congress.db.eventtargets import Target
from congress.db.session import Database
from congress.errors import CongressError
from congress.outgoing.errors import NotDelivered
from congress.outgoing.notifications import Notifier
from congress.outgoing.sending import Patience, Sender
from congress.outgoing.targets import BUS, now
from congress.outgoing.webhook import Poster
from congress.policies.events import EventLog

LOG = logging.getLogger(__name__)


class NotificationsNotConfigured(CongressError):
    """Notifications are wanted, and no broker is named."""

    def __init__(self) -> None:
        super().__init__(
            "notification_topics of group events are set, but neither notification_url nor transport_url names a broker"
        )


class Outgoing:
    """Everything that is told to others, by the node that `held` says may: its lease's epoch, None at others."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        events: EventLog,
        secrets: Secrets,
        held: Callable[[], int | None],
        node: str,
    ) -> None:
        """Raises NotificationsNotConfigured, MessagingNotConfigured."""
        self._database, self._secrets = database, secrets
        self._poster = Poster(conf.events.webhook_timeout)
        self._notifier = _notifier(conf, node)
        patience = Patience(conf.events.webhook_attempts, conf.events.webhook_delay)
        self._sender = Sender(database, events, self._deliver, held, patience)

    def prepare(self) -> None:
        """Give the message bus its place in the change log, or forget it when nothing is told there any more."""
        with suppress(DBDuplicateEntry), self._database.writer() as session:
            known = stored.get(session, BUS) is not None
            if known and self._notifier is None:
                stored.remove(session, BUS)
            elif self._notifier is not None and not known:
                made = now()
                reached = log.reach(session).latest
                stored.add(session, Target(BUS, "", "oslo.messaging", None, None, "", reached, made, made))

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._sender.stop()

    def _deliver(self, target: Target, body: str, delivery: str) -> None:
        if target.id == BUS:
            if self._notifier is None:
                raise NotDelivered("this node is not configured to send notifications")
            self._notifier.send(target, body, delivery)
            return
        try:
            secret = self._secrets.decrypt(target.secret)
        except SecretUnreadable as error:
            raise NotDelivered("the secret of the webhook cannot be read; delete it and create it again") from error
        self._poster.post(target.url, secret, body, delivery)


def _notifier(conf: cfg.ConfigOpts, node: str) -> Notifier | None:
    if not conf.events.notification_topics:
        return None
    url = conf.events.notification_url or conf.transport_url
    if not url:
        raise NotificationsNotConfigured
    # Imported here, because only processes with a broker should pay for the library.
    from congress.bus import oslo

    place: Path = paths.state_dir(conf)
    made = oslo.notifications(
        url,
        node,
        place,
        conf.events.notification_topics,
        files=conf.config_file or (),
        directories=conf.config_dir or (),
    )
    return Notifier(made.send)
