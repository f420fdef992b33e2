"""One cluster's configuration as Pacemaker's own XML, the Cluster Information Base (Pacemaker Explained, chapter 2).

The schema and feature set that are named are ones which every Pacemaker since 2.1.5 reads; newer ones upgrade them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from congress.cluster.pacemaker.resources import (
    INFINITY,
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

FEATURES = "3.16.1"
SCHEMA = "pacemaker-3.9"
REMOTE = "ocf:pacemaker:remote"


def cib(configuration: Configuration) -> Element:
    """A `<cib>` with the configuration and an empty status, as `crm_verify` and `cibadmin --replace` take it."""
    root = Element(
        "cib",
        {
            "crm_feature_set": FEATURES,
            "validate-with": SCHEMA,
            "admin_epoch": "0",
            "epoch": "1",
            "num_updates": "0",
            "have-quorum": "1",
        },
    )
    root.append(configuration_element(configuration))
    SubElement(root, "status")
    return root


def cib_text(configuration: Configuration) -> str:
    """The same as an indented text that ends with a newline."""
    root = cib(configuration)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def configuration_element(configuration: Configuration) -> Element:
    """The `<configuration>` alone."""
    root = Element("configuration")
    options = SubElement(root, "crm_config")
    _named_values(SubElement(options, "cluster_property_set", id="cluster"), configuration.properties)
    root.append(_nodes(configuration))
    resources = SubElement(root, "resources")
    resources.extend(_primitive(device) for device in configuration.fencing)
    resources.extend(_resource(resource) for resource in configuration.resources)
    constraints = SubElement(root, "constraints")
    constraints.extend(_constraint(constraint) for constraint in configuration.constraints)
    if configuration.levels:
        topology = SubElement(root, "fencing-topology")
        topology.extend(_level(level) for level in configuration.levels)
    if configuration.resource_defaults:
        defaults = SubElement(root, "rsc_defaults")
        _named_values(SubElement(defaults, "meta_attributes", id="resource-defaults"), configuration.resource_defaults)
    return root


def milliseconds(seconds: float) -> int:
    """What Pacemaker calls an operation by: its interval in whole milliseconds."""
    return round(seconds * 1000)


def duration(seconds: float) -> str:
    """A time as Pacemaker and pcs write it."""
    whole = milliseconds(seconds)
    return f"{whole}ms" if whole % 1000 else f"{whole // 1000}s"


def score(value: int) -> str:
    if abs(value) >= INFINITY:
        return "INFINITY" if value > 0 else "-INFINITY"
    return str(value)


def remotes(configuration: Configuration) -> tuple[Primitive, ...]:
    """The nodes that Pacemaker reaches through pacemaker_remote."""
    return tuple(
        resource for resource in configuration.resources if isinstance(resource, Primitive) and resource.agent == REMOTE
    )


def clone_meta(clone: Clone) -> dict[str, str]:
    """A clone's meta attributes, its defaults left out; `interleave` always, since its default surprises."""
    meta = {"interleave": _boolean(clone.interleave)}
    if clone.ordered:
        meta["ordered"] = "true"
    if clone.notify:
        meta["notify"] = "true"
    if clone.promotable:
        meta |= {"promotable": "true", "promoted-max": str(clone.promoted_max)}
    if clone.clone_max is not None:
        meta["clone-max"] = str(clone.clone_max)
    if clone.globally_unique:
        meta["globally-unique"] = "true"
    return meta


def _nodes(configuration: Configuration) -> Element:
    root = Element("nodes")
    for number, name in enumerate(configuration.nodes, 1):
        node = SubElement(root, "node", id=str(number), uname=name)
        _attributes(node, name, configuration.attributes)
    for remote in remotes(configuration):
        if remote.id in configuration.attributes:
            node = SubElement(root, "node", id=remote.id, uname=remote.id, type="remote")
            _attributes(node, remote.id, configuration.attributes)
    return root


