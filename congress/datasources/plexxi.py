"""Plexxi: the tables of its fabric, filled by whoever still has one.

Plexxi Control is not sold any longer, its library cannot be installed and its API was never published, so that nothing
can be asked here. The tables are kept for the rules over them; a script of the operator pushes their rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver, Option, UnknownTableGroup
from congress.datasources.options import FLAG, PERSIST_DATA, POLL_TIME
from congress.datasources.translate import Field, Table, pushed_rows

_IGNORED = "Accepted and without effect: rows are pushed"


def _table(name: str, /, **columns: str) -> Table:
    return Table(name, tuple(Field(column, description=text) for column, text in columns.items()))


class PlexxiDriver(Driver):
    """Each table is pushed by itself: objects with its columns as members."""

    id = "plexxi"
    description = "Tables of a Plexxi fabric, which are pushed"
    options = (
        *(Option(name, description=_IGNORED) for name in ("auth_url", "username", "tenant_name", "keystone_user")),
        *(Option(name, secret=True, description=_IGNORED) for name in ("password", "keystone_pass")),
        Option("unique_names", description=_IGNORED, type=FLAG),
        POLL_TIME._replace(description=_IGNORED),
        PERSIST_DATA,
    )
    polls = False
    members: ClassVar[tuple[Table, ...]] = (
        _table("hosts", uuid="id", name="name", mac_count="how many addresses", vmcount="how many machines"),
        _table("hosts.macs", Host_uuid="the host", Mac_Address="one of its hardware addresses"),
        _table("hosts.guests", Host_uuid="the host", VM_uuid="a machine that runs on it"),
        _table(
            "vms",
            uuid="id",
            name="name",
            host_uuid="where it runs",
            ip="its IP address",
            mac_count="how many addresses",
        ),
        _table("vms.macs", vmID="the machine", Mac_Address="one of its hardware addresses"),
        _table("affinities", uuid="id", name="name"),
        _table("vswitches", uuid="id", host_count="how many hosts", vnic_count="how many interfaces"),
        _table("vswitches.macs", vswitch_uuid="the virtual switch", Mac_Address="a hardware address"),
        _table("vswitches.hosts", vswitch_uuid="the virtual switch", hostuuid="a host"),
        _table("plexxiswitches", uuid="id", ip="its IP address", status="its state"),
        _table("plexxiswitches.macs", Switch_uuid="the switch", Mac_Address="a hardware address"),
        _table("ports", uuid="id", name="name"),
        _table(
            "networklinks",
            uuid="id",
            name="name",
            port_uuid="port it is at",
            start_uuid="where it begins",
            start_name="name of that",
            stop_uuid="where it ends",
            stop_name="name of that",
        ),
    )

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for table in cls.members}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        raise UnknownTableGroup(f"datasource '{self.name}' is pushed to; nothing can be fetched")

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        found = next((one for one in self.members if one.name == table), None)
        if found is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table '{table}'")
        return pushed_rows((found,), objects)
