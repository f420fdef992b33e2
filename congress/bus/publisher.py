"""The one publisher of table data: numbers what the runners publish, announces it, hands out snapshots.

A publication's number stands for one state of all tables that somebody wants: two engines that show the same number
show the same rows. So a table that was changed while nobody wanted it gets a publication of its own when somebody does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from congress.bus import demands, digest
from congress.bus.contract import VERSION, Bus, Message
from congress.bus.demands import Demands, Wanted
from congress.bus.publications import (
    DEMAND,
    STREAM,
    Announcement,
    Position,
    Publication,
    TableKey,
    TableState,
    table_epoch,
)
from congress.bus.snapshots import Pulls
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.errors import CongressError

LOG = logging.getLogger(__name__)


class NotThePublisher(CongressError):
    """This node is not the active datasource node (any longer); another one publishes, or soon will."""


@dataclass(frozen=True, slots=True)
class PublisherOptions:
    """`announce_period`: seconds between announcements; `demand_timeout`: seconds after which an engine that did not
    say again what it wants wants nothing; `largest`: rows of one update above which it is pulled, not sent; `chunk`:
    characters of a chunk of a snapshot before it is packed."""

    announce_period: float = 2.0
    demand_timeout: float = 15.0
    largest: int = 20_000
    chunk: int = 2_000_000


@dataclass(slots=True)
class _Table:
    """A table as last published. `digest` is computed when it is first announced, and then kept up."""

    epoch: int
    sequence: int
    content: frozenset[Row]
    digest: int | None = None

    def state(self) -> TableState:
        return TableState(self.epoch, self.sequence, len(self.content), digest.text(self.digest))


class Publisher:
    """Publishes between `begin` and `end`; `holds` is asked before each publication whether the lease is still held."""

    def __init__(
        self,
        bus: Bus,
        options: PublisherOptions | None = None,
        *,
        holds: Callable[[], bool] = lambda: True,
        wanted: Callable[[Wanted], None] = lambda _tables: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wanted` is called when the union of what engines want has changed; None means every table."""
        self._bus, self._options = bus, options or PublisherOptions()
        self._holds, self._wanted, self._clock = holds, wanted, clock
        self._lock = threading.RLock()
        self._epoch: int | None = None
        self._number = 0
        self._tables: dict[TableKey, _Table] = {}
        self._demands = Demands(self._options.demand_timeout)
        self._union: Wanted = frozenset()
        self._pulls = Pulls(chunk=self._options.chunk, clock=clock)
        # NOTE: has a lock of its own, because `starts` is called by those who hold locks that receivers wait for
        self._starting = threading.Lock()
        self._starts = 0
        self._floors: dict[str, int] = {}
        self._outdated: set[str] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="announcements", daemon=True)

    def start(self) -> None:
        """Listen to what engines want; begin to announce whenever this node is the publisher."""
        self._bus.serve({"stream.open": self._open, "stream.chunk": self._chunk, "stream.close": self._close})
        self._bus.subscribe(DEMAND, self._hear)
        if not self._bus.local:
            self._thread.start()

    def stop(self) -> None:
        self.end()
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def begin(self, epoch: int) -> None:
        """This node is the publisher from now on, under a lease of this epoch; begins a new stream."""
        with self._lock:
            self._epoch, self._number = epoch, 0
            self._tables.clear()
            self._pulls.clear()
            LOG.info("this node publishes table data under epoch %d", epoch)
            self._bus.publish(DEMAND, {"v": VERSION, "kind": "question", "node": self._bus.node})
            self._announce()

    def end(self) -> None:
        """This node is not the publisher any longer; returns when nothing of it is under way."""
        with self._lock:
            if self._epoch is not None:
                LOG.info("this node does not publish table data any longer")
            self._epoch = None
            self._tables.clear()
            self._pulls.clear()

    def publish(self, updates: tuple[TableUpdate, ...]) -> None:
        """A `Publish` for the runners. Raises NotThePublisher outside `begin` and `end` or when the lease is lost."""
        with self._lock:
            self._check()
            taken = [each for each in updates if self._note(each)]
            self._send([each for each in taken if demands.includes(self._union, (each.source, each.table))])

    def starts(self, source: str) -> int:
        """A datasource starts: the epoch of its tables from now on. What a former run of it still publishes is dropped;
        what it has published stays until this run has read the tables."""
        with self._starting:
            self._starts += 1
            epoch = table_epoch(self._epoch or 0, self._starts)
            self._floors[source] = epoch
            return epoch

    def ends(self, source: str) -> None:
        """A datasource is gone, or will begin anew: its tables are forgotten, what it still publishes is dropped."""
        self.starts(source)
        with self._starting:
            self._outdated.add(source)

    def position(self) -> Position | None:
        """The last publication; None while this node is not the publisher."""
        with self._lock:
            return None if self._epoch is None else Position(self._epoch, self._number)

    def demand(self) -> Wanted:
        """The tables that engines want at present; None: every table."""
        with self._lock:
            return self._union

    def step(self) -> None:
        """Announce, and forget engines and pulls that were not heard of lately; called every `announce_period`."""
        self._pulls.expire()
        with self._lock:
            self._demands.expire(self._clock())
            changed = self._reconsider()
            if self._active():
                self._announce()
        if changed:
            self._wanted(self.demand())
        self._compute_digests()

    # -- under the lock

    def _active(self) -> bool:
        return self._epoch is not None and self._holds()

    def _check(self) -> int:
        """The epoch of the stream. Raises NotThePublisher."""
        if self._epoch is None or not self._active():
            raise NotThePublisher(f"node {self._bus.node} is not the active datasource node; ask the one that is")
        with self._starting:
            outdated, self._outdated = self._outdated, set()
        if outdated:
            self._tables = {key: table for key, table in self._tables.items() if key[0] not in outdated}
        return self._epoch

    def _note(self, update: TableUpdate) -> bool:
        """Remember a table's new state; False when the update is of a runner that was replaced."""
        if update.epoch < self._floors.get(update.source, 0):
            return False
        key, content = (update.source, update.table), update.content
        known = self._tables.get(key)
        if update.kind == "snapshot" or known is None:
            self._tables[key] = _Table(update.epoch, update.sequence, update.inserted if content is None else content)
            return True
        if content is None:
            content = (known.content - update.deleted) | update.inserted
        value = None if known.digest is None else digest.changed(known.digest, update.inserted, update.deleted)
        self._tables[key] = _Table(update.epoch, update.sequence, content, value)
        return True

    def _send(self, updates: Iterable[TableUpdate], withheld: Iterable[TableKey] = ()) -> None:
        sent, later = [], {key: self._tables[key].state().version for key in withheld}
        for each in updates:
            if not self._bus.local and len(each.inserted) + len(each.deleted) > self._options.largest:
                later[each.source, each.table] = (each.epoch, each.sequence)
            else:
                sent.append(each)
        if not sent and not later:
            return
        self._number += 1
        publication = Publication(self._epoch or 0, self._number, self._bus.node, tuple(sent), later, time.time())
        self._bus.publish(STREAM, publication.to_message(packed=not self._bus.local))

    def _announce(self) -> None:
        tables = {key: each.state() for key, each in self._tables.items() if demands.includes(self._union, key)}
        announcement = Announcement(self._check(), self._number, self._bus.node, tables)
        self._bus.publish(STREAM, announcement.to_message())

    def _reconsider(self) -> bool:
        """Take up what is wanted now; whether it is something else than before."""
        before, self._union = self._union, self._demands.union()
        if before == self._union:
            return False
        if self._active():
            self._check()
            new = [
                key for key in self._tables if demands.includes(self._union, key) and not demands.includes(before, key)
            ]
            self._send((), new)
        return True

    # -- what engines say and ask

    def _hear(self, message: Message) -> None:
        if message.get("kind") == "demand":
            self._demanded(str(message["node"]), demands.read(message.get("tables")))

    def _demanded(self, node: str, wanted: Wanted) -> None:
        with self._lock:
            first = self._demands.note(node, wanted, self._clock())
            changed = self._reconsider()
            if (first or changed) and self._active():
                self._announce()
        if changed:
            self._wanted(self.demand())

    def _open(self, arguments: Message) -> Any:
        """Begin to hand an engine those of the tables it wants that it does not have in their present state."""
        node, wanted = str(arguments["node"]), demands.read(arguments.get("tables"))
        have = {(source, table): (epoch, sequence) for source, table, epoch, sequence in arguments.get("have", ())}
        if not arguments.get("once"):
            self._demanded(node, wanted)
        with self._lock:
            epoch = self._check()
            present = {key: table for key, table in self._tables.items() if demands.includes(wanted, key)}
            other = {key: table for key, table in present.items() if have.get(key) != (table.epoch, table.sequence)}
            number = self._number
        pull, cuts = self._pulls.open(node, {key: (table.state(), table.content) for key, table in other.items()})
        tables: list[list[Any]] = [
            [*key, *cut.state, cut.content if self._bus.local else cut.chunks]
            for key, cut in zip(other, cuts, strict=True)
        ]
        return {
            "v": VERSION,
            "epoch": epoch,
            "number": number,
            "pull": pull,
            "tables": tables,
            "same": [list(key) for key in present if key not in other],
        }

    def _chunk(self, arguments: Message) -> Any:
        rows = self._pulls.chunk(
            str(arguments["node"]), str(arguments["pull"]), int(arguments["table"]), int(arguments["chunk"])
        )
        return {"v": VERSION, "rows": rows}

    def _close(self, arguments: Message) -> Any:
        self._pulls.close(str(arguments["node"]), str(arguments["pull"]))
        return {"v": VERSION}

    # -- the thread

    def _compute_digests(self) -> None:
        """Compute what is missing without keeping the runners waiting; the next announcement tells it."""
        with self._lock:
            missing = [
                table
                for key, table in self._tables.items()
                if table.digest is None and demands.includes(self._union, key)
            ]
        for table in missing:
            table.digest = digest.digest(table.content)

    def _loop(self) -> None:
        while not self._stopped.wait(self._options.announce_period):
            try:
                self.step()
            except NotThePublisher:
                LOG.info("the lease was lost; nothing is announced")
            except Exception:  # whatever goes wrong once, the next announcement is worth more than the thread
                LOG.exception("the announcement failed")
