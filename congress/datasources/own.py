"""What Congress tells of itself: the datasource `congress`, which is always there, so that rules may depend on it.

The node that reads the clouds fills it, and it reaches the engines as the tables of any other datasource do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from congress.datalog.values import Row, row
from congress.datasources.contract import BadPushedData, Column, Driver, UnknownTableGroup
from congress.db.datasources import OWN

DATASOURCES, TABLES = "datasource_status", "table_status"


class OwnDriver(Driver):
    """Objects: `{"name", "driver", "state", "since", "error", "tables": {table: state}}` of each datasource."""

    id = OWN.driver
    description = "How the datasources are"
    polls = False

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {
            DATASOURCES: (
                Column("name", "name of the datasource", "Str"),
                Column("driver", "id of its driver", "Str"),
                Column("state", "starting, ok, failing, unreachable, disabled or idle", "Str"),
                Column("since", "when this state began, in UTC", "Str"),
                Column("error", "what went wrong last; None when nothing does", "Str"),
            ),
            TABLES: (
                Column("datasource", "name of the datasource", "Str"),
                Column("table", "name of the table", "Str"),
                Column("state", "starting, ok, failing, unreachable or lazy", "Str"),
            ),
        }

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {DATASOURCES: (DATASOURCES, TABLES)}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        raise UnknownTableGroup(f"datasource '{self.name}' tells of this service; nothing can be fetched")

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        if table != DATASOURCES:
            raise BadPushedData(f"datasource '{self.name}' is filled by Congress itself")
        return {
            DATASOURCES: {row(one[column.name] for column in self.tables()[DATASOURCES]) for one in objects},
            TABLES: {row((one["name"], name, state)) for one in objects for name, state in one["tables"].items()},
        }
