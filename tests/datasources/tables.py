"""What a driver sees, by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver

Tables = dict[str, list[dict[str, Any]]]


def seen(driver: Driver, group: str | None = None) -> Tables:
    """Table -> rows, of one look or of all. Every row has a cell for each column."""
    found: Tables = {}
    for root in driver.groups() if group is None else [group]:
        found |= named(driver.tables(), driver.fetch(root))
    return found


def named(tables: Mapping[str, tuple[Column, ...]], rows: Mapping[str, Iterable[Row]]) -> Tables:
    """The rows with the names of their columns."""
    return {
        table: [dict(zip((column.name for column in tables[table]), row, strict=True)) for row in found]
        for table, found in rows.items()
    }


def by(rows: Iterable[Mapping[str, Any]], *keys: str) -> dict[Any, dict[str, Any]]:
    """The rows by their cells in these columns, which say which one is meant."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        key = tuple(row[each] for each in keys)
        found[key if len(keys) > 1 else key[0]] = dict(row)
    return found
