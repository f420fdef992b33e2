"""Takes table updates into the workspace: those of one publication in one transaction."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from itertools import islice

from congress.bus.publications import Position, TableKey
from congress.bus.subscriber import ShownPosition
from congress.bus.updates import TableUpdate
from congress.engine.workspace import Transaction, UnknownPolicy, UnknownTable
from congress.policies.live import Live
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)
_SAMPLED = 20

_APPLIED = metrics.counter(
    "congress_updates_applied_total", "Table updates that were taken into the policy engine.", "source", "kind"
)
_ROWS = metrics.counter(
    "congress_update_rows_total", "Rows that came and went with these updates; whole tables count whole.", "source"
)
_TABLE_ROWS = metrics.observed("congress_table_rows", "Rows of a table of a datasource in the policy engine.", "table")
_TABLE_BYTES = metrics.observed(
    "congress_table_bytes", "Memory of these rows, estimated from a few of them; texts count at each place.", "table"
)


class Feed:
    """Where a `Subscriber` puts rows; what is missing or old was judged by it."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._row_bytes: dict[TableKey, float] = {}
        """Bytes of a row of each table, as its last whole state had them."""
        self.position: Position | None = None
        """The publication whose rows the workspace shows, None while that is not certain. It belongs to the rows for
        whoever reads both inside `Live.still` or in a listener."""

    def apply(self, updates: tuple[TableUpdate, ...], position: ShownPosition) -> frozenset[TableKey]:
        """Apply all updates in one transaction; answers the tables that are not declared here."""
        unplaced: set[TableKey] = set()
        with self._live.still():
            before = self.position
            try:
                with self._live.transaction() as change:
                    for update in updates:
                        if not _apply(change, update):
                            unplaced.add((update.source, update.table))
                    self.position = position()
            except BaseException:
                self.position = before
                raise
        for update in updates:
            if (update.source, update.table) not in unplaced:
                _APPLIED.labels(update.source, update.kind).inc()
                _ROWS.labels(update.source).inc(len(update.inserted) + len(update.deleted))
                self._weigh(update)
        return frozenset(unplaced)

    def measure(self, rows: Callable[[], Mapping[TableKey, int]]) -> None:
        """Tell of the tables' sizes from now on; `rows`: how many each has."""
        _TABLE_ROWS.follow(lambda: {(":".join(key),): float(count) for key, count in rows().items()})
        _TABLE_BYTES.follow(
            lambda: {(":".join(key),): count * self._row_bytes.get(key, 0.0) for key, count in rows().items()}
        )

    def _weigh(self, update: TableUpdate) -> None:
        key = (update.source, update.table)
        if update.inserted and (update.kind == "snapshot" or key not in self._row_bytes):
            sizes = [sys.getsizeof(row) + sum(map(sys.getsizeof, row)) for row in islice(update.inserted, _SAMPLED)]
            self._row_bytes[key] = sum(sizes) / len(sizes)

    def show(self, position: ShownPosition) -> None:
        """Note the position of the rows as they are."""
        with self._live.still():
            self.position = position()
            self._live.moved()

    def count(self, source: str, table: str) -> int | None:
        """How many rows a table has, None when it is not declared here."""
        try:
            return self._live.workspace.count(source, table)
        except (UnknownPolicy, UnknownTable):
            return None


def _apply(change: Transaction, update: TableUpdate) -> bool:
    try:
        if update.kind == "snapshot":
            change.replace_rows(update.source, update.table, update.inserted)
        else:
            change.delete_rows(update.source, update.table, update.deleted)
            change.insert_rows(update.source, update.table, update.inserted)
    except (UnknownPolicy, UnknownTable):
        LOG.info("an update of %s:%s is dropped: no such datasource or table is declared", update.source, update.table)
        return False
    return True
