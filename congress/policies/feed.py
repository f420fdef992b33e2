"""Takes table updates from the bus into the workspace: in order, complete, each publication in one transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from congress.bus.updates import TableUpdate
from congress.engine.workspace import Transaction, UnknownPolicy, UnknownTable
from congress.policies.live import Live

LOG = logging.getLogger(__name__)


class Feed:
    """Applies updates and notices what is missing.

    `ask_snapshot(source, table)` is called when a delta does not continue what is known: applying it would leave rows
    nobody would ever correct. Updates of a lower epoch come from a publisher that was replaced, and are dropped.
    """

    def __init__(self, live: Live, ask_snapshot: Callable[[str, str], None]) -> None:
        self._live = live
        self._ask_snapshot = ask_snapshot
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[int, int]] = {}
        self._floor: dict[str, int] = {}

    def receive(self, updates: tuple[TableUpdate, ...]) -> None:
        """Apply one publication."""
        missing: list[TableUpdate] = []
        with self._lock:
            applied: list[TableUpdate] = []
            with self._live.transaction() as change:
                for update in updates:
                    verdict = self._judge(update)
                    if verdict == "gap":
                        missing.append(update)
                    elif verdict == "apply" and self._apply(change, update):
                        applied.append(update)
            for update in applied:
                self._known[update.source, update.table] = (update.epoch, update.sequence)
        for update in missing:
            LOG.warning("table %s:%s: an update is missing, a snapshot is asked for", update.source, update.table)
            self._ask_snapshot(update.source, update.table)

    def expect(self, source: str, epoch: int) -> None:
        """From now on take nothing from the datasource that is older than this epoch, and forget what was received."""
        with self._lock:
            self._floor[source] = epoch
            for key in [key for key in self._known if key[0] == source]:
                del self._known[key]

    def received(self, source: str) -> set[str]:
        """The tables of a datasource of which a snapshot has arrived."""
        with self._lock:
            return {table for known, table in self._known if known == source}

    def _judge(self, update: TableUpdate) -> str:
        epoch, sequence = self._known.get((update.source, update.table), (0, 0))
        if update.epoch < self._floor.get(update.source, 0) or (update.epoch, update.sequence) <= (epoch, sequence):
            return "old"
        if update.kind == "snapshot":
            return "apply"
        return "apply" if (update.epoch, update.sequence) == (epoch, sequence + 1) else "gap"

    @staticmethod
    def _apply(change: Transaction, update: TableUpdate) -> bool:
        try:
            if update.kind == "snapshot":
                change.replace_rows(update.source, update.table, update.inserted)
            else:
                change.delete_rows(update.source, update.table, update.deleted)
                change.insert_rows(update.source, update.table, update.inserted)
        except (UnknownPolicy, UnknownTable):
            LOG.info("an update of %s:%s is dropped: the datasource is gone", update.source, update.table)
            return False
        return True