def _attributes(node: Element, name: str, attributes: Mapping[str, Mapping[str, str]]) -> None:
    if attributes.get(name):
        _named_values(SubElement(node, "instance_attributes", id=f"nodes-{name}"), attributes[name])


def _resource(resource: Resource) -> Element:
    match resource:
        case Primitive():
            return _primitive(resource)
        case Clone():
            root = Element("clone", id=resource.id)
            _named_values(SubElement(root, "meta_attributes", id=f"{resource.id}-meta"), clone_meta(resource))
            root.append(_primitive(resource.primitive))
            return root
        case Group():
            root = Element("group", id=resource.id)
            root.extend(_primitive(member) for member in resource.members)
            return root


def _primitive(primitive: Primitive) -> Element:
    agent = primitive.agent.split(":")
    root = Element("primitive", {"id": primitive.id, "class": agent[0]})
    if len(agent) == 3:
        root.set("provider", agent[1])
    root.set("type", agent[-1])
    if primitive.parameters:
        _named_values(SubElement(root, "instance_attributes", id=f"{primitive.id}-parameters"), primitive.parameters)
    if primitive.meta:
        _named_values(SubElement(root, "meta_attributes", id=f"{primitive.id}-meta"), primitive.meta)
    if primitive.operations:
        operations = SubElement(root, "operations")
        operations.extend(_operation(primitive.id, operation) for operation in primitive.operations)
    return root


def _operation(resource: str, operation: Operation) -> Element:
    interval = duration(operation.interval)
    root = Element(
        "op",
        id=f"{resource}-{operation.name}-{interval}",
        name=operation.name,
        interval=interval,
        timeout=duration(operation.timeout),
    )
    if operation.role:
        root.set("role", operation.role)
    if operation.on_fail:
        root.set("on-fail", operation.on_fail)
    return root


def _constraint(constraint: Constraint) -> Element:
    match constraint:
        case Order():
            return _order(constraint)
        case Colocation():
            root = Element(
                "rsc_colocation",
                {
                    "id": constraint.id,
                    "rsc": constraint.resource,
                    "with-rsc": constraint.with_,
                    "score": score(constraint.score),
                },
            )
            if constraint.with_role:
                root.set("with-rsc-role", constraint.with_role)
            return root
        case Location():
            return _location(constraint)


def _order(order: Order) -> Element:
    root = Element("rsc_order", {"id": order.id, "first": order.first, "then": order.then, "kind": order.kind})
    if order.first_action != "start":
        # The action of `then` would otherwise be the same as that of `first`.
        root.set("first-action", order.first_action)
        root.set("then-action", "start")
    if not order.symmetrical:
        root.set("symmetrical", "false")
    if not order.require_all:
        root.set("require-all", "false")
    return root


def _location(location: Location) -> Element:
    root = Element("rsc_location", id=location.id, rsc=location.resource)
    if location.discovery:
        root.set("resource-discovery", location.discovery)
    if location.attribute:
        name, value = location.attribute
        rule = SubElement(root, "rule", id=f"{location.id}-rule", score=score(location.score))
        SubElement(rule, "expression", id=f"{location.id}-where", attribute=name, operation="eq", value=value)
    else:
        root.set("node", location.node or "")
        root.set("score", score(location.score))
    return root


def _level(level: FencingLevel) -> Element:
    return Element(
        "fencing-level",
        id=f"level-{level.target}-{level.index}",
        target=level.target,
        index=str(level.index),
        devices=",".join(level.devices),
    )


def _named_values(parent: Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        SubElement(parent, "nvpair", id=f"{parent.get('id')}-{name}", name=name, value=value)


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def primitives(resources: Iterable[Resource]) -> tuple[Primitive, ...]:
    """All primitives, those inside of clones and groups, too."""
    found: list[Primitive] = []
    for resource in resources:
        match resource:
            case Primitive():
                found.append(resource)
            case Clone():
                found.append(resource.primitive)
            case Group():
                found.extend(resource.members)
    return tuple(found)
