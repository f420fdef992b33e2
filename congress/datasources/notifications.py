"""Listens to what the services of a cloud notify their message bus of, and passes it on as hints.

The queue is this connection's own, of bounded length and gone with it: a notification that is lost is found by the next
poll, and a broker never fills because nobody here listens. No exchange is created, only bound to once its service has.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

import kombu as _kombu

from congress.errors import CongressError

LOG = logging.getLogger(__name__)
kombu: Any = _kombu  # it comes without types
Hear = Callable[[str, Any], None]
"""Takes the type and the payload of an event."""
TOPICS: Final = ("notifications", "versioned_notifications")
EXCHANGES: Final = ("nova", "neutron", "cinder", "glance", "keystone", "openstack")
_LONGEST_QUEUE: Final = 20_000
_LARGEST: Final = 4 * 2**20
_HEARTBEAT: Final = 10
_LOOK_FOR_EXCHANGES: Final = 5.0
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


class NotificationUrlInvalid(CongressError):
    """The URL names no RabbitMQ; the text does not repeat it, since it may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            "notification_url is not of the form rabbit://user:password@host:5672/vhost "
            "(more hosts separated by commas; ?ssl=1 for TLS)"
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where notifications come from."""

    urls: tuple[str, ...]
    """For the AMQP library, one for each node of the broker."""
    ssl: dict[str, str] | bool = False
    topics: tuple[str, ...] = TOPICS
    exchanges: tuple[str, ...] = EXCHANGES


def place(url: str, topics: Iterable[str] = TOPICS, exchanges: Iterable[str] = EXCHANGES) -> Place:
    """What a URL of oslo.messaging says. Raises NotificationUrlInvalid."""
    scheme, separator, rest = url.partition("://")
    address, _, query = rest.partition("?")
    hosts, _, vhost = address.partition("/")
    if scheme not in ("rabbit", "kombu+rabbit") or not separator or not hosts:
        raise NotificationUrlInvalid
    urls = []
    for host in hosts.split(","):
        try:
            parts = urlsplit(f"amqp://{host}")
            port = parts.port or 5672
        except ValueError:
            raise NotificationUrlInvalid from None
        if not parts.hostname:
            raise NotificationUrlInvalid
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        login = f"{parts.username or 'guest'}:{parts.password or 'guest'}"
        urls.append(f"amqp://{login}@{name}:{port}/{quote(vhost, safe='') or '%2F'}")
    told = dict(parse_qsl(query))
    is_ssl = told.get("ssl", "").lower() in ("1", "true", "yes")
    authorities = {"ca_certs": told["ssl_ca_file"]} if "ssl_ca_file" in told else True
    return Place(tuple(urls), authorities if is_ssl else False, tuple(topics), tuple(exchanges))


class Listener:
    """Listens in a thread of its own. `on_gap` is called when it listens again after it did not for a while."""

    def __init__(self, where: Place, hear: Hear, on_gap: Callable[[], None]) -> None:
        self._where, self._hear, self._on_gap = where, hear, on_gap
        self._stopped, self.listening = threading.Event(), threading.Event()
        self._has_listened = False
        self._thread = threading.Thread(target=self._work, name="notifications", daemon=True)
        self.bound: set[str] = set()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _work(self) -> None:
        pause = _PAUSE
        while not self._stopped.is_set():
            try:
                self._listen()
            except Exception as error:  # the libraries raise dozens of kinds; all of them mean to connect again
                if self.listening.is_set():
                    pause = _PAUSE
                LOG.warning("notifications cannot be listened to: %s: %s", type(error).__name__, error)
            self.listening.clear()
            self._stopped.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _listen(self) -> None:
        first, *others = self._where.urls
        with kombu.Connection(
            first, alternates=others, ssl=self._where.ssl, connect_timeout=3, heartbeat=_HEARTBEAT
        ) as connection:
            connection.ensure_connection(max_retries=len(self._where.urls), interval_start=0.2)
            channel = connection.channel()
            queue = kombu.Queue(
                f"congress-notifications-{uuid.uuid4()}",
                exclusive=True,
                auto_delete=True,
                durable=False,
                max_length=_LONGEST_QUEUE,
                queue_arguments={"x-overflow": "drop-head"},
            )(channel)
            queue.declare()
            self.bound = set()
            self._bind(connection, queue)
            with kombu.Consumer(channel, [queue], on_message=self._take, no_ack=True):
                self.listening.set()
                if self._has_listened:
                    self._on_gap()
                self._has_listened = True
                self._drain(connection, queue)

    def _drain(self, connection: Any, queue: Any) -> None:
        beat = looked = time.monotonic()
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                connection.drain_events(timeout=0.5)
            now = time.monotonic()
            if now - beat > _HEARTBEAT / 3:
                beat = now
                connection.heartbeat_check()
            if now - looked > _LOOK_FOR_EXCHANGES:
                looked = now
                self._bind(connection, queue)

    def _bind(self, connection: Any, queue: Any) -> None:
        """Bind to the exchanges that are there by now."""
        for exchange in sorted(set(self._where.exchanges) - self.bound):
            channel = connection.channel()  # of its own, since the broker closes it when there is no such exchange
            try:
                kombu.Exchange(exchange, type="topic", passive=True)(channel).declare()
            except connection.channel_errors:
                continue
            else:
                channel.close()
            for topic in self._where.topics:
                queue.bind_to(exchange, routing_key=f"{topic}.*")
            self.bound.add(exchange)
            LOG.info("notifications of exchange %s are listened to", exchange)

    def _take(self, message: Any) -> None:
        event = read(message.body)
        if event is not None:
            try:
                self._hear(*event)
            except Exception:  # what one notification leads to must not end the listening
                LOG.exception("a notification was not taken in")


def read(body: bytes | str | memoryview) -> tuple[str, Any] | None:
    """Type and payload of a notification, in the envelope of oslo.messaging or without one; None when it is none."""
    text = bytes(body) if isinstance(body, memoryview) else body
    if len(text) > _LARGEST:
        return None
    try:
        found = json.loads(text)
        if isinstance(found, dict) and "oslo.message" in found:
            found = json.loads(found["oslo.message"])
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event_type"), str):
        return None
    return found["event_type"], found.get("payload")


class Hearing:
    """Who hears what: datasources of the same broker share one connection. Safe to call from any thread."""

    def __init__(
        self,
        default: str | None = None,
        topics: Iterable[str] = TOPICS,
        exchanges: Iterable[str] = EXCHANGES,
    ) -> None:
        """`default`: the URL for datasources that name none."""
        self._default, self._topics, self._exchanges = default, tuple(topics), tuple(exchanges)
        self._lock = threading.Lock()
        self._listeners: dict[str, Listener] = {}
        self._hearers: dict[str, dict[str, tuple[Hear, Callable[[], None]]]] = {}

    def join(self, name: str, url: str | None, hear: Hear, on_gap: Callable[[], None]) -> None:
        """Let a datasource hear what comes from a URL, or the default one. Raises NotificationUrlInvalid."""
        wanted = url or self._default
        if not wanted:
            return
        where = place(wanted, self._topics, self._exchanges)
        with self._lock:
            self._hearers.setdefault(wanted, {})[name] = (hear, on_gap)
            if wanted not in self._listeners:
                self._listeners[wanted] = Listener(
                    where, lambda event, payload: self._tell(wanted, event, payload), lambda: self._gap(wanted)
                )
                self._listeners[wanted].start()

    def leave(self, name: str) -> None:
        """A datasource hears nothing any more."""
        ended = []
        with self._lock:
            for url in [url for url, hearers in self._hearers.items() if name in hearers]:
                del self._hearers[url][name]
                if not self._hearers[url]:
                    del self._hearers[url]
                    ended.append(self._listeners.pop(url))
        for listener in ended:
            threading.Thread(target=listener.stop, daemon=True).start()

    def _tell(self, url: str, event_type: str, payload: Any) -> None:
        for hear, _on_gap in list(self._hearers.get(url, {}).values()):
            hear(event_type, payload)

    def _gap(self, url: str) -> None:
        for _hear, on_gap in list(self._hearers.get(url, {}).values()):
            on_gap()
