"""Which node of the broker a connection is made to: one that was silent a moment ago comes after all others.

The library shuffles the nodes for each connection, and goes round when it loses one. Whoever makes several connections
while a node is frozen waits for that node again and again, although it knows better after the first time.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

_PORT = 5672


class Hosts:
    """What this process knows of the nodes; used by all of its threads."""

    def __init__(self, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds`: for how long a node that was silent is thought to be so."""
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._silent: dict[tuple[str, int], float] = {}

    def was_silent(self, host: str, port: int | None) -> None:
        with self._lock:
            self._silent[host, port or _PORT] = self._clock()

    def answered(self, host: str, port: int | None) -> None:
        with self._lock:
            self._silent.pop((host, port or _PORT), None)

    def ordered(self, urls: Sequence[str]) -> list[str]:
        """The same URLs, those of silent nodes last, and otherwise in the same order."""
        return sorted(urls, key=self._is_silent)

    def in_turn(self, urls: Sequence[str]) -> Iterator[str]:
        """The URLs, over and over, for what follows a lost connection; without those of silent nodes unless all are."""
        for url in itertools.cycle(urls):
            if not self._is_silent(url) or all(map(self._is_silent, urls)):
                yield url

    def _is_silent(self, url: str) -> bool:
        place = urlsplit(url)
        with self._lock:
            since = self._silent.get((place.hostname or "", place.port or _PORT))
        return since is not None and self._clock() - since < self._seconds


def told_of(hosts: Hosts, establish: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A way to make a connection of kombu that tells `hosts` how it went."""

    def establish_and_tell(connection: Any) -> Any:
        try:
            made = establish(connection)
        except TimeoutError:
            hosts.was_silent(connection.hostname, connection.port)
            raise
        hosts.answered(connection.hostname, connection.port)
        return made

    return establish_and_tell


def chosen_by(hosts: Hosts, seconds: float, initialise: Callable[..., None]) -> Callable[..., None]:
    """A connection of kombu that goes to nodes in the order of `hosts`, and gives up on one that does not answer within
    `seconds`. The library's own five seconds cannot be set."""

    def initialise_with_choice(connection: Any, hostname: Any = "localhost", *arguments: Any, **more: Any) -> None:
        more.setdefault("connect_timeout", seconds)
        if isinstance(hostname, str) and ";" in hostname:
            hostname = ";".join(hosts.ordered(hostname.split(";")))
            more["failover_strategy"] = hosts.in_turn
        initialise(connection, hostname, *arguments, **more)

    return initialise_with_choice
