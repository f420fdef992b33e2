"""Files with the state of a cluster, a `<cib>` each, as `crm_simulate` writes and reads them, and what it leaves to be
noted in them; https://clusterlabs.org/projects/pacemaker/doc/ has the format.

Some of it is found in the text: to parse the state of a large cluster takes as long as to simulate a failure in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement

HEAD = re.compile(r"<cib\b[^>]*>")
QUORUM = re.compile(r' (have-quorum|no-quorum-panic)="[^"]*"')
NODE = re.compile(r"<node_state\b[^>]*>")
FAILURES = re.compile(r'<nvpair\b[^>]* name="(fail-count-[^"]*)" value="([^"]*)"')
NAME = re.compile(r' uname="([^"]*)"')


def with_quorum(text: str, *, quorate: bool) -> str:
    """The same state, of a cluster with quorum or without."""
    # `crm_simulate -q` does nothing unless something else is injected, too. `no-quorum-panic` tells of a cluster that
    # had quorum once; without it no-quorum-policy=suicide has no effect.
    said = f' have-quorum="{int(quorate)}" no-quorum-panic="1">'
    return HEAD.sub(lambda head: QUORUM.sub("", head[0])[:-1] + said, text, count=1)


def failure_counts(text: str) -> Iterator[tuple[str, str, str]]:
    """(node, attribute, value) of each count of failures."""
    if "fail-count-" not in text:
        return
    places = [*NODE.finditer(text)]
    ends = [*(place.start() for place in places[1:]), len(text)]
    for place, end in zip(places, ends, strict=True):
        name = NAME.search(place[0])
        for found in FAILURES.finditer(text, place.end(), end):
            yield name[1] if name else "", found[1], found[2]


def has_cancelled(text: str) -> bool:
    """Whether `forget_cancelled` would find something."""
    return ' operation="cancel"' in text


def lacks_promotion_scores(text: str, promotable: Mapping[str, str]) -> bool:
    """Whether `set_promotion_scores` may have something to tell."""
    there = sum(1 for node in NODE.finditer(text) if ' crmd="online"' in node[0])
    return any(text.count(f' name="master-{resource}"') < there for resource in promotable)


def forget_cancelled(state: Element) -> None:
    """Leave out the monitors that were cancelled. `crm_simulate` notes that they were and keeps them, so that it would
    cancel them for ever; an executor forgets both."""
    for history in state.iter("lrm_resource"):
        ended = {op.get("operation_key", "") for op in history if op.get("operation") == "cancel"}
        if ended:
            ended |= {key.replace("_cancel_", "_monitor_") for key in ended}
            for op in [op for op in history if op.get("operation_key") in ended and op.get("interval") != "0"]:
                history.remove(op)


def note_fencing(state: Element, remote: str, *, fenced: bool) -> None:
    """Note what the controller does of a remote node, whose state tells nothing else of its fencing; nothing that it
    ran runs any more. `crm_simulate` leaves it out, and would fence the node for ever."""
    node = state.find(f"status/node_state[@uname='{remote}']")
    if node is None:
        status = state.find("status")
        if status is None:
            return
        node = SubElement(status, "node_state", id=remote, uname=remote, remote_node="true")
    node.set("node_fenced", "1" if fenced else "0")
    if fenced:
        for child in list(node):
            node.remove(child)


def set_promotion_scores(state: Element, promotable: Mapping[str, str]) -> bool:
    """Tell what the agents of promotable resources would: each node that is there may be promoted. `promotable`: the
    primitive's id -> the score. Returns whether anything changed."""
    changed = False
    for node in state.iterfind("status/node_state"):
        if node.get("in_ccm") not in ("true", "1") or node.get("crmd") != "online":
            continue
        values = _transient(node)
        known = {value.get("name") for value in values}
        for resource, score in promotable.items():
            name = f"master-{resource}"
            if name not in known:
                SubElement(values, "nvpair", id=f"{values.get('id')}-{name}", name=name, value=score)
                changed = True
    return changed


def set_attribute(state: Element, node: str, name: str) -> None:
    found = state.find(f"configuration/nodes/node[@uname='{node}']")
    if found is None:
        return
    values = found.find("instance_attributes")
    if values is None:
        values = SubElement(found, "instance_attributes", id=f"nodes-{node}")
    SubElement(values, "nvpair", id=f"nodes-{node}-{name}", name=name, value="on" if name == "standby" else "true")


def _transient(node: Element) -> Element:
    """What the attribute daemon knows about a node until it leaves."""
    values = node.find("transient_attributes/instance_attributes")
    if values is None:
        number = node.get("id", "")
        transient = SubElement(node, "transient_attributes", id=number)
        values = SubElement(transient, "instance_attributes", id=f"status-{number}")
    return values


def never_again(state: Element, node: str, resource: str) -> None:
    """The controller bars a resource from a node where its start failed (start-failure-is-fatal); `crm_simulate` only
    counts one failure."""
    found = state.find(f"status/node_state[@uname='{node}']")
    if found is not None:
        values = _transient(found)
        for name, value in (("fail-count", "INFINITY"), ("last-failure", "1577836800")):
            full = f"{name}-{resource}#start_0"
            SubElement(values, "nvpair", id=f"{values.get('id')}-{full}".replace("#", "."), name=full, value=value)


def forget_failures(state: Element, resource: str) -> None:
    """What the controller does when the scheduler asks it to clear a failure; `crm_simulate` does not."""
    names = tuple(f"{name}-{resource}#" for name in ("fail-count", "last-failure"))
    for values in state.iterfind("status/node_state/transient_attributes/instance_attributes"):
        for value in [value for value in values if (value.get("name") or "").startswith(names)]:
            values.remove(value)
    for history in state.iter("lrm_resource"):
        if history.get("id") == resource:
            for op in [op for op in history if op.get("id") == f"{resource}_last_failure_0"]:
                history.remove(op)


def set_property(state: Element, name: str) -> None:
    values = state.find("configuration/crm_config/cluster_property_set")
    if values is not None:
        SubElement(values, "nvpair", id=f"cluster-{name}", name=name, value="true")


def begins_anew(state: Element, node: str) -> None:
    """Who comes back runs nothing, and remembers nothing: so does the controller forget. `crm_simulate` does so only of
    nodes that were fenced, and not of those that went when nobody had quorum to fence them."""
    found = state.find(f"status/node_state[@uname='{node}']")
    if found is not None:
        for child in list(found):
            found.remove(child)


def without_fencing(state: Element) -> None:
    """Failing to fence cannot be injected; a cluster whose devices are gone leaves a lost node as it is, too."""
    resources = state.find("configuration/resources")
    constraints = state.find("configuration/constraints")
    topology = state.find("configuration/fencing-topology")
    configuration = state.find("configuration")
    if resources is None or configuration is None:
        return
    gone = {primitive.get("id") for primitive in resources if primitive.get("class") == "stonith"}
    for primitive in [child for child in resources if child.get("id") in gone]:
        resources.remove(primitive)
    for constraint in [child for child in constraints if child.get("rsc") in gone] if constraints is not None else ():
        if constraints is not None:
            constraints.remove(constraint)
    if topology is not None:
        configuration.remove(topology)
    for history in state.iter("lrm_resources"):
        for resource in [child for child in history if child.get("id") in gone]:
            history.remove(resource)


def restore(state: Element, original: Element) -> None:
    """Undo all changes of the configuration."""
    current = state.find("configuration")
    if current is not None:
        place = list(state).index(current)
        state.remove(current)
        state.insert(place, deepcopy(original))
