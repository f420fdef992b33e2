"""Barbican: what is known about secrets, containers and orders. What is secret is never asked for."""

from __future__ import annotations

from typing import Any

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, Field, Root, Table


def _last(reference: Any) -> Any:
    """Barbican names things by their addresses, which end with their ids."""
    return reference.rstrip("/").rpartition("/")[2] if isinstance(reference, str) else None


_NAME = Field("name", type="Str", description="name")
_STATUS = Field("status", type="Str", description="ACTIVE, PENDING or ERROR")
_CREATOR = Field("creator_id", type="Str", description="user who created it")
_CREATED = Field("created", type="Str", description="time of creation")
_UPDATED = Field("updated", type="Str", description="time of the last change")

SECRETS = Table(
    "secrets",
    (
        Field("id", "secret_ref", "Str", "UUID of the secret", _last),
        _NAME,
        _STATUS,
        Field("secret_type", type="Str", description="symmetric, public, private, certificate, passphrase, opaque"),
        Field("algorithm", type="Str", description="aes, rsa, ..., as its owner says"),
        Field("bit_length", type="Int", description="length of the key, as its owner says"),
        Field("mode", type="Str", description="cbc, ..., as its owner says"),
        Field("expiration", type="Str", description="when it ends; None means never"),
        _CREATOR,
        _CREATED,
        _UPDATED,
    ),
)
CONTAINERS = Table(
    "containers",
    (
        Field("id", "container_ref", "Str", "UUID of the container", _last),
        _NAME,
        _STATUS,
        Field("type", type="Str", description="generic, rsa or certificate"),
        _CREATOR,
        _CREATED,
        _UPDATED,
    ),
)
CONTAINED = Table(
    "containers.secrets",
    (
        Field("container_id", Root("container_ref"), "Str", "the container", _last),
        Field("name", type="Str", description="what the secret is in the container, e.g. private_key"),
        Field("secret_id", "secret_ref", "Str", "the secret", _last),
    ),
    walk=("secret_refs", ITEMS),
)
CONSUMERS = Table(
    "containers.consumers",
    (
        Field("container_id", Root("container_ref"), "Str", "the container", _last),
        Field("name", type="Str", description="who uses it, e.g. a load balancer's service"),
        Field("url", "URL", "Str", "what uses it"),
    ),
    walk=("consumers", ITEMS),
)
ORDERS = Table(
    "orders",
    (
        Field("id", "order_ref", "Str", "UUID of the order", _last),
        Field("type", type="Str", description="key, asymmetric or certificate"),
        _STATUS,
        Field("secret_id", "secret_ref", "Str", "secret that was made", _last),
        Field("error_reason", type="Str", description="why it failed"),
        _CREATOR,
        _CREATED,
        _UPDATED,
    ),
)


class BarbicanDriver(CloudDriver):
    id = "barbican"
    description = "Secrets, containers and orders of Barbican (OpenStack key manager), never what is secret in them"
    service = "key_manager"
    listings = (
        Listing("/secrets?limit=100", "secrets", (SECRETS,)),
        Listing("/containers?limit=100", "containers", (CONTAINERS, CONTAINED, CONSUMERS)),
        Listing("/orders?limit=100", "orders", (ORDERS,)),
    )
    offered = others.BARBICAN
