"""How many published rows have a cell that is not of the type that its column declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from congress.datalog.values import Real, Row, Value
from congress.datasources.contract import Column

_IS: Final[Mapping[str, Callable[[Value], bool]]] = {
    "Str": lambda cell: isinstance(cell, str),
    "Int": lambda cell: cell.__class__ is int,
    "Float": lambda cell: cell.__class__ is int or cell.__class__ is Real,
    "Bool": lambda cell: cell in ("True", "False"),
}


class Violations:
    """Kept up by the rows that come and go, so that unchanged rows cost nothing."""

    def __init__(self, tables: Mapping[str, tuple[Column, ...]]) -> None:
        self._checks = {table: _checks(columns) for table, columns in tables.items()}
        self._counts = dict.fromkeys(tables, 0)

    def count(self, table: str, came: Iterable[Row], gone: Iterable[Row]) -> None:
        """Rows of a table came and went."""
        checks = self._checks.get(table)
        if checks:
            change = sum(_violates(row, checks) for row in came) - sum(_violates(row, checks) for row in gone)
            self._counts[table] += change

    def of(self, table: str) -> int:
        """The number of such rows in a table."""
        return self._counts.get(table, 0)


_Checks = list[tuple[int, bool, Callable[[Value], bool]]]


def _checks(columns: Iterable[Column]) -> _Checks:
    return [(place, one.nullable, _IS[one.type]) for place, one in enumerate(columns) if one.type in _IS]


def _violates(row: Row, checks: _Checks) -> bool:
    return any(not (is_it(row[place]) or (nullable and row[place] == "None")) for place, nullable, is_it in checks)
