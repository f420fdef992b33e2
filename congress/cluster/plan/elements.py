"""A cluster's configuration in parts that can be compared: each with its path and what stands for its content.

The same parts are found in what is wanted and in what `cibadmin --query` tells of a running cluster, where Pacemaker
adds properties of its own and members keep attributes as `standby`; those are none of a plan's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from xml.etree.ElementTree import Element

from congress.cluster import secrets
from congress.cluster.plan.splicing import PROPERTIES, SECTIONS, canonical
from congress.cluster.plan.state import digest


def elements(configuration: Element) -> Mapping[str, str]:
    """Path -> digest of each part of a `<configuration>`."""
    return dict(_elements(configuration))


def _elements(configuration: Element) -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        for child in configuration.findall(f"{section}/*"):
            yield f"{section}/{child.get('id')}", digest(canonical(child))
    for pair in configuration.findall(f"crm_config/cluster_property_set[@id='{PROPERTIES}']/nvpair"):
        if pair.get("name") != "maintenance-mode":
            yield f"properties/{pair.get('name')}", digest(pair.get("value", ""))
    for pair in configuration.findall("rsc_defaults/meta_attributes/nvpair"):
        yield f"defaults/{pair.get('name')}", digest(pair.get("value", ""))
    for node in configuration.findall("nodes/node"):
        for pair in node.findall(f"instance_attributes[@id='nodes-{node.get('uname')}']/nvpair"):
            if pair.get("name") != "standby":
                yield f"nodes/{node.get('uname')}/{pair.get('name')}", digest(pair.get("value", ""))


def filled(element: Element, value: Callable[[str], str]) -> Element:
    """A copy in which marks of secrets are replaced by the secrets."""
    copy = deepcopy(element)
    for pair in copy.iter("nvpair"):
        pair.set("value", secrets.filled(pair.get("value", ""), value))
    return copy
