"""Looks again at single objects of which a service said that they changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from congress.datalog.values import Row, Value
from congress.datasources.contract import Driver
from congress.datasources.tablefeed import TableFeed
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
GATHER_SECONDS = 0.05
"""How long hints are gathered before the first of them is followed: services send several about one change."""
REST = 4.0
"""After a listing that a storm of hints caused, no other one begins for so many times its duration."""


class Refetcher:
    """One datasource's hints. At most `most` objects wait; when more are hinted at, their group is listed instead."""

    def __init__(
        self, name: str, driver: Driver, feed: TableFeed, list_group: Callable[[str, float], None], most: int = 200
    ) -> None:
        """`list_group(group, rest)`: list a whole group soon, after a rest of so many durations of the last listing."""
        self._name, self._driver, self._feed, self._list_group, self._most = name, driver, feed, list_group, most
        self._keys = driver.object_keys()
        self._changed = threading.Condition()
        self._waiting: dict[str, set[str]] = {}
        self._thread: threading.Thread | None = None
        self._stopped = False

    def add(self, group: str, identity: str | None) -> None:
        """An object of the group changed, appeared or went; None: nobody knows which one."""
        if identity is None or group not in self._keys:
            self._list_group(group, REST)
            return
        with self._changed:
            if self._stopped:
                return
            waiting = self._waiting.setdefault(group, set())
            waiting.add(identity)
            is_storm = len(waiting) > self._most
            if is_storm:
                del self._waiting[group]
            elif self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"hints-{self._name}", daemon=True)
                self._thread.start()
            self._changed.notify()
        if is_storm:
            self._list_group(group, REST)

    def stop(self) -> None:
        """Follow no more hints; what is under way is not published."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
            time.sleep(GATHER_SECONDS)
            with self._changed:
                if self._stopped:
                    return
                waiting, self._waiting = self._waiting, {}
            for group, identities in waiting.items():
                self._follow(group, identities)

    def _follow(self, group: str, identities: Iterable[str]) -> None:
        found: dict[Value, Mapping[str, Iterable[Row]]] = {}
        try:
            for identity in identities:
                found[identity] = self._driver.fetch_one(group, identity)
            if not self._stopped:
                self._feed.replace(self._keys[group], found)
        except Exception as error:  # drivers are foreign code; what they cannot say about one object a listing says
            LOG.warning(
                "datasource %s: objects of %s are not known anew, the table is listed: %s",
                self._name, group, error, exc_info=not isinstance(error, CongressError),
            )  # fmt: skip
            self._list_group(group, REST)
