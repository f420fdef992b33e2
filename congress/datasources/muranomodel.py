"""What a Murano environment consists of: its object model, flattened into objects, properties and relationships.

An object is a mapping whose member `?` says its `id` and `type`; it stands where it is used. A source of facts:
https://docs.openstack.org/murano/latest/reference/appendix/articles/specification/murano-api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

ENVIRONMENT, APPLICATION = "io.murano.Environment", "io.murano.Application"
INSTANCE, OBJECT = "io.murano.resources.Instance", "io.murano.Object"
_DEEPEST = 100
_SHOWN = frozenset({"id", "name", "status", "tenant_id", "created", "updated", "version", "description_text"})
"""Members of an environment that are properties of it."""


class Found(NamedTuple):
    """An object with the id of what it stands in, and whether it is an application of an environment."""

    id: str
    owner: str
    type: str
    members: Mapping[str, Any]
    application: bool


def objects(environment: Any) -> list[dict[str, Any]]:
    """The environment and every object in it."""
    return [{"object_id": one.id, "owner_id": one.owner, "type": one.type} for one in _all(environment)]


def parent_types(environment: Any) -> list[dict[str, Any]]:
    """The types of every object as far as the model tells them: its own, what it is as a part, and the common one."""
    return [{"id": one.id, "parent_type": kind} for one in _all(environment) for kind in sorted(_types(one))]


def states(environment: Any) -> list[dict[str, Any]]:
    """The state of the environment."""
    return [{"id": one.id, "state": one.members.get("status")} for one in _all(environment) if one.type == ENVIRONMENT]


def properties(environment: Any) -> list[dict[str, Any]]:
    """What objects say of themselves; parts of a structure are joined by dots, items of a list share a name."""
    found = []
    for one in _all(environment):
        for name, member in one.members.items():
            if one.type != ENVIRONMENT or name in _SHOWN:
                found += [{"owner_id": one.id, "name": place, "value": cell} for place, cell in _cells(name, member, 0)]
    return found


def relationships(environment: Any) -> list[dict[str, Any]]:
    """Which object uses which, and as what."""
    return [{"source_id": source, "target_id": target, "name": name} for source, target, name in _uses(environment)]


def connected(environment: Any) -> list[dict[str, Any]]:
    """Which object uses which, directly or through others."""
    next_to: dict[str, set[str]] = {}
    for source, target, _name in _uses(environment):
        next_to.setdefault(source, set()).add(target)
    found = []
    for source, reached in next_to.items():
        seen: set[str] = set()
        ahead = list(reached)
        while ahead:
            one = ahead.pop()
            if one not in seen:
                seen.add(one)
                ahead += next_to.get(one, ())
        found += [{"source_id": source, "target_id": target} for target in sorted(seen)]
    return found


def action_ids(environment: Any, identity: str, name: str) -> list[str]:
    """The ids of the enabled actions of that name that the object has."""
    found = (_mapping(one.members.get("?")) for one in _all(environment) if one.id == identity)
    actions = (item for one in found for item in _mapping(one.get("_actions")).items())
    return [
        str(key) for key, one in actions if _mapping(one).get("name") == name and _mapping(one).get("enabled", True)
    ]


def _all(environment: Any) -> Iterator[Found]:
    whole = _mapping(environment)
    identity = whole.get("id")
    if not isinstance(identity, str):
        return
    yield Found(identity, str(whole.get("tenant_id")), ENVIRONMENT, whole, application=False)
    services = whole.get("services")
    for one in services if isinstance(services, list) else ():
        yield from _within(one, identity, 0, application=True)


def _within(place: Any, owner: str, depth: int, *, application: bool = False) -> Iterator[Found]:
    if depth > _DEEPEST:
        return
    if isinstance(place, list):
        for one in place:
            yield from _within(one, owner, depth + 1)
    head = _head(place)
    if head:
        yield Found(head["id"], owner, str(head.get("type")).partition("/")[0], place, application)
        owner = head["id"]
    for name, member in _mapping(place).items():
        if name != "?":
            yield from _within(member, owner, depth + 1)


def _uses(environment: Any) -> Iterator[tuple[str, str, str]]:
    known = {one.id for one in _all(environment)}
    for one in _all(environment):
        for name, member in one.members.items():
            if name not in ("?", "id"):
                yield from ((one.id, target, name) for target in _targets(member, known, 0) if target != one.id)


def _targets(member: Any, known: set[str], depth: int) -> Iterator[str]:
    """Objects that a member is, has in it, or names by their ids."""
    head = _head(member)
    if head:
        yield head["id"]
    elif isinstance(member, str) and member in known:
        yield member
    elif depth < _DEEPEST:
        parts = member if isinstance(member, list) else _mapping(member).values()
        for one in parts:
            yield from _targets(one, known, depth + 1)


def _cells(name: str, member: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if _head(member) or depth > _DEEPEST or name == "?":
        return
    if isinstance(member, Mapping):
        for inner, one in member.items():
            yield from _cells(f"{name}.{inner}", one, depth + 1)
    elif isinstance(member, list):
        for one in member:
            yield from _cells(name, one, depth + 1)
    else:
        yield name, member


def _types(one: Found) -> set[str]:
    found = {one.type, OBJECT}
    if one.application:
        found.add(APPLICATION)
    if one.type.startswith("io.murano.resources.") and one.type.endswith("Instance"):
        found.add(INSTANCE)
    return found


def _head(place: Any) -> Mapping[str, Any]:
    head = _mapping(_mapping(place).get("?"))
    return head if isinstance(head.get("id"), str) else {}


def _mapping(place: Any) -> Mapping[str, Any]:
    return place if isinstance(place, Mapping) else {}
