"""Failures of the infrastructure as OPNFV Doctor's inspectors report them: pushed, not listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver, UnknownTableGroup
from congress.datasources.options import PERSIST_DATA
from congress.datasources.translate import Field, Table, pushed_rows


class DoctorDriver(Driver):
    """Table `events`: what an inspector sent last. Members of an event that have no column are dropped.

    Event: `{"time", "type", "details": {"hostname", "status", "monitor", "monitor_event_id"}}`, all of it optional.
    """

    id = "doctor"
    description = "Table `events` holds the failures that an OPNFV Doctor inspector sent last"
    options = (PERSIST_DATA,)
    polls = False
    table: ClassVar = Table(
        "events",
        (
            Field("time", description="when it happened, as the sender writes it"),
            Field("type", description="kind of event, e.g. compute.host.down"),
            Field("hostname", ("details", "hostname"), description="the host"),
            Field("status", ("details", "status"), description="its state: up, down"),
            Field("monitor", ("details", "monitor"), description="the monitor that noticed"),
            Field("monitor_event_id", ("details", "monitor_event_id"), description="the monitor's id of the event"),
        ),
    )

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {cls.table.name: cls.table.columns()}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        raise UnknownTableGroup(f"datasource '{self.name}' is pushed to; nothing can be fetched")

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        if table != self.table.name:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table '{table}'; push to {self.table.name}")
        return pushed_rows((self.table,), objects)
