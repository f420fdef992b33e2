"""Tacker: virtual network functions and their descriptors, by its older API."""

from __future__ import annotations

import json
from typing import Any

from congress.datasources.allowed import tacker
from congress.datasources.cloud import STANDARD_OPTIONS, CloudDriver, Listing
from congress.datasources.contract import Option
from congress.datasources.translate import ENTRIES, KEY, SELF, Field, Root, Table

_ID = Field("id", description="UUID")
_NAME = Field("name", description="name")
_DESCRIPTION = Field("description", description="what its author says")
_TENANT = Field("tenant_id", description="project that owns it")
_CREATED = Field("created_at", description="time of creation")
_UPDATED = Field("updated_at", description="time of the last change")

VNFDS = Table(
    "vnfds",
    (
        _ID,
        _NAME,
        _DESCRIPTION,
        Field("template_source", description="onboarded or inline"),
        _TENANT,
        _CREATED,
        _UPDATED,
    ),
)
VNFS = Table(
    "vnfs",
    (
        _ID,
        _NAME,
        Field("status", description="ACTIVE, ERROR, PENDING_CREATE, ..."),
        _DESCRIPTION,
        Field("vnfd_id", description="its descriptor"),
        Field("vim_id", description="site it runs at"),
        _TENANT,
        Field("instance_id", description="stack that carries it"),
        _CREATED,
        _UPDATED,
        Field("error_reason", description="why it failed"),
    ),
)


def _addresses(raw: Any) -> Any:
    """Tacker gives the units' addresses as JSON text."""
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        return None


INSTANCES = Table(
    "vnfs.instances",
    (
        Field("vnf_id", Root("id"), description="the VNF"),
        Field("key", KEY, description="name of one of its units"),
        Field("value", SELF, description="address by which the unit is managed"),
    ),
    walk=("mgmt_url", _addresses, ENTRIES),
)


class TackerDriver(CloudDriver):
    id = "tacker"
    description = "Virtual network functions and their descriptors of Tacker (OpenStack NFV orchestration)"
    service = "nfv_orchestration"
    options = (
        *STANDARD_OPTIONS,
        Option("api_version", description="Kept from the original; version 1.0 is spoken", default="1.0"),
    )
    listings = (
        Listing("/v1.0/vnfds?limit=1000", "vnfds", (VNFDS,)),
        Listing("/v1.0/vnfs?limit=1000", "vnfs", (VNFS, INSTANCES)),
    )
    offered = tacker.ACTIONS
