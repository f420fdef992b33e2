"""Drivers whose rows arrive through the API instead of being listed from a cloud."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from congress.datalog.values import Row, row
from congress.datasources.actions import where
from congress.datasources.arguments import Parameter, bound, text
from congress.datasources.cloud import STANDARD_OPTIONS
from congress.datasources.contract import (
    Action,
    BadPushedData,
    Column,
    Driver,
    Option,
    UnknownAction,
    UnknownTableGroup,
)
from congress.datasources.options import LIST, PERSIST_DATA
from congress.datasources.translate import Field, Table, pushed_rows

LOG = logging.getLogger(__name__)


COLUMNS = Option("columns", description="Names of the columns of `data`", type=LIST, default="value")


_ROWS = (list, tuple)
_NO_CELLS = frozenset((list, dict))


class PushDriver(Driver):
    """One table of whatever is sent to it."""

    id = "push"
    description = "Table `data` holds the rows that were sent last, each a list of cells"
    options = (
        Option("description", required=True, description="What the rows are about"),
        COLUMNS,
        PERSIST_DATA,
    )
    polls = False

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return cls.configured_tables({})

    @classmethod
    def configured_tables(cls, config: Mapping[str, str]) -> Mapping[str, tuple[Column, ...]]:
        return {"data": tuple(Column(name) for name in COLUMNS.of(config) if name)}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        raise UnknownTableGroup(f"datasource '{self.name}' is pushed to; nothing can be fetched")

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        if table != "data":
            raise UnknownTableGroup(f"datasource '{self.name}' takes pushed data in table 'data' only, not '{table}'")
        width = len(self.configured_tables(self.config)["data"])
        for number, one in enumerate(objects):
            if not isinstance(one, _ROWS) or not _NO_CELLS.isdisjoint(map(type, one)):
                raise BadPushedData(f'item {number} of the pushed list is not a list of cells; send e.g. [["a", 1]]')
            if len(one) != width:
                raise BadPushedData(
                    f"item {number} of the pushed list has {len(one)} cells, table 'data' has {width} columns; "
                    "the option `columns` names them"
                )
        return {"data": frozenset(row(one) for one in objects)}

    @classmethod
    def notified(cls, payload: Any, known: Sequence[Any] = ()) -> tuple[str, list[Any]]:
        """A notification is a list of rows, the table's new contents, or an object whose `data` is one."""
        rows = payload.get("data") if isinstance(payload, dict) else payload
        if not isinstance(rows, list):
            raise BadPushedData('a notification is a list of rows, or {"data": [row, ...]}; send e.g. [["a", 1]]')
        return "data", rows


class FakeDriver(Driver):
    """A datasource without a cloud, for trying things out: rows are pushed, polls find nothing."""

    id = "fake_datasource"
    description = "A datasource without a cloud, to try rules on: push objects with id and name"
    options = tuple(option._replace(required=False) for option in STANDARD_OPTIONS)
    polls = False
    table: ClassVar = Table("fake_table", (Field("id", description="id"), Field("name", description="name")))
    parameters: ClassVar[tuple[Parameter, ...]] = (text("server_id", "any id"),)
    offered: ClassVar = Action(
        "fake_act", tuple(one.argument for one in parameters), "Do nothing, and say so in the log"
    )  # fmt: skip

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {cls.table.name: cls.table.columns()}

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return (cls.offered,)

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        return {self.table.name: frozenset()}

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        if table != self.table.name:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table '{table}'; push to {self.table.name}")
        return pushed_rows((self.table,), objects)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        if action != self.offered.name:
            raise UnknownAction(f"datasource '{self.name}' has no action '{action}'; it offers: fake_act")
        bound(where(action, self.name), self.parameters, positional, named)
        LOG.info("datasource %s: fake_act%s", self.name, tuple(positional))
