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
from congress.datasources.contract import (
    BadPushedData,
    CloudUnreachable,
    Driver,
    DriverError,
    Unchanged,
    UnknownTableGroup,
)
from congress.datasources.limits import Limits
from congress.datasources.pushing import Patch, tag
from congress.datasources.refetching import Refetcher
from congress.datasources.schedule import Turn, worst, written
from congress.datasources.tablefeed import TableFeed
from congress.datasources.violations import Violations
from congress.errors import CongressError
from congress.telemetry import metrics, tracing

LOG = logging.getLogger(__name__)

_SECONDS = metrics.histogram(
    "congress_poll_seconds", "Time to list a group of tables of a datasource, on the node that reads.", "source"
)
_POLLS = metrics.counter("congress_polls_total", "Listings of groups of tables, by outcome.", "source", "outcome")


class DatasourceRunner:
    """See `congress.datasources.contract.Runner`. `on_updated` is called after each poll that worked and each push,
    `on_state` when the state, or that of a table, is another one; `chance` and `clock` are for tests."""

    def __init__(
        self,
        name: str,
        driver: Driver,
        publish: Publish,
        epoch: int = 1,
        *,
        limits: Limits | None = None,
        on_updated: Callable[[], None] = lambda: None,
        on_state: Callable[[], None] = lambda: None,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._name, self._driver, self._limits = name, driver, limits or Limits()
        self._violations = Violations(driver.configured_tables(driver.config))
        self._feed = TableFeed(name, epoch, publish, most_rows=self._limits.table_rows, watch=self._violations.count)
        self._turns = _turns(driver)
        self._on_updated, self._on_state, self._chance, self._clock = on_updated, on_state, chance, clock
        self._pushing, self._epoch = threading.Lock(), epoch
        self._unkept: dict[str, tuple[int, list[Any]]] = {}
        """Table -> version and objects of what was pushed into it and is stored nowhere."""
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"datasource-{name}", daemon=True)
        self._refetcher = Refetcher(name, driver, self._feed, self._list_soon, self._limits.single_objects)
        self._last_updated: datetime | None = None
        self._pushed_at: float | None = None
        self._last_error: str | None = None
        self._asked = False
        self._polls = 0
        self._told: dict[str, str] = {}
        self._since = clock()

    def start(self) -> None:
        if self._driver.polls:
            self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._wake.set()
        self._refetcher.stop()
        if self._thread.is_alive():
            self._thread.join(timeout)
        try:
            self._driver.close()
        except Exception:  # a driver that cannot say goodbye must not keep the server from stopping
            LOG.exception("datasource %s: closing failed", self._name)

    # -- what others ask

    def request_refresh(self) -> None:
        self._asked = True
        self._wake.set()

    def activate(self, table: str) -> None:
        """Poll the lazy group that `table` belongs to from now on."""
        for turn in self._turns.values():
            if table in turn.tables and turn.lazy:
                turn.lazy = False
                self._wake.set()

    def request_snapshot(self, table: str) -> None:
        self.activate(table)
        if not self._feed.republish(table):
            for turn in self._turns.values():
                if table in turn.tables:
                    self._list_soon(turn.name)

    def hint(self, event_type: str, payload: Any) -> None:
        """A service says that something happened: look at what it concerns, soon. Never waits."""
        for group, identity in self._driver.hinted(event_type, payload):
            turn = self._turns.get(group)
            if turn is not None and not turn.lazy and turn.read_at is not None:
                self._refetcher.add(group, identity)

    def _list_soon(self, group: str, wait: float = 0.0) -> None:
        """List a group before it is due, unless it fails at present: then its own pace is kept. After `wait` times the
        last listing's duration."""
        turn = self._turns[group]
        if turn.failures == 0:
            at = time.monotonic() + wait * (turn.duration or 0.0)
            turn.due = at if turn.due is None else min(at, turn.due)
            self._wake.set()

    def push(self, table: str, objects: Sequence[Any], keep: Callable[[], None] = lambda: None) -> None:
        with self._pushing:  # what a driver makes of two pushes must be published in the same order
            self._push(table, objects, keep)

    def patch(self, table: str, patch: Patch) -> str:
        with self._pushing:
            version, objects = self._unkept.get(table, (0, []))
            patch.check(table, tag(version, self._epoch))
            self._push(table, patch.applied(objects))
            return tag(self._unkept[table][0], self._epoch)

    def _push(self, table: str, objects: Sequence[Any], keep: Callable[[], None] = lambda: None) -> None:
        rows = self._driver.translate(table, objects)
        keep()
        self._feed.put(rows)
        if self._driver.settings.get("persist_data") is False:  # then this is the only place that knows the objects
            self._unkept[table] = (self._unkept.get(table, (0, []))[0] + 1, [*objects])
        self._polls += 1
        self._pushed_at = time.monotonic()
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

    # -- how it goes

    def status(self) -> dict[str, Any]:
        return {
            "last_updated": written(self._last_updated),
            "last_error": self._last_error or "None",
            "number_of_updates": str(self._polls),
            "initialized": str(not self._driver.polls or self._complete()),
            "state": self.state(),
            "since": written(self._since),
            "tables": self._tables(),
        }

    def state(self) -> str:
        """`starting`, `ok`, `failing` or `unreachable`: as its worst group is."""
        return worst(self.states()) if self._driver.polls else "ok"

    def states(self) -> dict[str, str]:
        """Table -> its state, which is that of its group: as of a datasource, or `lazy`."""
        after = self._limits.unreachable_after
        if not self._driver.polls:
            return dict.fromkeys(self._driver.configured_tables(self._driver.config), "ok")
        return {table: turn.state(after) for turn in self._turns.values() for table in turn.tables}

    def age(self) -> float | None:
        if not self._driver.polls:
            return None if self._pushed_at is None else time.monotonic() - self._pushed_at
        read = [turn.read_at for turn in self._turns.values() if not turn.lazy]
        times = [at for at in read if at is not None]
        return None if len(times) < len(read) or not times else time.monotonic() - min(times)

    def rows(self, table: str) -> frozenset[Row] | None:
        return self._feed.rows(table)

    def _tables(self) -> dict[str, dict[str, Any]]:
        now, states = time.monotonic(), self.states()
        found: dict[str, dict[str, Any]] = {}
        for table, turn in self._turn_of_table():
            rows, due = self._feed.rows(table), turn.due if turn else None
            polled = turn is not None and self._driver.polls
            found[table] = {
                "state": states.get(table, "ok"),
                "rows": None if rows is None else len(rows),
                "last_success": written(turn.succeeded) if turn and polled else written(self._last_updated),
                "last_error": (turn.error if turn else None) or "None",
                "age": _rounded(None if turn is None or turn.read_at is None else now - turn.read_at),
                "duration": _rounded(turn.duration if turn else None),
                "next_poll": _rounded(max(0.0, due - now) if due is not None and polled else None),
                "violations": self._violations.of(table),
            }
        return found

    def _turn_of_table(self) -> list[tuple[str, Turn | None]]:
        owners = {table: turn for turn in self._turns.values() for table in turn.tables}
        return [(table, owners.get(table)) for table in self._driver.configured_tables(self._driver.config)]

    # -- polling

    def poll(self) -> bool:
        """List every active group once and publish the differences; True when all of it worked. Never raises."""
        return self._list([turn for turn in self._turns.values() if not turn.lazy])

    def _list(self, turns: Iterable[Turn]) -> bool:
        """A group that fails keeps its old rows and does not keep the others from being listed, unless the whole cloud
        is out of reach."""
        chance, gone, listed = self._chance(), None, []
        for turn in turns:
            if turn.lazy or self._stopped.is_set():
                continue
            listed.append(turn)
            if gone is not None:
                turn.failed(time.monotonic(), gone, None, chance)
                continue
            started = time.monotonic()
            try:
                with tracing.span(f"poll {turn.name}", source=self._name):
                    self._list_one(turn)
            except Exception as error:  # drivers and receivers are foreign code; the thread must survive them
                now, text = time.monotonic(), self._described(turn.name, error)
                turn.failed(now, text, now - started, chance)
                _POLLS.labels(self._name, "failed").inc()
                gone = text if isinstance(error, CloudUnreachable) else None
            else:
                now = time.monotonic()
                turn.worked(now, self._clock(), now - started, chance)
                _POLLS.labels(self._name, "worked").inc()
            _SECONDS.labels(self._name).observe(now - started)
        self._polls += 1
        self._note()
        return not any(turn.failures for turn in listed)

    def _list_one(self, turn: Turn) -> None:
        end = time.monotonic() + self._limits.poll_seconds
        try:
            with self._feed.listing(turn.tables, self._driver.object_keys().get(turn.name)) as listing:
                for part in self._driver.pages(turn.name):
                    if self._stopped.is_set():
                        raise DriverError(f"datasource '{self._name}' was stopped in the middle of a listing")
                    if time.monotonic() > end:
                        raise DriverError(
                            f"the listing of table {turn.name} takes more than {self._limits.poll_seconds:g} s; "
                            "see the service, or the option poll_seconds of group datasources"
                        )
                    listing.add(part)
        except Unchanged:
            self._feed.repair(turn.tables)

    def _note(self) -> None:
        """Say how it goes, where that is news."""
        errors = dict.fromkeys(turn.error for turn in self._turns.values() if turn.error and not turn.lazy)
        text = "; ".join(error for error in errors if error)
        if text and text != self._last_error:
            LOG.warning("%s", text)
        if self._last_error and not text:
            LOG.info("datasource %s: polls succeed again", self._name)
        before, self._last_error = self._last_error, text or None
        states = self.states()
        if states != self._told or before != self._last_error:
            if worst(states) != worst(self._told):
                self._since = self._clock()
            self._told = states
            self._on_state()
        if not text:
            self._updated()

    def _updated(self) -> None:
        self._last_updated = self._clock()
        self._on_updated()

    def _described(self, group: str, error: Exception) -> str:
        if isinstance(error, CongressError):
            return str(error)
        LOG.exception("datasource %s: table %s failed", self._name, group)
        return f"table {group}: {type(error).__name__}: {error}"

    def _complete(self) -> bool:
        wanted = [turn.tables for turn in self._turns.values() if not turn.lazy]
        return all(self._feed.rows(table) is not None for tables in wanted for table in tables)

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            asked, self._asked = self._asked, False
            now = time.monotonic()
            due = [turn for turn in self._turns.values() if asked or (turn.due is not None and turn.due <= now)]
            try:
                if any(not turn.lazy for turn in due):
                    self._list(due)
            except Exception:
                # Nothing in `_list` should get here; if something does, the next poll is worth more than the thread.
                LOG.exception("datasource %s: the poll failed unexpectedly", self._name)
                self._stopped.wait(1.0)
            times = [turn.due for turn in self._turns.values() if turn.due is not None and not turn.lazy]
            if not self._stopped.is_set():
                self._wake.wait(max(0.0, min(times) - time.monotonic()) if times else None)


def _turns(driver: Driver) -> dict[str, Turn]:
    """Group -> its turn. Raises DriverError for options that name no group."""
    groups, settings = driver.configured_groups(driver.config), driver.settings
    lazy, periods = set(settings["lazy_tables"]), dict(settings["poll_times"])
    for option, named in (("lazy_tables", lazy), ("poll_times", set(periods))):
        unknown = sorted(named - set(groups))
        if unknown:
            raise DriverError(
                f"{option} names {', '.join(unknown)}; root tables of driver {driver.id} are "
                f"{', '.join(sorted(groups))}"
            )
    usual: float = settings["poll_time"]
    return {name: Turn(name, tables, periods.get(name, usual), name in lazy) for name, tables in groups.items()}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
