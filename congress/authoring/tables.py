"""Rows in files: JSON, YAML, CSV, SQLite. A file is named as `FILE` or `NAME=FILE`.

JSON and YAML hold `{"nova:servers": [...]}`; with a table as NAME, the list alone. CSV holds one table, NAME or what
the file is called before its suffix (`nova.servers.csv`); its first line names the columns. Of SQLite, NAME is the
datasource whose tables the file's tables are; without it they are called `datasource:table` or `datasource.table`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from congress.authoring.errors import InputUnusable
from congress.authoring.files import parse_yaml, read_text
from congress.authoring.rows import flattened
from congress.authoring.schemas import Schemas

SQLITE = (".sqlite", ".sqlite3", ".db")
_NUMBER = re.compile(r"[+-]?\d+")
_TYPES = {"Int": "number", "Float": "number"}


class Spec(NamedTuple):
    """A file, and the table or datasource that it is said to hold."""

    path: Path
    name: str | None = None


def spec(text: str) -> Spec:
    """What `FILE` or `NAME=FILE` says."""
    name, equals, path = text.partition("=")
    return Spec(Path(path), name) if equals else Spec(Path(text))


def read(wanted: Spec, schemas: Schemas) -> dict[str, list[Any]]:
    """The rows in a file, by `source:table`. Raises InputUnusable."""
    suffix = wanted.path.suffix.lower()
    if suffix in SQLITE:
        return _sqlite(wanted)
    if suffix == ".csv":
        return _csv(wanted, schemas)
    if suffix not in (".json", ".yaml", ".yml"):
        raise InputUnusable(
            f"{wanted.path} is of no known sort; rows come from .json, .yaml, .csv, {', '.join(SQLITE)}, "
            "a recorded cloud (--cloud) or a server (--server)"
        )
    text = read_text(wanted.path)
    data = _json(text, wanted.path) if suffix == ".json" else parse_yaml(text, str(wanted.path))
    if wanted.name is not None:
        data = {wanted.name: data}
    return flattened(data, str(wanted.path))


def _json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputUnusable(f"{path} is not JSON: {error}") from error
    except RecursionError as error:
        raise InputUnusable(f"{path} is nested too deeply") from error


def _csv(wanted: Spec, schemas: Schemas) -> dict[str, list[Any]]:
    table = wanted.name or _table_of(wanted.path.stem)
    if ":" not in table:
        raise InputUnusable(f"{wanted.path}: say whose rows these are: --rows datasource:table={wanted.path}")
    source, _, name = table.partition(":")
    types = {column.name: _TYPES.get(column.type, "") for column in schemas.get(source, {}).get(name, ())}
    reader = csv.reader(io.StringIO(read_text(wanted.path), newline=""))
    try:
        head = next(reader, [])
        columns = [column.partition(":")[0].strip() for column in head]
        kinds = [column.partition(":")[2].strip() or types.get(columns[i], "") for i, column in enumerate(head)]
        rows = [_cells(columns, kinds, line, f"{wanted.path}:{reader.line_num}") for line in reader if line]
    except csv.Error as error:
        raise InputUnusable(f"{wanted.path}:{reader.line_num}: {error}") from error
    return {table: rows}


def _table_of(stem: str) -> str:
    return stem.replace(".", ":", 1)


def _cells(columns: list[str], kinds: list[str], line: list[str], place: str) -> dict[str, Any]:
    if len(line) != len(columns):
        raise InputUnusable(f"{place}: {len(line)} cells where the first line names {len(columns)} columns")
    return {
        column: _number(cell, column, place) if kind == "number" else cell
        for column, kind, cell in zip(columns, kinds, line, strict=True)
    }


def _number(cell: str, column: str, place: str) -> Any:
    """A cell of a column of numbers; the word None, for an absent value, fits every column."""
    if cell == "None":
        return cell
    try:
        return int(cell) if _NUMBER.fullmatch(cell.strip()) else float(cell)
    except ValueError as error:
        raise InputUnusable(f"{place}: {cell[:40]!r} in column {column} is no number") from error


def _sqlite(wanted: Spec) -> dict[str, list[Any]]:
    if not wanted.path.is_file():
        raise InputUnusable(f"{wanted.path} cannot be read: no such file")
    try:
        with closing(sqlite3.connect(f"{wanted.path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return dict(_tables(database, wanted))
    except sqlite3.Error as error:
        raise InputUnusable(f"{wanted.path} cannot be read as SQLite: {error}") from error


def _tables(database: sqlite3.Connection, wanted: Spec) -> Iterator[tuple[str, list[Any]]]:
    listed = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    for (name,) in listed.fetchall():
        if name.startswith("sqlite_"):
            continue
        table = f"{wanted.name}:{name}" if wanted.name else name if ":" in name else _table_of(name)
        if ":" not in table:
            raise InputUnusable(f"{wanted.path}: say whose tables these are: --rows datasource={wanted.path}")
        quoted = '"' + name.replace('"', '""') + '"'
        rows = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - a quoted name of the file's own
        yield table, [_plain(found, f"{wanted.path}: {name}") for found in rows]


def _plain(found: sqlite3.Row, place: str) -> Mapping[str, Any]:
    cells = dict(zip(found.keys(), tuple(found), strict=True))
    binary = next((column for column, cell in cells.items() if isinstance(cell, bytes)), None)
    if binary is not None:
        raise InputUnusable(f"{place}: column {binary} holds binary data, which no table can hold")
    return cells
