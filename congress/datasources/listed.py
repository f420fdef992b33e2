"""Drivers that look at a service and make the rows of declared tables of what they see: what most drivers build on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from congress.datalog.values import Row
from congress.datasources.actions import Call, Offered, requested
from congress.datasources.contract import Action, Column, Driver, DriverError, Option, UnknownTableGroup
from congress.datasources.options import Seconds
from congress.datasources.translate import Table, family, rows_by_table

Objects: TypeAlias = Mapping[str, Iterable[Any]]
"""Table -> what its rows, and those of the tables in it, are made of."""

TIMEOUT = Option(
    "timeout", description="Seconds that each of those asked may take", type=Seconds(min=0.001), default="5"
)


class ListedDriver(Driver):
    """`sights`: the tables that are filled by one look, root first, for each of the looks; the tables in one of them
    need not be named. `offered`: what it can be asked to do."""

    sights: ClassVar[tuple[tuple[Table, ...], ...]]
    offered: ClassVar[tuple[Offered, ...]] = ()

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for sight in cls.sights for table in _all(sight)}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {sight[0].name: tuple(table.name for table in _all(sight)) for sight in cls.sights}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        found: dict[str, set[Row]] = {table: set() for table in self.groups().get(group, ())}
        for part in self._rows(group):
            for table, rows in part.items():
                found[table].update(rows)
        return found

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        return self._rows(group)

    @abstractmethod
    def look(self, group: str) -> Iterable[Objects]:
        """What is there now for the tables of the group: all of it, or a page at a time. Raises DriverError."""

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return tuple(one.action for one in cls.offered)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.act(requested(self.offered, self.name, action, positional, named))

    def act(self, call: Call) -> None:
        """Send the request of an action. Raises DriverError, OutcomeUncertain."""
        raise DriverError(f"driver {self.id} offers actions and does not say how they are sent")

    def _rows(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        """Nothing of a page is kept when the next one is asked for."""
        sight = self._sight(group)
        for objects in self.look(group):
            yield rows_of(sight, objects)

    def _sight(self, group: str) -> tuple[Table, ...]:
        sight = next((one for one in self.sights if one[0].name == group), None)
        if sight is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        return sight


def rows_of(sight: tuple[Table, ...], objects: Objects) -> dict[str, Iterable[Row]]:
    """The rows of one page."""
    found: dict[str, Iterable[Row]] = {}
    for table in sight:
        if table.name not in found:  # else it is in one before
            found |= rows_by_table((table,), objects.get(table.name, ()))
    return found


def _all(sight: tuple[Table, ...]) -> Iterable[Table]:
    """The tables that are named, and those in them."""
    return {one.name: one for table in sight for one in family(table)}.values()
