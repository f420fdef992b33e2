"""Declarative translation of API objects into rows.

A `Table` says where its elements are inside an object (`walk`) and from where each cell of a row comes (`Field`). One
listing of a cloud fills a root table and any number of tables nested in the same objects:

    SERVERS = Table("servers", (Field("id"), Field("image_id", ("image", "id"))))
    TAGS = Table("tags", (Field("server_id", Root("id")), Field("tag", SELF)), walk=("tags", ITEMS))
    rows_by_table((SERVERS, TAGS), [{"id": "1", "image": {"id": "i"}, "tags": ["a", "b"]}])

A field that an object does not have becomes None, hence the text "None" in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from congress.datalog.values import Row, value
from congress.datasources.contract import BadPushedData, Column


class Step(Enum):
    """A step of a walk that leads to many places."""

    ITEMS = "the items of a list"
    ENTRIES = "the values of a dictionary whose keys are data"


class Place(Enum):
    """What a field may take instead of a member of the element."""

    SELF = "the element itself"
    KEY = "the key under which the last ENTRIES found the element"


ITEMS: Final = Step.ITEMS
ENTRIES: Final = Step.ENTRIES
SELF: Final = Place.SELF
KEY: Final = Place.KEY


class Root(NamedTuple):
    """A member of the listed object, for tables whose elements lie deeper; usually its id."""

    name: str


Source: TypeAlias = str | tuple[str, ...] | Root | Place
Walk: TypeAlias = tuple[str | Step, ...]


class Field(NamedTuple):
    """One column: its name, where its cells come from (a member of the same name by default), and its documentation.

    A string names a member of the element, a tuple of strings a member of a member.
    """

    column: str
    source: Source | None = None
    type: str = "Scalar"
    description: str = ""
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table and how its rows are found in a listed object."""

    name: str
    fields: tuple[Field, ...]
    walk: Walk = ()

    def columns(self) -> tuple[Column, ...]:
        """The schema of the table."""
        return tuple(Column(field.column, field.description, field.type) for field in self.fields)

    def rows(self, objects: Iterable[Any]) -> Iterator[Row]:
        """The rows that the objects hold for this table."""
        for root in objects:
            for key, element in _elements(root, self.walk, None):
                yield tuple([value(_cell(field, root, key, element)) for field in self.fields])


def rows_by_table(tables: Iterable[Table], objects: Sequence[Any]) -> dict[str, frozenset[Row]]:
    """Table name -> the rows that the objects hold for it, for every table, also empty ones."""
    return {table.name: frozenset(table.rows(objects)) for table in tables}


def pushed_rows(tables: Iterable[Table], objects: Sequence[Any]) -> dict[str, frozenset[Row]]:
    """As `rows_by_table`, for objects of a foreign sender. Raises BadPushedData when one is not an object."""
    for number, one in enumerate(objects):
        if not isinstance(one, Mapping):
            raise BadPushedData(
                f"item {number} of the pushed list is {type(one).__name__}, not an object; "
                'send a list of objects such as {"id": "1", "name": "a"}'
            )
    return rows_by_table(tables, objects)


def _elements(place: Any, walk: Walk, key: Any) -> Iterator[tuple[Any, Any]]:
    """(key, element) for each element that the walk reaches; parts that are missing or of another shape hold none."""
    if not walk:
        yield key, place
        return
    step, rest = walk[0], walk[1:]
    if step is Step.ITEMS:
        for item in place if isinstance(place, list | tuple) else ():
            yield from _elements(item, rest, key)
    elif step is Step.ENTRIES:
        for name, item in place.items() if isinstance(place, Mapping) else ():
            yield from _elements(item, rest, name)
    elif isinstance(place, Mapping) and place.get(step) is not None:
        yield from _elements(place[step], rest, key)


def _cell(field: Field, root: Any, key: Any, element: Any) -> Any:
    found = _find(field.column if field.source is None else field.source, root, key, element)
    return found if field.convert is None or found is None else field.convert(found)


def _find(source: Source, root: Any, key: Any, element: Any) -> Any:
    if isinstance(source, str):
        return _member(element, source)
    if isinstance(source, Root):
        return _member(root, source.name)
    if source is Place.SELF:
        return element
    if source is Place.KEY:
        return key
    for name in source:
        element = _member(element, name)
    return element


def _member(place: Any, name: str) -> Any:
    return place.get(name) if isinstance(place, Mapping) else None
