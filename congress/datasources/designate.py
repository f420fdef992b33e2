"""Designate: zones and record sets of all projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

_ID = Field("id", type="Str", description="UUID")
_NAME = Field("name", type="Str", description="name, with a dot at its end")
_PROJECT = Field("project_id", type="Str", description="project that owns it")
_TTL = Field("ttl", type="Int", description="seconds for which answers may be kept")
_STATUS = Field("status", type="Str", description="ACTIVE, PENDING or ERROR")
_ACTION = Field("action", type="Str", description="what is being done: CREATE, UPDATE, DELETE or NONE")
_DESCRIPTION = Field("description", type="Str", description="what its owner says")
_CREATED = Field("created_at", type="Str", description="time of creation")
_UPDATED = Field("updated_at", type="Str", description="time of the last change")

ZONES = Table(
    "zones",
    (
        _ID,
        _NAME,
        _PROJECT,
        Field("type", type="Str", description="PRIMARY or SECONDARY"),
        Field("email", type="Str", description="address of who is responsible"),
        _TTL,
        Field("serial", type="Int", description="number of its version"),
        _STATUS,
        _ACTION,
        Field("pool_id", type="Str", description="servers that answer for it"),
        _DESCRIPTION,
        _CREATED,
        _UPDATED,
    ),
)
RECORDSETS = Table(
    "recordsets",
    (
        _ID,
        _NAME,
        Field("zone_id", type="Str", description="its zone"),
        _PROJECT,
        Field("type", type="Str", description="A, AAAA, CNAME, MX, ..."),
        _TTL,
        _STATUS,
        _ACTION,
        _DESCRIPTION,
        _CREATED,
        _UPDATED,
    ),
)
RECORDS = Table(
    "recordsets.records",
    (Field("recordset_id", Root("id"), "Str", "the record set"), Field("record", SELF, "Str", "one of its values")),
    walk=("records", ITEMS),
)


class DesignateDriver(CloudDriver):
    id = "designate"
    description = "Zones and record sets of Designate (OpenStack DNS)"
    service = "dns"
    headers: ClassVar[Mapping[str, str]] = {"X-Auth-All-Projects": "True"}
    listings = (
        Listing("/zones?limit=1000", "zones", (ZONES,)),
        Listing("/recordsets?limit=1000", "recordsets", (RECORDSETS, RECORDS)),
    )
    offered = others.DESIGNATE
