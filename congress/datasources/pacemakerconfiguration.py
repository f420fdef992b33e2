"""What a Pacemaker cluster was told to do: its CIB as tables.

Parameters of agents stay out of them, since passwords are among these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from congress.datasources.contract import DriverError
from congress.datasources.listed import Objects
from congress.datasources.masking import HIDDEN, looks_secret
from congress.datasources.pacemakerstatus import CLUSTER, truth
from congress.datasources.translate import Field, Table

PROPERTIES = Table(
    "properties",
    (
        CLUSTER,
        Field("name", type="Str", description="stonith-enabled, no-quorum-policy, ..."),
        Field("value", type="Str", description="its value; hidden where the name sounds like a secret's"),
    ),
)
MEMBERS = Table(
    "configured_nodes",
    (
        CLUSTER,
        Field("name", type="Str", description="a node that the configuration knows"),
        Field("type", type="Str", description="member, remote, or guest: inside of a resource, and fenced with it"),
    ),
)
PRIMITIVES = Table(
    "primitives",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the resource"),
        Field("agent", type="Str", description="class:provider:type"),
        Field("address", type="Str", description="the address that it holds, of resources that do"),
        Field("clone", type="Str", description="the clone around it"),
        Field("group", type="Str", description="the group that it belongs to"),
        Field("monitored", type="Bool", description="whether the cluster looks after it in intervals"),
    ),
)
CLONES = Table(
    "clones",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the clone"),
        Field("primitive", type="Str", description="the resource that is cloned, a row for each one of a group"),
        Field("promotable", type="Bool", description="whether some instances are promoted"),
        Field("promoted_max", type="Int", description="how many at most; None when none are"),
        Field("clone_max", type="Int", description="how many instances at most; None for one on each node"),
        Field("interleave", type="Bool", description="whether instances wait for those of their own node only"),
    ),
)
DEVICES = Table(
    "fencing_devices",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the device"),
        Field("agent", type="Str", description="the fence agent, without its class"),
        Field("decides", type="Str", description="who says which nodes it fences: list, device (it is asked) or any"),
    ),
)
TARGETS = Table(
    "fencing_targets",
    (
        CLUSTER,
        Field("device", type="Str", description="id of the device"),
        Field("node", type="Str", description="a node that its list names"),
    ),
)
LEVELS = Table(
    "fencing_levels",
    (
        CLUSTER,
        Field("target", type="Str", description="the node, the pattern of nodes or the attribute=value that is meant"),
        Field("level", type="Int", description="the lowest one whose devices all work is used"),
        Field("device", type="Str", description="id of the device"),
    ),
)
ORDERS = Table(
    "orders",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the constraint"),
        Field("first", type="Str", description="what goes first"),
        Field("first_action", type="Str", description="start or promote"),
        Field("then", type="Str", description="what follows"),
        Field("kind", type="Str", description="Mandatory, Optional or Serialize"),
    ),
)
COLOCATIONS = Table(
    "colocations",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the constraint"),
        Field("resource", type="Str", description="what depends"),
        Field("with_resource", type="Str", description="where it goes"),
        Field("score", type="Str", description="INFINITY: has to; -INFINITY: must not; a number: rather, or not"),
    ),
)
LOCATIONS = Table(
    "locations",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the constraint"),
        Field("resource", type="Str", description="what is placed"),
        Field("node", type="Str", description="a node by name; None for a rule"),
        Field("attribute", type="Str", description="the attribute of nodes that a rule looks at"),
        Field("value", type="Str", description="what it has to equal"),
        Field("score", type="Str", description="how much better the place is; -INFINITY forbids it"),
        Field("discovery", type="Str", description="exclusive: the resource is on no other nodes"),
    ),
)
CONFIGURATION = (
    PROPERTIES, MEMBERS, PRIMITIVES, CLONES, DEVICES, TARGETS, LEVELS, ORDERS, COLOCATIONS, LOCATIONS
)  # fmt: skip


def configuration_of(cluster: str, cib: Element) -> Objects:
    """The tables of one cluster. Raises DriverError."""
    found = cib if cib.tag == "configuration" else cib.find("configuration")
    if found is None:
        raise DriverError(f"this is no CIB: it is <{cib.tag}>, and has no <configuration>")
    rows: dict[str, Iterator[dict[str, Any]]] = {
        PROPERTIES.name: _properties(found),
        MEMBERS.name: _nodes(found),
        PRIMITIVES.name: (row for one in found.iterfind("resources/*") for row in _primitives(one, {})),
        CLONES.name: (row for one in found.iterfind("resources/*") for row in _clones(one)),
        DEVICES.name: (_device(one) for one in _devices(found)),
        TARGETS.name: ({"device": one.get("id"), "node": node} for one in _devices(found) for node in _targets(one)),
        LEVELS.name: (row for one in found.iterfind("fencing-topology/fencing-level") for row in _level(one)),
        ORDERS.name: (_order(one) for one in found.iterfind("constraints/rsc_order") if one.get("first")),
        COLOCATIONS.name: (_colocation(one) for one in found.iterfind("constraints/rsc_colocation") if one.get("rsc")),
        LOCATIONS.name: (row for one in found.iterfind("constraints/rsc_location") for row in _location(one)),
    }
    return {name: [{"cluster": cluster, **row} for row in each] for name, each in rows.items()}


def _settings(one: Element, kind: str) -> dict[str, str]:
    """Names and values of an element's `meta_attributes` or `instance_attributes`; the first one given counts."""
    found: dict[str, str] = {}
    for pair in one.iterfind(f"{kind}/nvpair"):
        found.setdefault(str(pair.get("name")), pair.get("value", ""))
    return found


