"""Rows that authors give: by column name or by position, for tables of datasources and facts of policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from congress.authoring.errors import InputUnusable
from congress.authoring.schemas import ColumnInfo, Schemas
from congress.datalog.values import Row, row

Given: TypeAlias = Mapping[str, Sequence[Any]]
"""`source:table` -> rows, each a list of cells or an object with columns as keys."""
Rows: TypeAlias = Mapping[str, Mapping[str, Sequence[Row]]]
"""Source -> table -> rows in the order of the table's columns."""


def flattened(data: Any, origin: str) -> dict[str, list[Any]]:
    """`{"nova:servers": [...]}` or `{"nova": {"servers": [...]}}` as the former. Raises InputUnusable."""
    if not isinstance(data, Mapping):
        raise InputUnusable(f'{origin}: rows are an object such as {{"nova:servers": [{{"id": "s1"}}]}}')
    found: dict[str, list[Any]] = {}
    for name, value in data.items():
        tables = (
            {f"{name}:{table}": rows for table, rows in value.items()} if isinstance(value, Mapping) else {name: value}
        )
        for table, rows in tables.items():
            source, colon, _rest = str(table).partition(":")
            if not (source and colon):
                raise InputUnusable(f"{origin}: {table} is no table; give datasource:table")
            if not isinstance(rows, list) or not all(isinstance(each, list | Mapping) for each in rows):
                raise InputUnusable(f"{origin}: the rows of {table} are no list of lists or objects")
            found.setdefault(str(table), []).extend(rows)
    return found


def with_inferred(schemas: Schemas, given: Given, policies: Iterable[str]) -> Schemas:
    """The schemas, and those of datasources that only the rows tell of: columns in the order of their appearance."""
    known = {*schemas, *policies}
    found: dict[str, dict[str, tuple[ColumnInfo, ...]]] = {}
    for name, rows in given.items():
        source, _, table = name.partition(":")
        if source not in known:
            found.setdefault(source, {})[table] = tuple([ColumnInfo(column) for column in _columns(rows)])
    return {**schemas, **found}


def _columns(rows: Sequence[Any]) -> Iterable[str]:
    if any(isinstance(each, Mapping) for each in rows):
        return dict.fromkeys(str(column) for each in rows if isinstance(each, Mapping) for column in each)
    return [f"column{number}" for number in range(max(map(len, rows), default=0))]


def arranged(given: Given, schemas: Schemas, policies: Iterable[str], origin: str) -> Rows:
    """The rows in the order of their tables' columns; a column that an object leaves out holds None, as an absent value
    does. Raises InputUnusable."""
    names = set(policies)
    found: dict[str, dict[str, list[Row]]] = {}
    for name, rows in given.items():
        source, _, table = name.partition(":")
        if source in names:
            columns = None
        elif table in schemas.get(source, {}):
            columns = schemas[source][table]
        else:
            raise InputUnusable(f"{origin}: there is no table {name}; {_known(source, schemas, names)}")
        arranged = [_row(each, columns, name, origin) for each in rows]
        found.setdefault(source, {}).setdefault(table, []).extend(arranged)
    return found


def _known(source: str, schemas: Schemas, policies: Iterable[str]) -> str:
    if source in schemas:
        return f"{source} has {', '.join(sorted(schemas[source]))}"
    return f"there are {', '.join(sorted([*schemas, *policies])) or 'no datasources'}"


def _row(given: Any, columns: tuple[ColumnInfo, ...] | None, table: str, origin: str) -> Row:
    if not isinstance(given, Mapping):
        cells = row(given)
        if columns is not None and len(cells) != len(columns):
            raise InputUnusable(
                f"{origin}: a row of {table} has {len(cells)} cells; the table has {len(columns)} columns"
            )
        return cells
    if columns is None:
        raise InputUnusable(f"{origin}: {table} is a table of a policy; its rows are lists of cells")
    positions = {column.name for column in columns}
    unknown = sorted(set(given) - positions)
    if unknown:
        raise InputUnusable(
            f"{origin}: {table} has no column {unknown[0]}; it has {', '.join(column.name for column in columns)}"
        )
    return row(given.get(column.name) for column in columns)
