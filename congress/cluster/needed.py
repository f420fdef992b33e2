"""Which secrets a deployment needs: those that are marked in what is generated, and those that services name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from congress.cluster.deployment import Cluster, Tls
from congress.cluster.render.corosync import key_secret
from congress.cluster.render.system import remote_secret
from congress.cluster.secrets import names


def needed_secrets(clusters: tuple[Cluster, ...], tls: Tls | None) -> frozenset[str]:
    """The names of all of them."""
    found = {name for text in _texts(clusters) for name in names(text)}
    for cluster in clusters:
        for placed in cluster.services:
            declaration = placed.declaration
            found |= {*declaration.secrets}
            found |= {database.password for database in declaration.databases}
            found |= {account.password for account in declaration.broker_accounts}
        found.add(key_secret(cluster))
        if any(node.remote for node in cluster.nodes):
            found.add(remote_secret(cluster))
    if tls is not None:
        found |= {name for name in (tls.certificate, tls.key, tls.authority) if name is not None}
    return frozenset(found)


def _texts(value: object) -> Iterator[str]:
    """All texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
