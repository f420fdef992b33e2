"""Puts a wanted configuration into a running cluster without touching what is Pacemaker's or its members' own.

A program, too, of the standard library alone, that a playbook runs on a member: it reads the wanted `<configuration>`
from standard input and says whether it changed anything. `--add` adds what is missing, and changes and removes nothing.
"""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement, canonicalize, fromstring, tostring

PROPERTIES = "cluster"
"""The id of the set of properties that is ours; Pacemaker's own is another."""

SECTIONS = ("resources", "constraints", "fencing-topology")
_OURS = ("crm_config", *SECTIONS, "rsc_defaults")


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


def merged(live: str, wanted: Element) -> str:
    """The same, but resources, constraints and fencing levels that are not wanted stay until another time."""
    root = fromstring(live)  # noqa: S314 - what the cluster's own tool says
    more = deepcopy(wanted)
    for section in SECTIONS:
        kept = root.find(section)
        if kept is None or len(kept) == 0:
            continue
        into = more.find(section)
        if into is None:
            into = SubElement(more, section)
        known = {child.get("id") for child in into}
        into.extend(deepcopy(child) for child in kept if child.get("id") not in known)
    return spliced(live, more)


def added(live: str, wanted: Element) -> str:
    """A running cluster's `<configuration>` with those of our parts that it lacks."""
    root = fromstring(live)  # noqa: S314 - what the cluster's own tool says
    for section in _OURS:
        for new in wanted.findall(section):
            present = root.find(section)
            if present is None:
                present = SubElement(root, section)
            known = {child.get("id") for child in present}
            present.extend(deepcopy(child) for child in new if child.get("id") not in known)
    return tostring(root, encoding="unicode")


def canonical(element: Element) -> str:
    """The same text for the same content, however it is laid out."""
    copy = deepcopy(element)
    copy.tail = None
    return canonicalize(tostring(copy, encoding="unicode"), strip_text=True)


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
    for node in nodes:
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


def main(arguments: list[str]) -> int:
    wanted = fromstring(sys.stdin.read())  # noqa: S314 - what the operator's own tool wrote
    scope = ["--scope", "configuration"]
    asked = subprocess.run(["cibadmin", "--query", *scope], capture_output=True, text=True)  # noqa: S603, S607
    if asked.returncode:
        sys.stderr.write(asked.stderr)
        return asked.returncode
    live = asked.stdout
    new = added(live, wanted) if "--add" in arguments else spliced(live, wanted)
    if canonical(fromstring(new)) == canonical(fromstring(live)):  # noqa: S314
        print("the same")
        return 0
    command = ["cibadmin", "--replace", *scope, "--xml-pipe"]
    replaced = subprocess.run(command, input=new, capture_output=True, text=True)  # noqa: S603
    sys.stderr.write(replaced.stderr)
    if replaced.returncode == 0:
        print("changed")
    return replaced.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
