"""Glance v2: images of all projects and their tags."""

from __future__ import annotations

from congress.datasources.allowed import glancev2
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.hints import GLANCE
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

IMAGES = Table(
    "images",
    (
        Field("id", description="UUID of the image"),
        Field("status", description="active, queued, deactivated, ..."),
        Field("name", description="name"),
        Field("container_format", description="bare, ovf, docker, ..."),
        Field("created_at", description="time of creation"),
        Field("updated_at", description="time of the last change"),
        Field("disk_format", description="raw, qcow2, iso, ..."),
        Field("owner", description="project that owns the image"),
        Field("protected", description="whether deletion is refused"),
        Field("min_ram", description="least memory of a server, MiB"),
        Field("min_disk", description="least disk of a server, GiB"),
        Field("checksum", description="MD5 of the data"),
        Field("size", description="bytes"),
        Field("file", description="path of the data in the API"),
        Field("kernel_id", description="kernel image, for images without one"),
        Field("ramdisk_id", description="ramdisk image, likewise"),
        Field("schema", description="path of the schema in the API"),
        Field("visibility", description="public, private, shared or community"),
    ),
)
TAGS = Table(
    "tags",
    (Field("image_id", Root("id"), description="the image"), Field("tag", SELF, description="one of its tags")),
    walk=("tags", ITEMS),
)


class GlanceV2Driver(CloudDriver):
    id = "glancev2"
    description = "Images and their tags of Glance (OpenStack image, version 2)"
    service = "image"
    hints = GLANCE
    listings = (Listing("/images?visibility=all&limit=1000", "images", (IMAGES, TAGS)),)
    offered = glancev2.ACTIONS
