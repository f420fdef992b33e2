"""Manila: shares of all projects, who may use them, snapshots, share servers and services."""

from __future__ import annotations

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

_ID = Field("id", type="Str", description="UUID")
_NAME = Field("name", type="Str", description="name")
_PROJECT = Field("project_id", type="Str", description="project that owns it")
_STATUS = Field("status", type="Str", description="available, error, ...")
_CREATED = Field("created_at", type="Str", description="time of creation")

SHARES = Table(
    "shares",
    (
        _ID,
        _NAME,
        _PROJECT,
        _STATUS,
        Field("size", type="Int", description="GiB"),
        Field("share_proto", type="Str", description="NFS, CIFS, CEPHFS, ..."),
        Field("share_type", type="Str", description="id of its type"),
        Field("share_type_name", type="Str", description="name of its type"),
        Field("is_public", type="Bool", description="whether every project sees it"),
        Field("host", type="Str", description="host@backend#pool"),
        Field("availability_zone", type="Str", description="availability zone"),
        Field("share_network_id", type="Str", description="network from which it is used"),
        Field("share_server_id", type="Str", description="share server that carries it"),
        Field("snapshot_id", type="Str", description="snapshot it was made from"),
        Field("access_rules_status", type="Str", description="active or error"),
        Field("has_replicas", type="Bool", description="whether there are copies of it"),
        _CREATED,
    ),
)
ACCESS = Table(
    "access_rules",
    (
        Field("share_id", type="Str", description="the share"),
        _ID,
        Field("access_type", type="Str", description="ip, user, cert or cephx"),
        Field("access_to", type="Str", description="who may use the share"),
        Field("access_level", type="Str", description="rw or ro"),
        Field("state", type="Str", description="active, error, ..."),
    ),
)
SNAPSHOTS = Table(
    "snapshots",
    (
        _ID,
        _NAME,
        _PROJECT,
        _STATUS,
        Field("share_id", type="Str", description="share it was taken of"),
        Field("size", type="Int", description="GiB"),
        _CREATED,
    ),
)
SERVERS = Table(
    "share_servers",
    (
        _ID,
        _PROJECT,
        _STATUS,
        Field("host", type="Str", description="host@backend"),
        Field("share_network_id", type="Str", description="network it is in"),
        Field("updated_at", type="Str", description="time of the last change"),
    ),
)
SERVICES = Table(
    "services",
    (
        Field("id", type="Int", description="id of the service"),
        Field("binary", type="Str", description="manila-share, manila-scheduler, ..."),
        Field("host", type="Str", description="where it runs"),
        Field("zone", type="Str", description="availability zone"),
        Field("status", type="Str", description="enabled or disabled, by an operator"),
        Field("state", type="Str", description="up or down"),
        Field("updated_at", type="Str", description="its last sign of life"),
    ),
)
_SHARES = Listing("/shares/detail?all_tenants=1&limit=1000", "shares", (SHARES,), counted="offset")


class ManilaDriver(CloudDriver):
    id = "manila"
    description = (
        "Shares, access rules, snapshots, share servers and services of Manila (OpenStack shared file systems)"
    )
    service = "shared_file_system"
    listings = (
        _SHARES,
        Listing(
            "/share-access-rules?share_id={id}", "access_list", (ACCESS,), within=_SHARES, given={"share_id": "id"}
        ),
        Listing("/snapshots/detail?all_tenants=1&limit=1000", "snapshots", (SNAPSHOTS,), counted="offset"),
        Listing("/share-servers", "share_servers", (SERVERS,)),
        Listing("/services", "services", (SERVICES,)),
    )
    offered = others.MANILA

    def _microversion(self) -> str:
        return "2.45"
