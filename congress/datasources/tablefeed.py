"""What a datasource has published: turns full rows into numbered snapshots and deltas."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from congress.bus.updates import Publish, TableUpdate
from congress.datalog.values import Row


class TableFeed:
    """The rows of each table as the receivers know them. Safe to call from any thread; updates leave in order."""

    def __init__(self, source: str, epoch: int, publish: Publish) -> None:
        self._source, self._epoch, self._publish = source, epoch, publish
        self._publishing = threading.RLock()
        self._rows: dict[str, frozenset[Row]] = {}
        self._sequences: dict[str, int] = {}
        self._whole: set[str] = set()
        """Tables whose next update must be a snapshot, because a receiver may not have got the last one."""

    def put(self, tables: Mapping[str, Iterable[Row]]) -> None:
        """Make the tables hold these rows; publishes what changed, all tables together. Raises what `publish` raises,
        and then the next `put` sends snapshots."""
        with self._publishing:
            wanted = {table: frozenset(rows) for table, rows in tables.items()}
            self._send({table: rows for table, rows in wanted.items() if self._needs(table, rows)})

    def republish(self, table: str) -> bool:
        """Publish a table again as a snapshot; False when it was never read."""
        with self._publishing:
            rows = self._rows.get(table)
            if rows is None:
                return False
            self._whole.add(table)
            self._send({table: rows})
            return True

    def rows(self, table: str) -> frozenset[Row] | None:
        """The rows last sent to the receivers; None for a table that was not read yet."""
        return self._rows.get(table)

    def _needs(self, table: str, rows: frozenset[Row]) -> bool:
        return table in self._whole or self._rows.get(table) != rows

    def _send(self, tables: Mapping[str, frozenset[Row]]) -> None:
        if not tables:
            return
        updates = tuple(self._update(table, rows) for table, rows in tables.items())
        for update in updates:
            self._sequences[update.table] = update.sequence
        # NOTE: noted before it is published, because a receiver may ask for a snapshot in the middle of it
        self._rows.update(tables)
        self._whole.update(tables)
        self._publish(updates)
        self._whole.difference_update(tables)

    def _update(self, table: str, rows: frozenset[Row]) -> TableUpdate:
        known = self._rows.get(table)
        sequence = self._sequences.get(table, 0) + 1
        if known is None or table in self._whole:
            return TableUpdate(self._source, table, self._epoch, sequence, "snapshot", rows, content=rows)
        return TableUpdate(self._source, table, self._epoch, sequence, "delta", rows - known, known - rows, rows)
