"""Runs one driver: polls in a thread, publishes what changed, and reports how it goes."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from congress.bus.updates import Publish
from congress.datalog.values import Row, row
from congress.datasources.contract import BadPushedData, CloudUnreachable, Driver, DriverError, UnknownTableGroup
from congress.datasources.tablefeed import TableFeed
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
DEFAULT_POLL_TIME = 10.0
FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0


def poll_time(config: Mapping[str, str]) -> float:
    """Seconds between polls; 0 means on request only. Raises DriverError."""
    text = config.get("poll_time") or str(DEFAULT_POLL_TIME)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 10**9:
        raise DriverError(f"poll_time is '{text}'; give a number of seconds, 0 or more")
    return seconds


def delay(period: float, failures: int, chance: float) -> float | None:
    """Seconds until the next poll, None for "when somebody asks".

    After a failure polls come soon again and then ever more rarely, at most every minute or every `period`, whichever
    is longer. `chance` in [0, 1) takes up to half of it away, lest all datasources of a recovered cloud ask at once.
    """
    if period == 0:
        return None
    if failures == 0:
        return period
    longest = max(period, LONGEST_RETRY)
    return min(longest, FIRST_RETRY * 2.0 ** min(failures - 1, 30)) * (1 - chance / 2)


class DatasourceRunner:
    """See `congress.datasources.contract.Runner`. `on_updated` is called after each poll that worked and each push;
    `chance` and `clock` are for tests."""

    def __init__(
        self,
        name: str,
        driver: Driver,
        publish: Publish,
        epoch: int = 1,
        *,
        on_updated: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._name, self._driver = name, driver
        self._feed = TableFeed(name, epoch, publish)
        self._period = poll_time(driver.config)
        self._lazy = _lazy_groups(driver)
        self._on_updated, self._chance, self._clock = on_updated, chance, clock
        self._pushing = threading.Lock()
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"datasource-{name}", daemon=True)
        self._last_updated: datetime | None = None
        self._read_at: float | None = None
        self._last_error: str | None = None
        self._polls = self._failures = 0

    def start(self) -> None:
        if self._driver.polls:
            self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        try:
            self._driver.close()
        except Exception:  # a driver that cannot say goodbye must not keep the server from stopping
            LOG.exception("datasource %s: closing failed", self._name)

    def request_refresh(self) -> None:
        self._wake.set()

    def activate(self, table: str) -> None:
        """Poll the lazy group that `table` belongs to from now on."""
        for group, tables in self._driver.groups().items():
            if table in tables and group in self._lazy:
                self._lazy.discard(group)
                self._wake.set()

    def request_snapshot(self, table: str) -> None:
        self.activate(table)
        if not self._feed.republish(table):
            self._wake.set()

    def push(self, table: str, objects: Sequence[Any], keep: Callable[[], None] = lambda: None) -> None:
        with self._pushing:  # what a driver makes of two pushes must be published in the same order
            rows = self._driver.translate(table, objects)
            keep()
            self._feed.put(rows)
        self._polls += 1
        self._updated()

    def restore(self, table: str, rows: Sequence[Any]) -> None:
        columns = self._driver.configured_tables(self._driver.config).get(table)
        if columns is None:
            raise UnknownTableGroup(f"datasource '{self._name}' has no table '{table}'")
        if not all(isinstance(cells, list) and len(cells) == len(columns) for cells in rows):
            raise BadPushedData(f"rows of table '{table}' are lists of {len(columns)} cells each")
        self._feed.put({table: [row(cells) for cells in rows]})

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self._driver.execute(action, positional, named)

    def status(self) -> dict[str, str]:
        return {
            "last_updated": "None" if self._last_updated is None else self._last_updated.strftime("%F %T.%f"),
            "last_error": self._last_error or "None",
            "number_of_updates": str(self._polls),
            "initialized": str(not self._driver.polls or self._complete()),
        }

    def age(self) -> float | None:
        return None if self._read_at is None else time.monotonic() - self._read_at

    def rows(self, table: str) -> frozenset[Row] | None:
        return self._feed.rows(table)

    def poll(self) -> bool:
        """List every active group once and publish the differences; True when all of it worked.

        A group that fails keeps its old rows and does not keep the others from being listed, unless the whole cloud
        is out of reach. Never raises.
        """
        errors: list[str] = []
        for group in self._driver.groups():
            if group in self._lazy or self._stopped.is_set():
                continue
            try:
                rows = self._driver.fetch(group)
                if not self._stopped.is_set():
                    self._feed.put(rows)
            except Exception as error:  # drivers and receivers are foreign code; the thread must survive them
                errors.append(self._described(group, error))
                if isinstance(error, CloudUnreachable):
                    break
        self._polls += 1
        self._note(errors)
        return not errors

    def _note(self, errors: Iterable[str]) -> None:
        text = "; ".join(errors)
        if text and text != self._last_error:
            LOG.warning("%s", text)
        if self._last_error and not text:
            LOG.info("datasource %s: polls succeed again", self._name)
        self._failures = self._failures + 1 if text else 0
        self._last_error = text or None
        if not text:
            self._updated()

    def _updated(self) -> None:
        self._last_updated, self._read_at = self._clock(), time.monotonic()
        self._on_updated()

    def _described(self, group: str, error: Exception) -> str:
        if isinstance(error, CongressError):
            return str(error)
        LOG.exception("datasource %s: table %s failed", self._name, group)
        return f"table {group}: {type(error).__name__}: {error}"

    def _complete(self) -> bool:
        wanted = [tables for group, tables in self._driver.groups().items() if group not in self._lazy]
        return all(self._feed.rows(table) is not None for tables in wanted for table in tables)

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                self.poll()
            except Exception:
                # Nothing in `poll` should get here; if something does, the next poll is worth more than the thread.
                LOG.exception("datasource %s: the poll failed unexpectedly", self._name)
                self._failures += 1
            if not self._stopped.is_set():
                self._wake.wait(delay(self._period, self._failures, self._chance()))


def _lazy_groups(driver: Driver) -> set[str]:
    named = {name.strip() for name in driver.config.get("lazy_tables", "").split(",")} - {""}
    unknown = sorted(named - set(driver.groups()))
    if unknown:
        raise DriverError(
            f"lazy_tables names {', '.join(unknown)}; root tables of driver {driver.id} are "
            f"{', '.join(sorted(driver.groups()))}"
        )
    return named
