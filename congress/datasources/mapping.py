"""Tables of JSON documents, described by a datasource's own configuration instead of by code.

    {"servers": {"rows": "$.servers[*]", "columns": {"id": "id", "disk": {"path": "flavor.disk", "type": "Int"}}},
     "tags": {"of": "servers", "rows": "tags[*]", "columns": {"server_id": "../id", "tag": "$"}}}

`rows` says where the elements of a table are in a document, or, for a table `of` another, in each element of that one.
A column is where its cells are in an element: a JSONPath; `../` and a JSONPath begins at the element of the other
table; `@key` is the name, or the place, under which the element was found. No match is None, several are a JSON list.
Source of the paths' language: RFC 9535 as far as jsonpath-ng, whose extensions are available, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Final, Generic, NamedTuple, Protocol, Self, TypeAlias, TypeVar

from jsonpath_ng import JSONPath
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse
from jsonpath_ng.jsonpath import DatumInContext, Fields, Index
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from congress.datalog.values import Row, Value, value
from congress.datasources.contract import Column, Driver, DriverError, Option
from congress.datasources.options import Json, OptionInvalid

KEY: Final = "@key"
PARENT: Final = "../"
_PLAIN = re.compile(r"(?:\$\.)?([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)")
_WORD = re.compile(r"[^\W\d]\w*", re.ASCII)
TYPES = ("Scalar", "Str", "Int", "Float", "Bool")
Find: TypeAlias = Callable[[Any], Value]


class PathInvalid(ValueError):
    """A text is no JSONPath."""


class Declared(BaseModel):
    """What the parts of a configuration have in common: no member that nobody knows, nothing that changes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


def known_type(text: str) -> str:
    """The name of a type of cells. Raises ValueError."""
    if text not in TYPES:
        raise ValueError(f"there is no type {text}; use one of {', '.join(TYPES)}")
    return text


Columns = TypeVar("Columns", bound=Mapping[str, Any])


def named_columns(found: Columns) -> Columns:
    """Columns that rules can name. Raises ValueError."""
    if strange := [name for name in found if not _WORD.fullmatch(name)]:
        raise ValueError(f"'{strange[0]}' is no name that rules can use; take letters, digits and underscores")
    return found


class MappedColumn(Declared):
    """Where the cells of one column are, and what they are: text is read as a number or a truth value if need be."""

    path: str
    type: str = "Scalar"
    description: str = ""

    @field_validator("path")
    @classmethod
    def _is_path(cls, text: str) -> str:
        if text != KEY:
            compiled(text.removeprefix(PARENT))
        return text

    _is_type = field_validator("type")(known_type)


class MappedTable(Declared):
    """Where the rows of a table are in a document; with `of`, in each element of that table."""

    columns: Mapping[str, MappedColumn] = Field(min_length=1)
    rows: str = "$[*]"
    of: str | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _spelled_out(cls, raw: Any) -> Any:
        if isinstance(raw, dict):
            return {name: {"path": one} if isinstance(one, str) else one for name, one in raw.items()}
        return raw

    _are_names = field_validator("columns")(named_columns)

    @field_validator("rows")
    @classmethod
    def _is_path(cls, text: str) -> str:
        compiled(text)
        return text

    @property
    def paths(self) -> Mapping[str, str]:
        """Column -> its path."""
        return {name: one.path for name, one in self.columns.items()}

    def declared(self) -> tuple[Column, ...]:
        """The schema of the table."""
        return tuple(Column(name, one.description, one.type) for name, one in self.columns.items())


class TableDeclared(Protocol):
    """A table as some driver's options describe it; `of` names the table whose parts it lists."""

    @property
    def of(self) -> str | None: ...

    @property
    def paths(self) -> Mapping[str, str]:
        """Column -> its path, where columns have paths."""

    @classmethod
    def model_validate(cls, raw: Any) -> Self: ...

    def declared(self) -> tuple[Column, ...]: ...


Kind = TypeVar("Kind", bound=TableDeclared)


