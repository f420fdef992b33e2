"""Declarative translation of API objects into rows.

A `Table` says where its elements are inside an object (`walk`) and from where each cell of a row comes (`Field`). One
listing of a cloud fills a root table and any number of tables nested in the same objects:

    SERVERS = Table("servers", (Field("id"), Field("image_id", ("image", "id"))))
    TAGS = Table("tags", (Field("server_id", Root("id")), Field("tag", SELF)), walk=("tags", ITEMS))
    rows_by_table((SERVERS, TAGS), [{"id": "1", "image": {"id": "i"}, "tags": ["a", "b"]}])

Tables may also stand in each other: `children` begin their walks at each element of their parent and may take cells of
its row (`Parent`); a `Child` in a field is the same, where the parent's cell is the id that the child's rows share
(`Hash.ROWS`). A field that an object does not have becomes None, hence the text "None" in the row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from congress.datalog.values import Row, row_sort_key, value
from congress.datasources.contract import BadPushedData, Column
from congress.datasources.walking import (
    ENTRIES,
    ITEMS,
    KEY,
    SELF,
    Read,
    Root,
    Source,
    Walk,
    converted,
    elements,
    reaches,
    reader,
)
from congress.errors import CongressError

__all__ = [
    "ENTRIES", "ITEMS", "KEY", "SELF", "Child", "Field", "Hash", "Parent", "Root", "Table", "TableInvalid", "family",
    "pushed_rows", "rows_by_table",
]  # fmt: skip


class TableInvalid(CongressError):
    """The declaration of a table contradicts itself; a mistake in a driver."""


class Hash(Enum):
    """An id made of a row's other cells: the MD5, in hexadecimal digits, of their JSON.

    The cells of one row are a list in the order of the columns. Of several rows it is the sorted list of theirs, a row
    of one cell being that cell.
    """

    ROW = "of the row"
    ROWS = "of all rows that the table has in the same element of its parent, which share it"


class Parent(NamedTuple):
    """The cell of a column of the parent's row."""

    column: str


@dataclass(frozen=True, slots=True)
class Child:
    """The id that the rows of a table in this element share; None when the part that would hold them is missing."""

    table: Table


class Field(NamedTuple):
    """One column: its name, where its cells come from (a member of the same name by default), and its documentation.

    A string names a member of the element, a tuple of strings a member of a member. `convert` is applied to what was
    found there, unless that is None.
    """

    column: str
    source: Source | Parent | Child | Hash | None = None
    type: str = "Scalar"
    description: str = ""
    convert: Callable[[Any], Any] | None = None
    nullable: bool = True


