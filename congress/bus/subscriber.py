"""An engine's end of the stream: applies publications in order and completely, and mends what is missing.

Publications are applied as they come, each in one transaction. One that comes too early waits for the one before it; if
that does not come, or an announcement shows other tables than the ones here, a *pull* fetches the tables that differ in
the state of one publication, and they too are applied in one transaction; what was published meanwhile waits. Only a
table whose rows cannot be applied (a rule became too expensive by them) falls behind alone, and is tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from congress.bus import demands
from congress.bus.contract import Bus, BusTimeout, Message, RemoteError
from congress.bus.demands import Wanted
from congress.bus.publications import DEMAND, STREAM, Announcement, Position, Publication, TableKey
from congress.bus.pulling import Pulled, pull
from congress.bus.received import Received, TableStatus
from congress.bus.unknown import UnknownKinds
from congress.bus.updates import TableUpdate
from congress.bus.waiting import Waiting
from congress.datalog.values import Row
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_EPOCH = metrics.observed("congress_stream_epoch", "The epoch of the publisher whose tables the engine shows.")
_NUMBER = metrics.observed("congress_stream_publication", "The last publication of that epoch that was applied.")
_BEHIND = metrics.observed("congress_stream_behind", "Publications that were heard of and are not applied yet.")
_WAITING = metrics.observed("congress_stream_waiting", "Publications that came too early and wait for one before them.")
_MISSING = metrics.observed("congress_stream_doubtful_tables", "Tables here that are known to be behind.")
_GAPS = metrics.counter("congress_stream_gaps_total", "Times that a publication was missing when a later one came.")
_PULLS = metrics.counter("congress_stream_pulls_total", "Times that tables were fetched from the publisher.", "outcome")
_LATENCY = metrics.histogram(
    "congress_update_latency_seconds",
    "Time from the publication of changed rows to the violations that follow; two nodes' clocks are compared.",
)


ShownPosition = Callable[[], Position | None]
"""Exactly the publications up to this position are shown; None: that is not certain. Asked where rows cannot change."""


class Target(Protocol):
    """Where the rows go."""

    def apply(self, updates: tuple[TableUpdate, ...], position: ShownPosition) -> frozenset[TableKey]:
        """Apply all updates in one transaction, all or none, and in it note the position that the rows show from then
        on; answers the tables that have no place here (yet)."""
        ...

    def show(self, position: ShownPosition) -> None:
        """Note the position that the rows show, which are as before; asked where no transaction is under way."""
        ...

    def count(self, source: str, table: str) -> int | None:
        """How many rows the table has here; None when it has no place here."""
        ...


@dataclass(frozen=True, slots=True)
class SubscriberOptions:
    """`demand_period`: seconds between two tellings of what is wanted; `patience`: seconds that a gap may wait for the
    message that closes it; `held`: size of publications that wait at most, in characters (on a local bus, rows);
    `timeout`: seconds for each answer of a pull; `retry`: seconds until the first repetition of what failed, then
    twice as long each time until `longest`."""

    demand_period: float = 2.0
    patience: float = 0.5
    held: int = 64 * 2**20
    timeout: float = 10.0
    retry: float = 0.5
    longest: float = 30.0


class Subscriber:
    """Never guesses: the rows that it shows for a table are those of one publication."""

    def __init__(
        self,
        bus: Bus,
        target: Target,
        options: SubscriberOptions | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus, self._target, self._options, self._clock = bus, target, options or SubscriberOptions(), clock
        # Held while rows are applied, so never by those who only look; `_received` has a short lock of its own.
        self._applying = threading.RLock()
        self._received = Received(clock, lossless=bus.local)
        self._waiting = Waiting(self._options.held)
        self._unknown = UnknownKinds()
        self._wanted: Wanted = None
        self._gap_since: float | None = None
        self._must_pull = self._pulling = False
        self._failures = 0
        self._retry_at = self._demand_at = 0.0
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="table-stream", daemon=True)

    def start(self) -> None:
        """Receive from now on, and ask for what is wanted."""
        received = self._received
        _EPOCH.follow(lambda: {(): float(received.epoch)})
        _NUMBER.follow(lambda: {(): float(received.number)})
        _BEHIND.follow(lambda: {(): float(max(0, received.heard - received.number))})
        _WAITING.follow(lambda: {(): float(len(self._waiting))})
        _MISSING.follow(lambda: {(): float(len(received.missing(received.status())))})
        self._bus.subscribe(STREAM, self._receive)
        self._bus.subscribe(DEMAND, self._questioned)
        self._demand_at = self._clock() + self._options.demand_period
        self._tell_demand()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def want(self, tables: Iterable[TableKey] | None) -> None:
        """Say which tables are needed here; None (as at first): every table.

        Called inside the transaction that makes a rule visible, it keeps the position from being certain until the
        tables that the rule mentions are here.
        """
        before, self._wanted = self._wanted, None if tables is None else frozenset(tables)
        if before is not None and (self._wanted is None or not self._wanted <= before):
            self._received.unsettle(self._wanted)
            self._target.show(self._received.position)
            self._wake.set()

    def forget(self, source: str) -> None:
        """The datasource's rows are not here any more (it was deleted or declared anew): get its tables again."""
        self._received.forget(source)
        self._target.show(self._received.position)
        self._wake.set()

    def position(self) -> Position | None:
        """Exactly the publications up to here are shown; None while that is not certain.

        Only the position given to `Target.apply` belongs to the rows for certain; this one may be a moment older.
        """
        return self._received.position()

    def publisher(self) -> str | None:
        """The id of the node that publishes, None when none was heard of."""
        return self._received.node

    def missing(self, tables: Iterable[TableKey]) -> frozenset[TableKey]:
        """Those of the tables of which no rows were received, or whose rows are known to be behind."""
        return self._received.missing(tables)

    def status(self) -> dict[TableKey, TableStatus]:
        """How far each received table is."""
        return self._received.status()

    def fetch(self, source: str, table: str, timeout: float = 10.0) -> frozenset[Row] | None:
        """A table's rows from the publisher, whether it is wanted here or not; None when it has no such table.

        Raises BusTimeout and RemoteError.
        """
        node = self._received.node
        if node is None:
            raise BusTimeout("(unknown)", "stream.open", 0.0)
        key = (source, table)
        found = pull(self._bus, node, {}, frozenset([key]), timeout, once=True)
        return found.tables[key].inserted if key in found.tables else None

    # -- what comes over the bus

    def _questioned(self, message: Message) -> None:
        if message.get("kind") == "question":
            self._tell_demand()

    def _tell_demand(self) -> None:
        self._bus.publish(DEMAND, demands.to_message(self._bus.node, self._wanted))

    def _receive(self, message: Message) -> None:
        kind = message.get("kind")
        if kind not in ("publication", "announcement"):
            self._unknown.tell(STREAM, kind)
            return
        with self._applying:
            epoch, number, node = int(message["epoch"]), int(message["number"]), str(message["node"])
            if epoch < self._received.epoch or self._stopped.is_set():
                return
            if epoch > self._received.epoch:
                self._follow(epoch, node)
            self._received.hear(number, node)
            if kind == "publication":
                self._publication(number, message)
            else:
                self._announcement(Announcement.from_message(message))
            self._look_for_gap()

    def _follow(self, epoch: int, node: str) -> None:
        """Follow another publisher. What it has published before is not known yet, so a look at its tables comes."""
        LOG.info("node %s publishes table data under epoch %d", node, epoch)
        self._waiting.clear()
        self._gap_since = None
        self._must_pull, self._failures, self._retry_at = False, 0, 0.0
        self._received.follow(epoch, node)
        self._wake.set()
        self._target.show(self._received.position)

    def _publication(self, number: int, message: Message) -> None:
        if number <= self._received.number:
            return
        if number > self._received.number + 1 or self._must_pull or self._pulling:
            self._waiting.add(number, message)
            return
        self._take(Publication.from_message(message))
        self._drain()

    def _drain(self) -> None:
        """Apply what has waited and can be applied now. Whoever published it is not here to be told what fails."""
        while not self._must_pull and (message := self._waiting.take(self._received.number + 1)) is not None:
            try:
                self._take(Publication.from_message(message))
            except Exception:
                LOG.exception("publication %d of epoch %d cannot be applied", message["number"], message["epoch"])

    def _take(self, publication: Publication) -> None:
        """Apply the next publication, unless a table of it needs a pull. Raises what the target raises."""
        wanted = [each for each in publication.updates if demands.includes(self._wanted, (each.source, each.table))]
        withheld = {key: each for key, each in publication.withheld.items() if demands.includes(self._wanted, key)}
        fitting = self._received.fitting(wanted, withheld, self._target.count)
        if fitting is None:
            self._pull_soon()
            return
        try:
            self._apply(publication.position, fitting)
            if fitting and publication.at:
                _LATENCY.observe(max(0.0, time.time() - publication.at))
        except Exception:
            self._received.fail(publication.position, {(each.source, each.table) for each in fitting})
            self._target.show(self._received.position)
            self._wake.set()
            raise

    def _apply(
        self, position: Position, updates: tuple[TableUpdate, ...], digests: Mapping[TableKey, int] | None = None
    ) -> None:
        def shown() -> Position | None:
            return self._received.after(position, updates)

        unplaced = self._target.apply(updates, shown) if updates else frozenset()
        self._received.note(position, updates, unplaced, digests)
        if not updates:
            self._target.show(self._received.position)

    def _announcement(self, announcement: Announcement) -> None:
        received = self._received
        if announcement.number != received.number or self._must_pull or self._pulling:
            return
        different = received.compare(announcement, self._wanted, self._target.count)
        if different:
            LOG.warning("rows of %s are not those that are announced", ", ".join(":".join(key) for key in different))
            self._pull_soon()
            self._target.show(received.position)

    def _look_for_gap(self) -> None:
        if self._received.number >= self._received.heard:
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = self._clock()
            _GAPS.inc()
            self._wake.set()

    def _pull_soon(self) -> None:
        self._must_pull = True
        self._wake.set()

    # -- the thread

    def step(self) -> float | None:
        """Do what is due; answers the seconds until something will be, None for "when woken"."""
        now = self._clock()
        if not self._bus.local and now >= self._demand_at:
            self._demand_at = now + self._options.demand_period
            self._tell_demand()
        if self._gap_since is not None and now - self._gap_since >= self._options.patience:
            self._must_pull = True
        if self._needs_pull() and now >= self._retry_at:
            self._pull()
        return self._due(self._clock())

    def _needs_pull(self) -> bool:
        return self._received.node is not None and (self._must_pull or self._received.needs_look())

    def _due(self, now: float) -> float | None:
        due = [] if self._bus.local else [self._demand_at]
        if self._needs_pull():
            due.append(self._retry_at)
        elif self._gap_since is not None:
            due.append(self._gap_since + self._options.patience)
        return max(0.0, min(due) - now) if due else None

    def _pull(self) -> None:
        """Bring the wanted tables to the state of one publication."""
        with self._applying:
            self._pulling = True
            look = self._received.begin_look()
            node, wanted, have = self._received.node or "", self._wanted, self._received.versions()
        found = None
        try:
            found = pull(self._bus, node, have, wanted, self._options.timeout)
        except (BusTimeout, RemoteError, ValueError) as error:
            LOG.warning("the tables of node %s cannot be read: %s", node, error)
        finally:
            with self._applying:
                self._pulling = False
                worked = found is not None and self._use(found, node, look)
                _PULLS.labels("done" if worked else "failed").inc()
                self._failures = 0 if worked else self._failures + 1
                pause = min(self._options.longest, self._options.retry * 2.0 ** min(self._failures - 1, 20))
                self._retry_at = self._clock() + pause if self._failures else 0.0
                self._drain()
                self._look_for_gap()

    def _use(self, found: Pulled, node: str, look: int) -> bool:
        """Apply what was pulled; whether all of it could be."""
        received, position = self._received, found.position
        if position < received.at():
            return False
        if position.epoch > received.epoch:
            self._follow(position.epoch, node)
        received.hear(position.number, node)
        updates = tuple(each for key, each in found.tables.items() if demands.includes(self._wanted, key))
        failed: set[TableKey] = set()
        there = {*found.tables, *found.same}
        gone = {key for key in received.known() - there if self._target.count(*key) is None}
        received.end_look(look, found.same, gone)
        try:
            self._apply(position, updates, found.digests)
        except Exception:
            LOG.exception("the tables that were read cannot be applied together; one after the other")
            failed = self._apply_singly(position, updates, found.digests)
        self._waiting.drop(position.number)
        self._must_pull, self._gap_since = False, None
        return not failed

    def _apply_singly(
        self, position: Position, updates: tuple[TableUpdate, ...], digests: Mapping[TableKey, int]
    ) -> set[TableKey]:
        failed: set[TableKey] = set()
        for update in updates:
            try:
                unplaced = self._target.apply((update,), lambda: None)
            except Exception as error:  # which table it is must not matter to the others
                LOG.error("the rows of %s:%s cannot be applied: %s", update.source, update.table, error)
                failed.add((update.source, update.table))
            else:
                self._received.note(self._received.at(), (update,), unplaced, digests)
        self._received.fail(position, failed)
        self._target.show(self._received.position)
        return failed

    def _loop(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            pause: float | None = self._options.longest
            try:
                pause = self.step()
            except Exception:  # rows that cannot be applied, a broken message: the stream must go on
                LOG.exception("the table stream failed")
            self._wake.wait(pause)
