"""Tables of files on the node that runs the datasource: JSON, YAML or CSV, read again when they change."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml
from oslo_config import types
from pydantic import field_validator

from congress.datalog.values import Row
from congress.datasources.contract import DriverError, Option, Unchanged, UnknownTableGroup
from congress.datasources.documents import read_file
from congress.datasources.mapping import ConfiguredTables, MappedTable, TablesOption, rows_by_table
from congress.datasources.options import LAZY_TABLES, POLL_TIME, Seconds
from congress.datasources.structured import read_yaml

Format: TypeAlias = Literal["json", "yaml", "csv"]
Seen: TypeAlias = tuple[int, int, int]
SUFFIXES: Mapping[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".csv": "csv"}


class FileTable(MappedTable):
    """A table and the file it is in. A line of a CSV file is an object; the first line has the names of its members."""

    path: str | None = None
    format: Format | None = None
    delimiter: str = ","

    @field_validator("path")
    @classmethod
    def _is_absolute(cls, text: str | None) -> str | None:
        if text is not None and not text.startswith("/"):
            raise ValueError(f"{text} must begin with /")
        return text

    @field_validator("delimiter")
    @classmethod
    def _is_letter(cls, text: str) -> str:
        if len(text) != 1 or text in '"\r\n':
            raise ValueError("give one character")
        return text

    @property
    def kind(self) -> Format | None:
        """How the file is written, as its name tells unless it is said."""
        return self.format or SUFFIXES.get(Path(self.path or "").suffix.lower())


TABLES = TablesOption(
    "tables",
    FileTable,
    "JSON object: table -> `path` of the file, `format` (json, yaml or csv) unless its name says it, `delimiter` of "
    "CSV, `rows` and `columns` by JSONPath; `of` another table for a part of that one's elements",
)


class FileDriver(ConfiguredTables):
    """A poll looks at the times of the files, which costs nothing, and reads those that changed."""

    id = "file"
    description = "Tables of JSON, YAML and CSV files, read when they change"
    declared = TABLES
    options = (
        TABLES.option,
        Option(
            "max_age",
            description="Seconds since the last change after which a file is an error, because nobody writes it any "
            "longer; 0 is never",
            type=Seconds(),
            default="0",
        ),
        Option(
            "encoding",
            description="How text is written in the files",
            type=types.String(choices=["utf-8", "utf-16", "latin-1"]),
            default="utf-8",
        ),
        POLL_TIME._replace(description="Seconds between two looks at the times of the files", default="1"),
        LAZY_TABLES,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._tables = TABLES.of(config)
        for table, how in self._tables.items():
            if how.of is None and (how.path is None or how.kind is None):
                missing = "path" if how.path is None else "format"
                raise DriverError(f"config option tables: {table}.{missing} is missing")
        self._seen: dict[str, Seen] = {}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        table = self._tables.get(group)
        if table is None or table.path is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        path = Path(table.path)
        limit: float | None = self.settings["max_age"] or None
        try:
            now = _state(path)
            if limit is None and self._seen.get(group) == now:
                raise Unchanged
            # A change while it is read has another state than the one noted, and is read the next time.
            rows = rows_by_table(self._tables, group, self._document(table, read_file(path, limit)))
        except Unchanged:
            raise
        except DriverError as error:
            self._seen.pop(group, None)
            raise DriverError(f"datasource '{self.name}', table {group}: {error}") from error
        self._seen[group] = now
        return rows

    def _document(self, table: FileTable, content: bytes) -> Any:
        assert table.kind is not None
        try:
            text = content.decode(self.settings["encoding"]).removeprefix("\ufeff")
            return _READERS[table.kind](text, table)
        except (ValueError, yaml.YAMLError, csv.Error, RecursionError) as error:
            reason = " ".join(str(error).split())[:300]
            raise DriverError(f"{table.path} is not {table.kind.upper()}: {reason}") from error


def _state(path: Path) -> Seen:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise DriverError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _csv(text: str, table: FileTable) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=table.delimiter, strict=True)
    lines: list[dict[str, Any]] = []
    for line in reader:
        if None in line:
            raise ValueError(f"line {reader.line_num} has more cells than the first")
        lines.append(line)
    return lines


_READERS: Mapping[Format, Callable[[str, FileTable], Any]] = {
    "json": lambda text, _table: json.loads(text),
    "yaml": lambda text, _table: read_yaml(text),
    "csv": _csv,
}