def _properties(found: Element) -> Iterator[dict[str, Any]]:
    for pair in found.iterfind("crm_config/cluster_property_set/nvpair"):
        name = pair.get("name", "")
        yield {"name": name, "value": HIDDEN if looks_secret(name) else pair.get("value")}


def _nodes(found: Element) -> Iterator[dict[str, Any]]:
    """Remote nodes need not be among the nodes, and nodes inside of resources are not always called what they are."""
    kinds = {str(node.get("uname")): node.get("type", "member") for node in found.iterfind("nodes/node")}
    for one in found.iterfind("resources//primitive[@type='remote']"):
        if one.get("provider") == "pacemaker":
            kinds[str(one.get("id"))] = "remote"
    kinds |= dict.fromkeys(_guests(found), "guest")
    yield from ({"name": name, "type": kind} for name, kind in kinds.items())


def _guests(found: Element) -> Iterator[str]:
    """The nodes that resources are: virtual machines, and the containers of bundles."""
    for one in found.iterfind("resources//primitive"):
        name = _settings(one, "meta_attributes").get("remote-node")
        if name:
            yield name
    for bundle in found.iterfind("resources/bundle"):
        for container in (part for part in bundle if "image" in part.attrib):
            replicas = _number(container.get("replicas") or container.get("promoted-max")) or 1
            yield from (f"{bundle.get('id')}-{number}" for number in range(replicas))


def _agent(one: Element) -> str:
    return ":".join(filter(None, (one.get("class"), one.get("provider"), one.get("type"))))


def _primitives(one: Element, around: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if one.tag == "primitive":
        monitors = (
            operation.get("name") == "monitor" and operation.get("interval", "0").rstrip("ms") not in ("", "0")
            for operation in one.iterfind("operations/op")
        )
        held = _settings(one, "instance_attributes").get("ip") if str(one.get("type")).startswith("IP") else None
        yield {"id": one.get("id"), "agent": _agent(one), "address": held, "monitored": any(monitors), **around}
        return
    if one.tag in ("clone", "master", "bundle"):
        around = {**around, "clone": one.get("id")}
    elif one.tag == "group":
        around = {**around, "group": one.get("id")}
    for part in one:
        if part.tag in ("primitive", "group"):
            yield from _primitives(part, around)


def _clones(one: Element) -> Iterator[dict[str, Any]]:
    if one.tag not in ("clone", "master"):
        return
    meta = _settings(one, "meta_attributes")
    promotable = one.tag == "master" or bool(truth(meta.get("promotable")))
    most = _number(meta.get("promoted-max", meta.get("master-max", "1"))) if promotable else None
    for primitive in one.iter("primitive"):
        yield {
            "id": one.get("id"),
            "primitive": primitive.get("id"),
            "promotable": promotable,
            "promoted_max": most,
            "clone_max": _number(meta.get("clone-max")),
            "interleave": bool(truth(meta.get("interleave", "false"))),
        }


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text) else None


def _devices(found: Element) -> list[Element]:
    return found.findall("resources//primitive[@class='stonith']")


def _device(one: Element) -> dict[str, Any]:
    settings = _settings(one, "instance_attributes")
    check = settings.get("pcmk_host_check") or ("static-list" if _targets(one) else "dynamic-list")
    decides = {"static-list": "list", "none": "any"}.get(check, "device")
    return {"id": one.get("id"), "agent": one.get("type"), "decides": decides}


def _targets(one: Element) -> list[str]:
    """The nodes of `pcmk_host_list` (with commas, semicolons or blanks) and `pcmk_host_map` (node:port;node:port)."""
    settings = _settings(one, "instance_attributes")
    listed = re.split(r"[\s,;]+", settings.get("pcmk_host_list", ""))
    mapped = (entry.partition(":")[0] for entry in re.split(r"[\s;]+", settings.get("pcmk_host_map", "")))
    return list(dict.fromkeys(filter(None, (*listed, *mapped))))


def _level(one: Element) -> Iterator[dict[str, Any]]:
    attribute = f"{one.get('target-attribute')}={one.get('target-value')}"
    target = one.get("target") or one.get("target-pattern") or attribute
    for device in filter(None, re.split(r"[\s,]+", one.get("devices", ""))):
        yield {"target": target, "level": _number(one.get("index")), "device": device}


def _order(one: Element) -> dict[str, Any]:
    kind = one.get("kind") or ("Optional" if one.get("score") == "0" else "Mandatory")
    return {**one.attrib, "first_action": one.get("first-action", "start"), "kind": kind}


def _colocation(one: Element) -> dict[str, Any]:
    return {
        "id": one.get("id"),
        "resource": one.get("rsc"),
        "with_resource": one.get("with-rsc"),
        "score": one.get("score", "INFINITY"),
    }


def _location(one: Element) -> Iterator[dict[str, Any]]:
    row = {
        "id": one.get("id"),
        "resource": one.get("rsc") or one.get("rsc-pattern"),
        "discovery": one.get("resource-discovery"),
    }
    if one.get("node"):
        yield {**row, "node": one.get("node"), "score": one.get("score")}
    for rule in one.iterfind("rule"):
        equal = rule.find("expression[@operation='eq']")
        compared = {} if equal is None else {"attribute": equal.get("attribute"), "value": equal.get("value")}
        yield {**row, **compared, "score": rule.get("score") or rule.get("score-attribute")}
