"""How many published rows have a cell that is not of the type that its column declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from congress.datalog.values import Row
from congress.datasources.celltypes import checks, fits
from congress.datasources.contract import Column


class Violations:
    """Kept up by the rows that come and go, so that unchanged rows cost nothing."""

    def __init__(self, tables: Mapping[str, tuple[Column, ...]]) -> None:
        self._checks = {table: checks((one.type, one.nullable) for one in columns) for table, columns in tables.items()}
        self._counts = dict.fromkeys(tables, 0)

    def count(self, table: str, came: Iterable[Row], gone: Iterable[Row]) -> None:
        """Rows of a table came and went."""
        wanted = self._checks.get(table)
        if wanted:
            self._counts[table] += sum(not fits(row, wanted) for row in came)
            self._counts[table] -= sum(not fits(row, wanted) for row in gone)

    def of(self, table: str) -> int:
        """The number of such rows in a table."""
        return self._counts.get(table, 0)
