"""Drivers that look at something as a whole and make the rows of several tables of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver, Option, UnknownTableGroup
from congress.datasources.options import Seconds
from congress.datasources.translate import Table, rows_by_table

Objects: TypeAlias = Mapping[str, Iterable[Mapping[str, Any]]]
"""Table -> what its rows are made of, a mapping of the fields' sources for each."""

TIMEOUT = Option(
    "timeout", description="Seconds that each of those asked may take", type=Seconds(min=0.001), default="5"
)


class ListedDriver(Driver):
    """`sights`: the tables that are filled by one look, root first, for each of the looks."""

    sights: ClassVar[tuple[tuple[Table, ...], ...]]

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for sight in cls.sights for table in sight}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {sight[0].name: tuple(table.name for table in sight) for sight in cls.sights}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        sight = next((one for one in self.sights if one[0].name == group), None)
        if sight is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        seen = self.look(group)
        found: dict[str, Iterable[Row]] = {}
        for table in sight:
            if table.name not in found:  # else it is in one before
                found |= rows_by_table((table,), seen.get(table.name, ()))
        return found

    @abstractmethod
    def look(self, group: str) -> Objects:
        """What is there now, for the tables of the group. Raises DriverError."""
