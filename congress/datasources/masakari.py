"""Masakari: segments of hosts, their hosts, and the failures that were reported."""

from __future__ import annotations

from congress.datasources.allowed import masakari
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

_CREATED = Field("created_at", type="Str", description="time of creation")
_UPDATED = Field("updated_at", type="Str", description="time of the last change")

SEGMENTS = Table(
    "segments",
    (
        Field("id", "uuid", "Str", "UUID of the segment"),
        Field("name", type="Str", description="name"),
        Field("description", type="Str", description="what its owner says"),
        Field("recovery_method", type="Str", description="auto, reserved_host, auto_priority or rh_priority"),
        Field("service_type", type="Str", description="what its hosts do"),
        Field("enabled", type="Bool", description="whether failures in it are recovered from"),
        _CREATED,
        _UPDATED,
    ),
)
HOSTS = Table(
    "hosts",
    (
        Field("id", "uuid", "Str", "UUID of the host"),
        Field("name", type="Str", description="name of the host"),
        Field("segment_id", "failover_segment_id", "Str", "segment it belongs to"),
        Field("type", type="Str", description="what it does"),
        Field("reserved", type="Bool", description="whether it is kept free for others' servers"),
        Field("on_maintenance", type="Bool", description="whether its failures are ignored"),
        Field("control_attributes", type="Str", description="how it is controlled"),
        _CREATED,
        _UPDATED,
    ),
)
NOTIFICATIONS = Table(
    "notifications",
    (
        Field("id", "notification_uuid", "Str", "UUID of the notification"),
        Field("type", type="Str", description="COMPUTE_HOST, VM or PROCESS"),
        Field("status", type="Str", description="new, running, finished, error, failed or ignored"),
        Field("source_host_id", "source_host_uuid", "Str", "host that it is about"),
        Field("event", ("payload", "event"), "Str", "what happened, e.g. STOPPED"),
        Field("process_name", ("payload", "process_name"), "Str", "process that it is about"),
        Field("server_id", ("payload", "instance_uuid"), "Str", "server that it is about"),
        Field("generated_time", type="Str", description="when it happened"),
        _CREATED,
        _UPDATED,
    ),
)
ALL_SEGMENTS = Listing("/segments?limit=1000", "segments", (SEGMENTS,), marker="uuid")


class MasakariDriver(CloudDriver):
    id = "masakari"
    description = "Segments, hosts and failures of Masakari (OpenStack instances high availability)"
    service = "instance_ha"
    listings = (
        ALL_SEGMENTS,
        Listing("/segments/{uuid}/hosts?limit=1000", "hosts", (HOSTS,), marker="uuid", within=ALL_SEGMENTS),
        Listing("/notifications?limit=1000", "notifications", (NOTIFICATIONS,), marker="notification_uuid"),
    )
    offered = masakari.ACTIONS