_Cells: TypeAlias = list[Any]
_Rows: TypeAlias = dict[str, set[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table and how its rows are found in a listed object, or in an element of the table it is a child of.

    Raises TableInvalid.
    """

    name: str
    fields: tuple[Field, ...]
    walk: Walk = ()
    children: tuple[Table, ...] = ()
    _readers: tuple[Read, ...] = field(init=False, repr=False, compare=False)
    _members: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """For each cell the member of the element that it is, an empty text where it is not one, and comes of a reader."""
    _others: tuple[tuple[int, Read], ...] = field(init=False, repr=False, compare=False)
    """Positions and readers of these."""
    _later: tuple[tuple[int, Parent | Child | Hash], ...] = field(init=False, repr=False, compare=False)
    """The cells that are not in the element: their positions and sources."""

    def __post_init__(self) -> None:
        names = [one.column for one in self.fields]
        if len(set(names)) < len(names):
            raise TableInvalid(f"table {self.name} has two columns of the same name among {', '.join(names)}")
        for child in self.children:
            missing = {one.source.column for one in child.fields if isinstance(one.source, Parent)} - set(names)
            if missing:
                raise TableInvalid(f"table {child.name} takes {', '.join(missing)} of {self.name}, which has no such")
        if sum(isinstance(one.source, Hash) for one in self.fields) > 1:
            raise TableInvalid(f"table {self.name} has two ids made of its cells; one is enough")
        for one in self.fields:
            if isinstance(one.source, Child) and not _shares_id(one.source.table):
                raise TableInvalid(
                    f"column {one.column} of {self.name} is the id of rows of {one.source.table.name}: "
                    "that needs a field whose source is Hash.ROWS, and none whose source is Parent"
                )
        readers = tuple(_read(one) for one in self.fields)
        members = tuple(_member(one) for one in self.fields)
        object.__setattr__(self, "_readers", readers)
        object.__setattr__(self, "_members", members)
        others = tuple((place, readers[place]) for place, name in enumerate(members) if not name)
        object.__setattr__(self, "_others", others)
        later = [(place, one.source) for place, one in enumerate(self.fields)]
        object.__setattr__(self, "_later", tuple(one for one in later if isinstance(one[1], Parent | Child | Hash)))

    def columns(self) -> tuple[Column, ...]:
        """The schema of the table."""
        return tuple(Column(one.column, one.description, one.type, one.nullable) for one in self.fields)

    def rows(self, objects: Iterable[Any]) -> Iterator[Row]:
        """The rows that the objects hold for this table alone."""
        tables = family(self)
        for one in objects:
            found = _nobody(tables)
            self.put_rows(one, None, one, None, found)
            yield from found[self.name]

    def put_rows(self, place: Any, key: Any, root: Any, parent: Mapping[str, Any] | None, into: _Rows) -> str | None:
        """Add the rows of this table and of those in it; their shared id is returned, where they have one.

        `place`: the listed object `root`, or an element of it that was found under `key` and became the row `parent`.
        """
        if not (self._later or self.children):
            add = into[self.name].add
            for element, inner in elements(place, key, self.walk) if self.walk else ((place, key),):
                add(tuple(self._cells(element, inner, root)))
            return None
        found = list(elements(place, key, self.walk))
        rows = [self._cells(element, key, root) for element, key in found]
        shared = self._fill(rows, found, root, parent, into)
        into[self.name].update(map(tuple, rows))
        for child in self.children:
            for row, (element, key) in zip(rows, found, strict=True):
                child.put_rows(element, key, root, dict(zip(self._names(), row, strict=True)), into)
        return shared if reaches(place, self.walk) else None

    def _cells(self, element: Any, key: Any, root: Any) -> _Cells:
        """The cells of a row that are in the element."""
        if type(element) is not dict:
            return [value(read(element, key, root)) for read in self._readers]
        cells = list(map(element.get, self._members))  # most are members, which this finds fastest
        for place, read in self._others:
            cells[place] = read(element, key, root)
        return [cell if cell.__class__ is str else value(cell) for cell in cells]

    def _fill(
        self, rows: list[_Cells], found: list[tuple[Any, Any]], root: Any, parent: Mapping[str, Any] | None, into: _Rows
    ) -> str | None:
        """The cells that are not in the element, ids last, since they are made of the others."""
        for place, source in self._later:
            for row, (element, key) in zip(rows, found, strict=True):
                if isinstance(source, Parent):
                    row[place] = "None" if parent is None else parent[source.column]
                elif isinstance(source, Child):
                    row[place] = value(source.table.put_rows(element, key, root, None, into))
        shared = None
        for place, source in self._later:
            if source is Hash.ROWS:
                shared = _digest_of_rows([_without(row, place) for row in rows])
            if isinstance(source, Hash):
                for row in rows:
                    row[place] = shared or _digest(_without(row, place))
        return shared

    def _names(self) -> Iterator[str]:
        return (one.column for one in self.fields)


def family(table: Table) -> tuple[Table, ...]:
    """The table, and all that are in it. Raises TableInvalid when two different ones have the same name."""
    found = {table.name: table}
    inner = [one.source.table for one in table.fields if isinstance(one.source, Child)]
    for child in (*inner, *table.children):
        for one in family(child):
            if found.setdefault(one.name, one) != one:
                raise TableInvalid(f"two different tables in {table.name} are called {one.name}")
    return tuple(found.values())


def rows_by_table(tables: Iterable[Table], objects: Iterable[Any]) -> dict[str, frozenset[Row]]:
    """Table name -> the rows that the objects hold for it, for every table and those in it, also empty ones."""
    wanted = tuple(tables)
    outer = _outermost(wanted)
    found = _nobody(one for table in wanted for one in family(table))
    for one in objects:
        for table in outer:
            table.put_rows(one, None, one, None, found)
    return {name: frozenset(rows) for name, rows in found.items()}


def pushed_rows(tables: Iterable[Table], objects: Sequence[Any]) -> dict[str, frozenset[Row]]:
    """As `rows_by_table`, for objects of a foreign sender. Raises BadPushedData when one is not an object."""
    for number, one in enumerate(objects):
        if not isinstance(one, Mapping):
            raise BadPushedData(
                f"item {number} of the pushed list is {type(one).__name__}, not an object; "
                'send a list of objects such as {"id": "1", "name": "a"}'
            )
    return rows_by_table(tables, objects)


def _outermost(tables: Sequence[Table]) -> list[Table]:
    inner = {one.name for table in tables for one in family(table)[1:]}
    return [table for table in tables if table.name not in inner]


def _shares_id(table: Table) -> bool:
    sources = [one.source for one in table.fields]
    return Hash.ROWS in sources and not any(isinstance(source, Parent) for source in sources)


def _read(one: Field) -> Read:
    source = one.column if one.source is None else one.source
    if isinstance(source, Parent | Child | Hash):
        return _nothing  # filled in afterwards
    read, convert = reader(source), one.convert
    return read if convert is None else lambda element, key, root: converted(convert, read(element, key, root))


def _member(one: Field) -> str:
    source = one.column if one.source is None else one.source
    return source if isinstance(source, str) and one.convert is None else ""


def _nothing(_element: Any, _key: Any, _root: Any) -> None:
    return None


def _nobody(tables: Iterable[Table]) -> _Rows:
    return {table.name: set() for table in tables}


def _without(row: _Cells, place: int) -> _Cells:
    return row[:place] + row[place + 1 :]


def _digest_of_rows(rows: list[_Cells]) -> str:
    ordered = sorted(rows, key=lambda row: row_sort_key(tuple(row)))
    return _digest([row[0] if len(row) == 1 else row for row in ordered])


def _digest(content: Any) -> str:
    return hashlib.md5(json.dumps(content).encode(), usedforsecurity=False).hexdigest()
