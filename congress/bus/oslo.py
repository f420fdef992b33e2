"""oslo.messaging, made fit for a process of threads: everything that must happen before or around its first use."""

from __future__ import annotations

import datetime
import importlib
import re
import time
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from oslo_config import cfg

from congress.bus import hosts
from congress.errors import CongressError

with warnings.catch_warnings():
    # The libraries look for eventlet, which then says that nobody should use it. Nobody does here.
    warnings.simplefilter("ignore")
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)
    import futurist  # noqa: F401
    import kombu.connection
    import oslo_messaging
    from oslo_concurrency import lockutils
    from oslo_messaging import opts
    from oslo_messaging._drivers import impl_rabbit

_RABBIT = "oslo_messaging_rabbit"
_LEADER_SECONDS, _NOT_YET = 10.0, 406
_CONNECT_SECONDS = 2.0

_GLOBAL = {
    "oslo_messaging._metrics.client": "oslo_messaging_metrics",
    "oslo_messaging._tracing.client": "oslo_messaging_tracing",
}
"""Options, by module and group, that the library makes known to the one global configuration only."""

_DEFAULTS: dict[str, Any] = {
    # Queues and streams that outlive the loss of a broker's node.
    "rabbit_quorum_queue": True,
    "rabbit_transient_quorum_queue": True,
    "rabbit_stream_fanout": True,
    # Names that a restarted process finds again, instead of queues that nobody reads.
    "use_queue_manager": True,
    # A receiver that is slow gets this many messages, the others wait in the broker. Streams need a limit.
    "rabbit_qos_prefetch_count": 16,
    # A broker's node that vanished is noticed in seconds, and the next one is tried at once.
    "heartbeat_timeout_threshold": 4,
    "heartbeat_rate": 2,
    "kombu_reconnect_delay": 0.1,
    "rabbit_interval_max": 2,
    # The stream keeps what a receiver that was away for so many seconds missed; whoever missed more pulls.
    "rabbit_transient_queues_ttl": 600,
}


def _consume_within_limit(consume: Callable[..., None]) -> Callable[..., None]:
    """The library's way to begin to receive, after telling the broker how much may be under way.

    When the broker ends a channel, the library below opens it again under the same name without the limit that it had,
    and a stream without one is refused: half of the time in which nothing flows after a broker's node was killed.
    """

    def consume_within_limit(consumer: Any, connection: Any, *arguments: Any, **more: Any) -> None:
        deadline = time.monotonic() + _LEADER_SECONDS
        while True:
            if connection.channel is not None and consumer.rabbit_stream_fanout:
                connection._set_qos(connection.channel)
            try:
                consume(consumer, connection, *arguments, **more)
                return
            except connection.connection.channel_errors as error:
                # A broker's node that does not serve the stream yet will do so in a moment.
                if getattr(error, "code", 0) != _NOT_YET or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    return consume_within_limit


_HOSTS = hosts.Hosts()
_CONNECTION: Any = kombu.connection.Connection
_CONNECTION.__init__ = hosts.chosen_by(_HOSTS, _CONNECT_SECONDS, _CONNECTION.__init__)
_CONNECTION._establish_connection = hosts.told_of(_HOSTS, _CONNECTION._establish_connection)
impl_rabbit.Consumer.consume = _consume_within_limit(impl_rabbit.Consumer.consume)


class MessagingNotConfigured(CongressError):
    """The broker's URL or options make no sense."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the message broker cannot be used: {reason}; see `transport_url` and group `oslo_messaging_rabbit`"
        )


def transport(
    url: str,
    node: str,
    state_dir: Path,
    *,
    files: Sequence[str] = (),
    directories: Sequence[str] = (),
    make: Callable[..., oslo_messaging.Transport] = oslo_messaging.get_rpc_transport,
) -> oslo_messaging.Transport:
    """The transport that the URL names, with what the configuration files say in the library's groups; our defaults
    yield to it. `state_dir`: a directory for lock files, unless the operator named one. `make`: of which kind it is.

    Raises MessagingNotConfigured.
    """
    # A configuration of its own, because the library makes options known to it that are ours elsewhere.
    conf = cfg.ConfigOpts()
    for group, options in opts.list_opts():
        if group in (None, _RABBIT):
            conf.register_opts(options, group)
    for module, group in _GLOBAL.items():
        with suppress(ModuleNotFoundError):
            conf.register_opts(getattr(importlib.import_module(module), group), group)
    for name, value in _DEFAULTS.items():
        conf.set_default(name, value, _RABBIT)
    conf.set_default("processname", f"congress-{node}", _RABBIT)
    try:
        conf([], project="congress", default_config_files=list(files), default_config_dirs=list(directories))
        if not cfg.CONF.oslo_concurrency.lock_path:
            lockutils.set_defaults(str(state_dir / "locks"))
        return make(conf, url=url)
    except (cfg.Error, oslo_messaging.MessagingException) as error:
        raise MessagingNotConfigured(_without_credentials(str(error), url)) from None
    except ValueError:  # what it says may be a part of the password
        raise MessagingNotConfigured("the URL cannot be read") from None


class Notifications:
    """Sends notifications in the library's format 2.0 under some topics. The library's own `Notifier` only logs what
    the broker did not take; this raises what the driver raises, so that it can be sent again."""

    def __init__(self, made: oslo_messaging.Transport, publisher: str, topics: Sequence[str]) -> None:
        self._transport, self._publisher, self._topics = made, publisher, tuple(topics)

    def send(self, event_type: str, payload: Mapping[str, Any], priority: str = "info") -> None:
        """Return when the broker has taken it under every topic."""
        message = {
            "message_id": str(uuid.uuid4()),
            "publisher_id": self._publisher,
            "event_type": event_type,
            "priority": priority.upper(),
            "payload": dict(payload),
            "timestamp": str(datetime.datetime.now(datetime.UTC).replace(tzinfo=None)),
        }
        for topic in self._topics:
            target = oslo_messaging.Target(topic=f"{topic}.{priority}")
            self._transport._send_notification(target, {}, message, version=2.0, retry=1)


def notifications(
    url: str,
    node: str,
    state_dir: Path,
    topics: Sequence[str],
    *,
    files: Sequence[str] = (),
    directories: Sequence[str] = (),
) -> Notifications:
    """What sends notifications of this node under these topics. Raises MessagingNotConfigured."""
    made = transport(
        url, node, state_dir, files=files, directories=directories, make=oslo_messaging.get_notification_transport
    )
    return Notifications(made, f"congress.{node}", topics)


def _without_credentials(text: str, url: str) -> str:
    """A library's message with everything between `://` and `@` taken out, and the URL itself."""
    return re.sub(r"://[^\s/]*@", "://***@", text.replace(url, "(its value)"))
