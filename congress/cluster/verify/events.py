"""What can happen to a cluster, as `crm_simulate` is told.

An event is told by arguments (`crm_simulate --help`, "Injection Options") or, where there are none, by a change of
the state file: https://clusterlabs.org/projects/pacemaker/doc/ has the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

NOT_RUNNING, ERROR = 7, 1


class Kind(Enum):
    """Each with the sentence that tells it, of `{resource}` and `{node}`."""

    CRASH = "{node} is lost"
    STUCK = "{node} is lost and its fencing does not succeed"
    FENCING_WORKS = "fencing works again"
    LEAVE = "{node} leaves"
    STANDBY = "{node} is put into standby"
    BACK = "{node} comes back"
    MAINTENANCE = "the cluster is put into maintenance"
    NODE_MAINTENANCE = "{node} is put into maintenance"
    RESUME = "standby and maintenance end"
    MONITOR = "{resource} fails on {node}"
    STOP = "{resource} fails on {node} and cannot be stopped"
    START = "{resource} fails on {node} and cannot be started there again"
    PROMOTE = "{resource} fails on {node} and cannot be promoted there again"
    LATER = "enough time passes for the failure of {resource} to be forgotten"
    COLD = "all nodes start"


RESOURCE_KINDS = frozenset((Kind.MONITOR, Kind.STOP, Kind.START, Kind.PROMOTE))


@dataclass(frozen=True, slots=True)
class Event:
    """`interval`: of the monitor that notices, in milliseconds; `instance`: the resource with the number it has."""

    kind: Kind
    node: str = ""
    resource: str = ""
    instance: str = ""
    interval: int = 0

    def __str__(self) -> str:
        return self.kind.value.format(node=self.node, resource=self.resource)

    @property
    def lost(self) -> bool:
        """Whether the node is gone without a word."""
        return self.kind in (Kind.CRASH, Kind.STUCK)

    def arguments(self) -> tuple[str, ...]:
        """For `crm_simulate`."""
        match self.kind:
            case Kind.CRASH | Kind.STUCK:
                return ("-f", self.node)
            case Kind.LEAVE:
                return ("-d", self.node)
            case Kind.BACK:
                return ("-u", self.node)
            case Kind.MONITOR:
                return ("-i", self._result("monitor", self.interval, NOT_RUNNING))
            case Kind.STOP:
                fails = ("-F", self._result("stop", 0, ERROR))
                return ("-i", self._result("monitor", self.interval, ERROR), *fails)
            case Kind.START:
                return ("-i", self._result("start", 0, ERROR))
            case Kind.PROMOTE:
                fails = ("-F", self._result("promote", 0, ERROR))
                return ("-i", self._result("monitor", self.interval, NOT_RUNNING), *fails)
            case _:
                return ()

    def edit(self, state: Element, original: Element) -> None:
        """Change a `<cib>` where there is no argument. `original`: the `<configuration>` of undisturbed times."""
        match self.kind:
            case Kind.STANDBY:
                _attribute(state, self.node, "standby")
            case Kind.NODE_MAINTENANCE:
                _attribute(state, self.node, "maintenance")
            case Kind.MAINTENANCE:
                _property(state, "maintenance-mode")
            case Kind.LATER:
                _forget_failures(state, self.instance or self.resource)
            case Kind.START:
                _never_again(state, self.node, self.instance or self.resource)
            case Kind.STUCK:
                _without_fencing(state)
            case Kind.RESUME | Kind.FENCING_WORKS | Kind.LEAVE:
                restore(state, original)
            case _:
                pass

    def _result(self, operation: str, interval: int, code: int) -> str:
        return f"{self.instance or self.resource}_{operation}_{interval}@{self.node}={code}"


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


def set_quorum(state: Element, quorate: bool) -> None:
    # `crm_simulate -q` does nothing unless something else is injected, too.
    state.set("have-quorum", "1" if quorate else "0")
    # A cluster that had quorum once; without it no-quorum-policy=suicide has no effect.
    state.set("no-quorum-panic", "1")


def _attribute(state: Element, node: str, name: str) -> None:
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


def _never_again(state: Element, node: str, resource: str) -> None:
    """The controller bars a resource from a node where its start failed (start-failure-is-fatal); `crm_simulate` only
    counts one failure."""
    found = state.find(f"status/node_state[@uname='{node}']")
    if found is not None:
        values = _transient(found)
        for name, value in (("fail-count", "INFINITY"), ("last-failure", "1577836800")):
            full = f"{name}-{resource}#start_0"
            SubElement(values, "nvpair", id=f"{values.get('id')}-{full}".replace("#", "."), name=full, value=value)


def _forget_failures(state: Element, resource: str) -> None:
    """What the controller does when the scheduler asks it to clear a failure; `crm_simulate` does not."""
    names = tuple(f"{name}-{resource}#" for name in ("fail-count", "last-failure"))
    for values in state.iterfind("status/node_state/transient_attributes/instance_attributes"):
        for value in [value for value in values if (value.get("name") or "").startswith(names)]:
            values.remove(value)
    for history in state.iter("lrm_resource"):
        if history.get("id") == resource:
            for op in [op for op in history if op.get("id") == f"{resource}_last_failure_0"]:
                history.remove(op)


def _property(state: Element, name: str) -> None:
    values = state.find("configuration/crm_config/cluster_property_set")
    if values is not None:
        SubElement(values, "nvpair", id=f"cluster-{name}", name=name, value="true")


def _without_fencing(state: Element) -> None:
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
