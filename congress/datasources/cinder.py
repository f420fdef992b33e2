"""Cinder: volumes and snapshots of all projects, attachments and services."""

from __future__ import annotations

from congress.datasources.allowed import cinder
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.hints import CINDER
from congress.datasources.translate import ITEMS, Field, Root, Table

VOLUMES = Table(
    "volumes",
    (
        Field("id", description="UUID of the volume"),
        Field("size", description="GiB"),
        Field("user_id", description="user who created it"),
        Field("status", description="available, in-use, error, ..."),
        Field("description", description="what its owner says"),
        Field("name", description="name"),
        Field("bootable", description="true or false, in small letters"),
        Field("created_at", description="time of creation"),
        Field("volume_type", description="name of its type"),
        Field("encrypted", description="True or False"),
        Field("availability_zone", description="availability zone"),
        Field("replication_status", description="state of replication"),
        Field("multiattach", description="whether several servers may use it at once"),
        Field("snapshot_id", description="snapshot it was made from"),
        Field("source_volid", description="volume it was made from"),
        Field("consistencygroup_id", description="consistency group"),
        Field("migration_status", description="state of a migration between backends"),
    ),
)
ATTACHMENTS = Table(
    "attachments",
    (
        Field("volume_id", Root("id"), description="the volume"),
        Field("server_id", description="server that uses it"),
        Field("attachment_id", description="id of the attachment"),
        Field("host_name", description="host of the server"),
        Field("device", description="device in the server, e.g. /dev/vdb"),
    ),
    walk=("attachments", ITEMS),
)
SNAPSHOTS = Table(
    "snapshots",
    (
        Field("id", description="UUID of the snapshot"),
        Field("size", description="GiB"),
        Field("status", description="available, error, ..."),
        Field("volume_id", description="volume it was taken of"),
        Field("name", description="name"),
        Field("created_at", description="time of creation"),
    ),
)
SERVICES = Table(
    "services",
    (
        Field("status", description="enabled or disabled, by an operator"),
        Field("binary", description="cinder-volume, cinder-scheduler, ..."),
        Field("zone", description="availability zone"),
        Field("state", description="up or down"),
        Field("updated_at", description="its last sign of life"),
        Field("host", description="where it runs"),
        Field("disabled_reason", description="why it was disabled"),
    ),
)


class CinderDriver(CloudDriver):
    id = "cinder"
    description = "Volumes, attachments, snapshots and services of Cinder (OpenStack block storage)"
    service = "block_storage"
    hints = CINDER
    listings = (
        Listing("/volumes/detail?all_tenants=True&limit=1000", "volumes", (VOLUMES, ATTACHMENTS)),
        Listing("/snapshots/detail?all_tenants=True&limit=1000", "snapshots", (SNAPSHOTS,)),
        Listing("/os-services", "services", (SERVICES,)),
    )
    offered = cinder.ACTIONS
