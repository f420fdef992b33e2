"""A cluster's configuration in parts that can be compared: each with its path and what stands for its content.

The same parts are found in what is wanted and in what `cibadmin --query` tells of a running cluster, where Pacemaker
adds properties of its own and members keep attributes as `standby`; those are none of a plan's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement, canonicalize, fromstring, tostring

from congress.cluster import secrets
from congress.cluster.plan.state import digest

PROPERTIES = "cluster"
"""The id of the set of properties that is ours; Pacemaker's own is another."""

_SECTIONS = ("resources", "constraints", "fencing-topology")
_OURS = ("crm_config", *_SECTIONS, "rsc_defaults")


def elements(configuration: Element) -> Mapping[str, str]:
    """Path -> digest of each part of a `<configuration>`."""
    return dict(_elements(configuration))


def _elements(configuration: Element) -> Iterator[tuple[str, str]]:
    for section in _SECTIONS:
        for child in configuration.findall(f"{section}/*"):
            yield f"{section}/{child.get('id')}", digest(_canonical(child))
    for pair in configuration.findall(f"crm_config/cluster_property_set[@id='{PROPERTIES}']/nvpair"):
        if pair.get("name") != "maintenance-mode":
            yield f"properties/{pair.get('name')}", digest(pair.get("value", ""))
    for pair in configuration.findall("rsc_defaults/meta_attributes/nvpair"):
        yield f"defaults/{pair.get('name')}", digest(pair.get("value", ""))
    for node in configuration.findall("nodes/node"):
        for pair in node.findall(f"instance_attributes[@id='nodes-{node.get('uname')}']/nvpair"):
            if pair.get("name") != "standby":
                yield f"nodes/{node.get('uname')}/{pair.get('name')}", digest(pair.get("value", ""))


def spliced(live: str, wanted: Element) -> str:
    """A running cluster's `<configuration>` with our parts as wanted, and the rest as it is.

    `live`: what `cibadmin --query --scope configuration` told. Full members that the cluster does not know yet are
    left out of the result: they make themselves known when they start.
    """
    root = fromstring(live)  # noqa: S314 - what the cluster's own tool says
    for section in _OURS:
        for old in root.findall(section):
            if section == "crm_config":
                _without_ours(old, wanted)
            else:
                root.remove(old)
        for new in wanted.findall(section):
            present = root.find(section)
            if present is None:
                root.append(deepcopy(new))
            else:
                present.extend(deepcopy(child) for child in new)
    _splice_attributes(root, wanted)
    return tostring(root, encoding="unicode")


def filled(element: Element, value: Callable[[str], str]) -> Element:
    """A copy in which marks of secrets are replaced by the secrets."""
    copy = deepcopy(element)
    for pair in copy.iter("nvpair"):
        pair.set("value", secrets.filled(pair.get("value", ""), value))
    return copy


def _without_ours(properties: Element, wanted: Element) -> None:
    ours = {pair.get("name") for pair in wanted.findall("crm_config/cluster_property_set/nvpair")}
    for group in list(properties):
        if group.get("id") == PROPERTIES:
            properties.remove(group)
            continue
        for pair in list(group):
            if pair.get("name") in ours:
                group.remove(pair)


def _splice_attributes(root: Element, wanted: Element) -> None:
    new = {node.get("uname"): node for node in wanted.findall("nodes/node")}
    nodes = root.find("nodes")
    if nodes is None:
        nodes = SubElement(root, "nodes")
    known = {node.get("uname") for node in nodes}
    for name, node in new.items():
        if name not in known and node.get("type") == "remote":
            nodes.append(Element("node", node.attrib))
    for node in root.findall("nodes/node"):
        name = node.get("uname")
        for old in node.findall(f"instance_attributes[@id='nodes-{name}']"):
            for pair in list(old):
                if pair.get("name") != "standby":
                    old.remove(pair)
            if len(old) == 0:
                node.remove(old)
        if name not in new:
            continue
        for attributes in new[name].findall("instance_attributes"):
            present = node.find(f"instance_attributes[@id='{attributes.get('id')}']")
            if present is None:
                node.append(deepcopy(attributes))
            else:
                present.extend(deepcopy(pair) for pair in attributes)


def _canonical(element: Element) -> str:
    copy = deepcopy(element)
    copy.tail = None
    return canonicalize(tostring(copy, encoding="unicode"), strip_text=True)
