"""Drivers that list objects of a service page by page, and send it requests: what a driver of one's own builds on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from congress.datalog.values import Row
from congress.datasources.actions import Call, Offered, requested
from congress.datasources.contract import Action, Column, Driver, DriverError, UnknownTableGroup
from congress.datasources.translate import Table, family, rows_by_page


class PagedDriver(Driver):
    """Each of the `roots` is listed by itself, and fills the tables that are in it, too."""

    roots: ClassVar[tuple[Table, ...]]
    offered: ClassVar[tuple[Offered, ...]] = ()

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for root in cls.roots for table in family(root)}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {root.name: tuple(table.name for table in family(root)) for root in cls.roots}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        found: dict[str, set[Row]] = {table: set() for table in self.groups().get(group, ())}
        for page in self.pages(group):
            for table, rows in page.items():
                found[table].update(rows)
        return found

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        root = next((one for one in self.roots if one.name == group), None)
        if root is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        return rows_by_page((root,), self.objects(group))

    @abstractmethod
    def objects(self, group: str) -> Iterable[Iterable[Any]]:
        """The objects of a root table as the service has them, a page at a time. Raises DriverError."""

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return tuple(one.action for one in cls.offered)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.act(requested(self.offered, self.name, action, positional, named))

    def act(self, call: Call) -> None:
        """Send the request of an action. Raises DriverError, OutcomeUncertain."""
        raise DriverError(f"driver {self.id} offers actions and does not say how they are sent")
