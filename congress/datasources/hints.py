"""What the notifications of OpenStack services concern: which group of tables, and which object of it.

A service sends them to its message bus whenever something changes (oslo.messaging notifications). They are taken as
hints only: what they say of the object is not believed, the service is asked. Types and payloads as documented in
https://docs.openstack.org/nova/latest/admin/notifications.html and https://docs.openstack.org/keystone/latest/
advanced-topics/event_notifications.html, for the others as their current releases send them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

LONGEST_ID = 255


class Hint(NamedTuple):
    """Events whose type begins with `prefix` concern `group`; `ids`: paths in the payload, any of which holds
    the object's id (of each item, where one leads through a list). Without ids nobody knows which object it is."""

    prefix: str
    group: str
    ids: tuple[str, ...] = ()


def _neutron(resource: str, group: str, *more: str) -> Hint:
    return Hint(f"{resource}.", group, (f"{resource}/id", f"{resource}_id", f"{resource}s/id", *more))


def _keystone(resource: str) -> Hint:
    return Hint(f"identity.{resource}.", f"{resource}s", ("resource_info", "target/id"))


NOVA: Final = (
    Hint("instance.", "servers", ("nova_object.data/uuid",)),
    Hint("compute.instance.", "servers", ("instance_id",)),
    Hint("flavor.", "flavors", ("nova_object.data/flavorid",)),
    Hint("service.", "services"),
    Hint("compute_node.", "hypervisors"),
)
NEUTRON: Final = (
    _neutron("network", "networks"),
    _neutron("subnet", "subnets"),
    _neutron("port", "ports"),
    _neutron("router", "routers"),
    Hint("router.interface.", "ports", ("router_interface/port_id",)),
    Hint("router.interface.", "routers", ("router_interface/id",)),
    _neutron("floatingip", "floating_ips"),
    _neutron("security_group", "security_groups"),
    Hint(
        "security_group_rule.",
        "security_groups",
        ("security_group_rule/security_group_id", "security_group_rules/security_group_id"),
    ),
)
CINDER: Final = (Hint("volume.", "volumes", ("volume_id",)), Hint("snapshot.", "snapshots", ("snapshot_id",)))
GLANCE: Final = (Hint("image.", "images", ("id", "image_id")),)
KEYSTONE: Final = tuple(_keystone(each) for each in ("user", "project", "role", "domain"))

_IGNORED: Final = (".start", ".exists")
"""What is only about to happen, and the periodic reports about everything that there is."""


def concerned(hints: Iterable[Hint], event_type: str, payload: Any) -> Iterator[tuple[str, str | None]]:
    """Group and id of each object that an event concerns; the id is None where the payload does not say it."""
    if event_type.endswith(_IGNORED):
        return
    for hint in _longest(hints, event_type):
        found = dict.fromkeys(each for path in hint.ids for each in _values(payload, path.split("/")))
        yield from ((hint.group, each) for each in found or (None,))


def _longest(hints: Iterable[Hint], event_type: str) -> list[Hint]:
    """Those with the most specific prefix: what happened to a router's interface is not about the router's id."""
    fitting = [hint for hint in hints if event_type.startswith(hint.prefix)]
    longest = max((len(hint.prefix) for hint in fitting), default=0)
    return [hint for hint in fitting if len(hint.prefix) == longest]


def _values(place: Any, path: list[str]) -> Iterator[str]:
    if isinstance(place, list):
        for item in place:
            yield from _values(item, path)
    elif not path:
        if isinstance(place, str) and 0 < len(place) <= LONGEST_ID:
            yield place
    elif isinstance(place, Mapping):
        yield from _values(place.get(path[0]), path[1:])
