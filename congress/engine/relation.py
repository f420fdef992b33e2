"""A stored table: its rows, their support, hash indexes, and the changes of the phase under way.

`rows` maps each row to its support: 1 for a base row, the number of derivations in a counted table, the stage (see
`recursion`) in a recursive one. While a phase is under way rows that it deletes stay physically present, and `ins` and
`dele` tell the two views apart: the old view is `rows - ins`, the new view `rows - dele`.

Generated functions hold references to `rows`, `ins`, `dele` and to the index dictionaries, so these objects are
changed in place and never replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import count, islice
from typing import Any, TypeAlias

from congress.datalog.core import TableId
from congress.datalog.values import Row, Value

Bucket: TypeAlias = Any  # a lone row, or a set of rows: most keys of a cloud's tables have one row
Columns: TypeAlias = tuple[int, ...]

SAMPLE = 1000
_VERSIONS = count()


class Relation:
    """Rows with indexes. Not thread-safe: the engine's lock guards it."""

    __slots__ = (
        "_distinct",
        "_links",
        "bulk",
        "dele",
        "indexes",
        "ins",
        "label",
        "lost",
        "planned",
        "readers",
        "reports",
        "rows",
        "touched",
        "users",
        "version",
    )

    def __init__(self, label: Any) -> None:
        self.label = label
        self.version = next(_VERSIONS)
        """Names the rows that are there when no phase is under way; no two relations ever have the same."""
        self.rows: dict[Row, int] = {}
        self.indexes: dict[Columns, dict[Any, Bucket]] = {}
        self.users: dict[Columns, int] = {}
        self._links: list[tuple[int | None, Columns, dict[Any, Bucket]]] = []
        self.ins: set[Row] = set()
        self.dele: set[Row] = set()
        self.touched: dict[Row, int] = {}
        self.lost: dict[Row, int] = {}
        """Deleted rows that are not kept present, with their support; only where nobody looks at the old view."""
        self.bulk = False
        """The relation was empty before this phase, and `ins` is left empty although all rows are new."""
        self.readers: tuple[Any, ...] = ()
        """Who is told of changes, see `executors.state.Reader`."""
        self.reports: TableId | None = None
        """The watched table whose rows these are, if they are."""
        self.planned = 0
        """The number of rows when plans over this relation were last made."""
        self._distinct: tuple[int, tuple[float, ...]] | None = None

    # -- indexes

    def acquire(self, columns: Columns) -> dict[Any, Bucket]:
        """The index on these columns, built if need be; keys are a cell for one column, else a tuple of cells."""
        index = self.indexes.get(columns)
        if index is None:
            index = self.indexes[columns] = {}
            self._links.append((columns[0] if len(columns) == 1 else None, columns, index))
            self._fill(columns, index, self.rows)
        self.users[columns] = self.users.get(columns, 0) + 1
        return index

    def release(self, columns: Columns) -> None:
        """Give an index back; the last user's release drops it."""
        self.users[columns] -= 1
        if not self.users[columns]:
            del self.users[columns]
            index = self.indexes.pop(columns)
            self._links = [link for link in self._links if link[2] is not index]

    @staticmethod
    def _fill(columns: Columns, index: dict[Any, Bucket], rows: Iterable[Row]) -> None:
        setdefault = index.setdefault
        if len(columns) == 1:
            (column,) = columns
            for row in rows:
                bucket = setdefault(row[column], row)
                if bucket is not row:
                    if bucket.__class__ is set:
                        bucket.add(row)
                    else:
                        index[row[column]] = {bucket, row}
            return
        for row in rows:
            key = tuple([row[column] for column in columns])
            bucket = setdefault(key, row)
            if bucket is not row:
                if bucket.__class__ is set:
                    bucket.add(row)
                else:
                    index[key] = {bucket, row}

    def crowd(self, cells: Mapping[int, Value]) -> int:
        """How many rows have these cells, by place, if there is an index on those columns; else 0."""
        columns = tuple(sorted(cells))
        index = self.indexes.get(columns)
        if index is None:
            return 0
        key = cells[columns[0]] if len(columns) == 1 else tuple([cells[place] for place in columns])
        bucket = index.get(key, set())
        return len(bucket) if bucket.__class__ is set else 1

    def link(self, row: Row) -> None:
        """Enter a row into every index."""
        for column, columns, index in self._links:
            key = row[column] if column is not None else tuple([row[c] for c in columns])
            bucket = index.setdefault(key, row)
            if bucket is not row:
                if bucket.__class__ is set:
                    bucket.add(row)
                else:
                    index[key] = {bucket, row}

    def unlink(self, row: Row) -> None:
        """Take a row out of every index."""
        for column, columns, index in self._links:
            key = row[column] if column is not None else tuple([row[c] for c in columns])
            bucket = index[key]
            if bucket.__class__ is set:
                bucket.discard(row)
                if len(bucket) == 1:
                    (index[key],) = bucket
            else:
                del index[key]

    def load(self, rows: dict[Row, int]) -> None:
        """Add rows with their support, none of them present before, outside any phase's bookkeeping."""
        self.version = next(_VERSIONS)
        self.rows.update(rows)
        for _, columns, index in self._links:
            self._fill(columns, index, rows)

    def clear(self) -> None:
        """Forget all rows and the phase's changes."""
        self.version = next(_VERSIONS)
        self.rows.clear()
        for _, _, index in self._links:
            index.clear()
        self.ins.clear()
        self.dele.clear()
        self.touched.clear()
        self.lost.clear()
        self.bulk = False

    # -- the phase under way

    @property
    def changed(self) -> bool:
        return bool(self.ins or self.dele or self.lost or self.bulk)

    def insert(self, row: Row, support: int = 1) -> None:
        """Mark a base row as present in the new view."""
        if row in self.dele:
            self.dele.discard(row)
        elif row not in self.rows:
            self.rows[row] = support
            self.ins.add(row)
            self.link(row)

    def delete(self, row: Row) -> None:
        """Mark a base row as absent in the new view."""
        if row in self.ins:
            self.ins.discard(row)
            del self.rows[row]
            self.unlink(row)
        elif row in self.rows:
            self.dele.add(row)

    def commit(self) -> None:
        """Make the new view the only one."""
        self.version = next(_VERSIONS)
        rows = self.rows
        for row in self.dele:
            del rows[row]
            self.unlink(row)
        self._forget_phase()

    def rollback(self) -> None:
        """Make the old view, with its supports, the only one."""
        if self.bulk:
            self.clear()
            return
        rows = self.rows
        if self.touched:
            rows.update(self.touched)
        for row in self.ins:
            del rows[row]
            self.unlink(row)
        self.load(self.lost)
        self._forget_phase()

    def _forget_phase(self) -> None:
        if self.ins:
            self.ins.clear()
        if self.dele:
            self.dele.clear()
        if self.touched:
            self.touched.clear()
        if self.lost:
            self.lost.clear()
        self.bulk = False

    # -- statistics for the join order

    def distinct(self) -> tuple[float, ...]:
        """Estimated number of distinct values of each column, from a sample; empty for an empty relation."""
        size = len(self.rows)
        if self._distinct and self._distinct[0] <= 2 * size + 100 and size <= 2 * self._distinct[0] + 100:
            return self._distinct[1]
        sample = list(islice(self.rows, 0, None, max(1, size // SAMPLE)))
        counts = [_estimate(Counter(column), size, len(sample)) for column in zip(*sample, strict=True)]
        self._distinct = (size, tuple(counts))
        return self._distinct[1]


def _estimate(seen: Counter[Any], size: int, sampled: int) -> float:
    """Distinct values of a column of `size` rows, from the values seen in a sample of it.

    Many that were seen once mean that many were not seen at all (Chao, "Nonparametric estimation of the number of
    classes in a population", 1984).
    """
    if sampled == size:
        return len(seen)
    once = sum(1 for times in seen.values() if times == 1)
    twice = sum(1 for times in seen.values() if times == 2)
    if not twice:
        return size if once > sampled // 2 else len(seen)
    return min(size, len(seen) + once * once / (2 * twice))
