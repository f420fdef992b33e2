"""Swift: the containers of the account that the datasource logs in to, and the objects in them."""

from __future__ import annotations

from congress.datasources.allowed import swift
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

CONTAINERS = Table(
    "containers",
    (
        Field("count", description="number of objects"),
        Field("bytes", description="what they take together"),
        Field("name", description="name of the container"),
    ),
)
OBJECTS = Table(
    "objects",
    (
        Field("bytes", description="size"),
        Field("last_modified", description="time of the last change"),
        Field("hash", description="MD5 of the content"),
        Field("name", description="name, which may have slashes in it"),
        Field("content_type", description="media type"),
        Field("container_name", description="the container"),
    ),
)
ALL_CONTAINERS = Listing("/?format=json&limit=1000", "", (CONTAINERS,), marker="name")


class SwiftDriver(CloudDriver):
    id = "swift"
    description = "Containers and objects of one account of Swift (OpenStack object store)"
    service = "object_store"
    listings = (
        ALL_CONTAINERS,
        Listing(
            "/{name}?format=json&limit=1000",
            "",
            (OBJECTS,),
            marker="name",
            within=ALL_CONTAINERS,
            given={"container_name": "name"},
        ),
    )
    offered = swift.ACTIONS