class TablesOption(Generic[Kind]):
    """The option that holds the tables of a datasource, each of them a `kind`."""

    def __init__(self, name: str, kind: type[Kind], description: str, *, required: bool = True) -> None:
        self.option = Option(name, required=required, description=description, type=Json())
        self._kind = kind

    def of(self, config: Mapping[str, str]) -> dict[str, Kind]:
        """Table -> how it is found; none where the configuration does not say. Raises OptionInvalid."""
        text = config.get(self.option.name)
        return _read(self.option, self._kind, text) if text else {}

    def tables(self, config: Mapping[str, str]) -> dict[str, tuple[Column, ...]]:
        """Table -> its columns. Raises OptionInvalid."""
        return {name: table.declared() for name, table in self.of(config).items()}

    def groups(self, config: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Root table -> the tables of its documents. Raises OptionInvalid."""
        return groups_of(self.of(config))


class ConfiguredTables(Driver):
    """A driver all of whose tables are those that the datasource's option names; it has none otherwise."""

    declared: ClassVar[TablesOption[Any]]

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {}

    @classmethod
    def configured_tables(cls, config: Mapping[str, str]) -> Mapping[str, tuple[Column, ...]]:
        return cls.declared.tables(config)

    @classmethod
    def configured_groups(cls, config: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        return cls.declared.groups(config)


@lru_cache(256)
def _read(option: Option, kind: type[Kind], text: str) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for name, raw in option.read(text).items():
        if not all(_WORD.fullmatch(part) for part in name.split(".")):
            raise OptionInvalid(f"config option {option.name}: '{name}' is no name of a table that rules can use")
        try:
            found[name] = kind.model_validate(raw)
        except ValidationError as error:
            raise OptionInvalid(f"config option {option.name}: {name}{_told(error)}") from error
    for name, table in found.items():
        if table.of is not None and (table.of not in found or table.of == name):
            raise OptionInvalid(f"config option {option.name}: {name}.of names {table.of}, which is no other table")
        if table.of is None and (lost := [at for at, path in table.paths.items() if path.startswith(PARENT)]):
            raise OptionInvalid(
                f"config option {option.name}: {name}.columns.{lost[0]} begins with {PARENT}, and the table is not "
                "`of` another one"
            )
    groups_of(found, option.name)
    return found


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    return "".join(f".{part}" for part in first["loc"]) + f": {first['msg'].removeprefix('Value error, ')}"


def groups_of(tables: Mapping[str, TableDeclared], option: str = "tables") -> dict[str, tuple[str, ...]]:
    """Root table -> the tables of its documents, root first. Raises OptionInvalid for tables of one another."""
    found: dict[str, list[str]] = {name: [name] for name, table in tables.items() if table.of is None}
    for name, table in tables.items():
        seen, root = {name}, table.of
        while root is not None and (above := tables[root].of) is not None:
            if root in seen:
                raise OptionInvalid(f"config option {option}: {name} is a table of itself")
            seen.add(root)
            root = above
        if root is not None:
            found[root].append(name)
    return {name: tuple(members) for name, members in found.items()}


# ------------------------------------------------------------------------------------------------------------- the rows


class Element(NamedTuple):
    """A part of a document that becomes a row: its value, its name or place, and the element that it is a part of."""

    value: Any
    key: Any
    above: Any = None


def rows_by_table(tables: Mapping[str, MappedTable], root: str, document: Any) -> dict[str, frozenset[Row]]:
    """Table -> the rows of a document, for the root and all tables below it."""
    members = groups_of(tables)[root]
    elements: dict[str, list[Element]] = {}
    waiting = list(members)
    while waiting:
        name = next(each for each in waiting if tables[each].of is None or tables[each].of in elements)
        waiting.remove(name)
        of, path = tables[name].of, tables[name].rows
        parents = [Element(document, None)] if of is None else elements[of]
        elements[name] = [found for parent in parents for found in _elements(path, parent.value)]
    return {name: frozenset(rows_of(tables[name], elements[name])) for name in members}


def rows_of(table: MappedTable, elements: Iterable[Element]) -> Iterator[Row]:
    """The row of each element."""
    finds = [_find(column) for column in table.columns.values()]
    for element in elements:
        yield tuple([find(element) for find in finds])


def matches(path: str, document: Any) -> list[Any]:
    """The values at a path."""
    return [found.value for found in _found(path, document)]


def _found(path: str, document: Any) -> list[DatumInContext]:
    try:
        return [found for found in compiled(path).find(document) if not _imagined(found, document)]
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
        # Filters and arithmetic compare what may not be compared, such as a text with a number.
        raise DriverError(
            f"the path '{path}' does not fit the document: {' '.join(str(error).split())[:200]}"
        ) from error


def _imagined(found: DatumInContext, document: Any) -> bool:
    """Whether the library took what is no list for a list of one."""
    around = found.context
    if not isinstance(found.path, Index) or around is None:
        return False
    if around.context is None:
        return around.value is not document
    step, above = around.path, around.context.value
    if isinstance(step, Fields) and isinstance(above, dict):
        return above.get(step.fields[0]) is not around.value
    return False


def _elements(path: str, above: Any) -> Iterator[Element]:
    for found in _found(path, above):
        yield Element(found.value, _key(found), above)


def _key(found: DatumInContext) -> Any:
    step = found.path
    if isinstance(step, Index):
        return step.indices[0]
    return step.fields[0] if isinstance(step, Fields) else None


@lru_cache(1024)
def compiled(path: str) -> JSONPath:
    """A path that was read. Raises PathInvalid."""
    try:
        return parse(path)
    except (JSONPathError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError) as error:
        raise PathInvalid(f"'{path}' is no JSONPath: {' '.join(str(error).split())[:120]}") from error


@lru_cache(1024)
def _find(column: MappedColumn) -> Find:
    if column.path == KEY:
        return lambda element: cell(element.key, column.type)
    begin: Callable[[Any], Any] = (
        (lambda element: element.above) if column.path.startswith(PARENT) else (lambda element: element.value)
    )
    path = column.path.removeprefix(PARENT)
    plain = _PLAIN.fullmatch(path)
    if plain:
        # Most columns are plain members, which are ten times faster to find without the library.
        names = plain[1].split(".")
        return lambda element: cell(_member(begin(element), names), column.type)
    return lambda element: cell(_several(matches(path, begin(element))), column.type)


def _member(place: Any, names: list[str]) -> Any:
    for name in names:
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _several(found: list[Any]) -> Any:
    return None if not found else found[0] if len(found) == 1 else found


_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_NUMBERS: Mapping[str, Callable[[str], Any]] = {"Int": int, "Float": float}


def cell(raw: Any, kind: str) -> Value:
    """What a part of a document is in a row; what is no number stays a text, also in a column of numbers."""
    if isinstance(raw, dict | list):
        return json.dumps(raw, sort_keys=True)
    if kind == "Bool" and isinstance(raw, str):
        return value(_TRUTHS.get(raw.lower(), raw))
    if kind == "Str" and raw is not None and not isinstance(raw, bool):
        return str(raw)
    if kind in _NUMBERS and isinstance(raw, str) and len(raw) < 40:
        try:
            return value(_NUMBERS[kind](raw))
        except ValueError:
            return raw
    if kind == "Float" and isinstance(raw, int) and not isinstance(raw, bool):
        return value(float(raw)) if abs(raw) < 2**53 else raw
    return value(raw)
