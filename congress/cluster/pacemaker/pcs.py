"""One cluster's configuration as the `pcs` commands that make it, for people to read and, if they wish, to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping

from congress.cluster.pacemaker.cib import clone_meta, duration, score
from congress.cluster.pacemaker.resources import (
    Clone,
    Colocation,
    Configuration,
    Constraint,
    FencingLevel,
    Group,
    Location,
    Operation,
    Order,
    Primitive,
    Resource,
)


def commands(configuration: Configuration) -> tuple[str, ...]:
    """The commands in order, each for one line of a shell. Values may hold marks of secrets."""
    return tuple(shlex.join(words) for words in _all(configuration))


def _all(configuration: Configuration) -> Iterator[list[str]]:
    if configuration.properties:
        yield ["pcs", "property", "set", *_pairs(configuration.properties)]
    if configuration.resource_defaults:
        yield ["pcs", "resource", "defaults", "update", *_pairs(configuration.resource_defaults)]
    for device in configuration.fencing:
        yield ["pcs", "stonith", "create", device.id, device.agent.removeprefix("stonith:"), *_settings(device)]
    for resource in configuration.resources:
        yield from _resource(resource)
    # After the resources: the attributes of remote nodes need those nodes.
    for node, attributes in configuration.attributes.items():
        yield ["pcs", "node", "attribute", node, *_pairs(attributes)]
    for constraint in configuration.constraints:
        yield ["pcs", "constraint", *_constraint(constraint)]
    for level in configuration.levels:
        yield _level(level)


def _resource(resource: Resource) -> Iterator[list[str]]:
    match resource:
        case Primitive():
            yield _create(resource)
        case Clone():
            meta = clone_meta(resource)
            promotable = meta.pop("promotable", None) is not None
            kind = "promotable" if promotable else "clone"
            yield [*_create(resource.primitive), kind, resource.id, *_pairs(meta)]
        case Group():
            yield from (_create(member) for member in resource.members)
            yield ["pcs", "resource", "group", "add", resource.id, *(member.id for member in resource.members)]


def _create(primitive: Primitive) -> list[str]:
    return ["pcs", "resource", "create", primitive.id, primitive.agent, *_settings(primitive)]


def _settings(primitive: Primitive) -> list[str]:
    words = _pairs(primitive.parameters)
    if primitive.operations:
        words += ["op", *(word for operation in primitive.operations for word in _operation(operation))]
    if primitive.meta:
        words += ["meta", *_pairs(primitive.meta)]
    return words


def _operation(operation: Operation) -> list[str]:
    words: list[str] = [operation.name]
    if operation.interval:
        words.append(f"interval={duration(operation.interval)}")
    words.append(f"timeout={duration(operation.timeout)}")
    if operation.role:
        words.append(f"role={operation.role}")
    if operation.on_fail:
        words.append(f"on-fail={operation.on_fail}")
    return words


def _constraint(constraint: Constraint) -> list[str]:
    match constraint:
        case Order():
            words: list[str] = ["order", constraint.first_action, constraint.first, "then", "start", constraint.then]
            words.append(f"kind={constraint.kind}")
            if not constraint.symmetrical:
                words.append("symmetrical=false")
            if not constraint.require_all:
                words.append("require-all=false")
            return [*words, f"id={constraint.id}"]
        case Colocation():
            with_ = [constraint.with_role] if constraint.with_role else []
            return [
                *("colocation", "add", constraint.resource, "with", *with_, constraint.with_),
                *(f"score={score(constraint.score)}", f"id={constraint.id}"),
            ]
        case Location():
            return _location(constraint)


def _location(location: Location) -> list[str]:
    discovery = [f"resource-discovery={location.discovery}"] if location.discovery else []
    if location.attribute:
        name, value = location.attribute
        words = ["location", location.resource, "rule", f"id={location.id}-rule", f"constraint-id={location.id}"]
        return [*words, *discovery, f"score={score(location.score)}", name, "eq", value]
    node = location.node or ""
    if discovery:
        return ["location", "add", location.id, location.resource, node, score(location.score), *discovery]
    verb = "avoids" if location.score < 0 else "prefers"
    return ["location", location.resource, verb, f"{node}={score(abs(location.score))}"]


def _level(level: FencingLevel) -> list[str]:
    return ["pcs", "stonith", "level", "add", str(level.index), level.target, *level.devices]


def _pairs(values: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}={value}" for name, value in dict(values).items()]
