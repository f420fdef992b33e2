"""What a Pacemaker cluster says of itself: the XML of `crm_mon`, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from congress.datasources.contract import DriverError
from congress.datasources.listed import Objects
from congress.datasources.translate import Field, Table

CLUSTER = Field("cluster", type="Str", description="name of the cluster, as in the option `clusters`")


def truth(text: str | None) -> bool | None:
    """What Pacemaker writes of a truth value; None when it writes none."""
    return None if text is None else text.lower() in ("true", "yes", "on", "1", "y")


CLUSTERS = Table(
    "clusters",
    (
        Field("name", type="Str", description="name of the cluster, as in the option `clusters`"),
        Field("place", type="Str", description="where it was asked"),
        Field("reachable", type="Bool", description="whether it answered; without an answer the rest is None"),
        Field("problem", type="Str", description="why it did not answer"),
        Field("dc", type="Str", description="the node that coordinates; None while there is none"),
        Field("dc_version", type="Str", description="the release of Pacemaker on that node"),
        Field(
            "quorum", type="Bool", description="whether the part of the node that was asked may act, None without dc"
        ),
        Field("fencing", type="Bool", description="whether nodes are fenced at all (stonith-enabled)"),
        Field("maintenance", type="Bool", description="whether nothing is managed at the moment"),
        Field("no_quorum_policy", type="Str", description="what a part without quorum does: stop, suicide, ..."),
    ),
)
NODES = Table(
    "nodes",
    (
        CLUSTER,
        Field("name", type="Str", description="name of the node"),
        Field("type", type="Str", description="member, remote or guest"),
        Field("online", type="Bool", description="whether it is a member at the moment and runs Pacemaker"),
        Field("usable", type="Bool", description="online and neither standby, pending, unclean nor shutting down"),
        Field("standby", type="Bool", description="whether an operator, or a failure, keeps resources off it"),
        Field("maintenance", type="Bool", description="whether its resources are left alone"),
        Field("pending", type="Bool", description="whether it is still joining"),
        Field("unclean", type="Bool", description="whether it has to be fenced before anything is taken over"),
        Field("shutdown", type="Bool", description="whether it is leaving"),
        Field("is_dc", type="Bool", description="whether it coordinates"),
        Field("feature_set", type="Str", description="what its release of Pacemaker understands; None when offline"),
    ),
)
RESOURCES = Table(
    "resources",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the primitive"),
        Field("node", type="Str", description="where it is active; None in the row of one that is nowhere"),
        Field("role", type="Str", description="Started, Promoted, Unpromoted, Stopped, Starting, ..."),
        Field("active", type="Bool", description="whether it runs"),
        Field("failed", type="Bool", description="whether an operation of it failed, and it was not recovered since"),
        Field("blocked", type="Bool", description="whether the cluster has given up on it, until an operator helps"),
        Field("managed", type="Bool", description="whether the cluster may start and stop it"),
        Field("orphaned", type="Bool", description="whether it runs although the configuration no longer has it"),
        Field("disabled", type="Bool", description="whether an operator had it stopped (target-role)"),
        Field("agent", type="Str", description="class:provider:type"),
        Field("clone", type="Str", description="the clone or bundle that it is an instance of"),
        Field("group", type="Str", description="the group that it belongs to"),
    ),
)
ATTRIBUTES = Table(
    "node_attributes",
    (
        CLUSTER,
        Field("node", type="Str", description="the node"),
        Field("name", type="Str", description="name of the attribute"),
        Field("value", type="Str", description="its value"),
    ),
)
FAILURES = Table(
    "failures",
    (
        CLUSTER,
        Field("resource", type="Str", description="id of the primitive"),
        Field("node", type="Str", description="where it failed"),
        Field("task", type="Str", description="start, stop, monitor, promote, ..."),
        Field("status", type="Str", description="complete, Timed Out, Error, ..."),
        Field("result", type="Str", description="what the agent answered: error, not running, ..."),
        Field("reason", type="Str", description="what the agent said"),
        Field("failed_at", type="Str", description="when, as the cluster writes it"),
    ),
)
FENCING_EVENTS = Table(
    "fencing_events",
    (
        CLUSTER,
        Field("target", type="Str", description="the node that was to be fenced"),
        Field("action", type="Str", description="reboot, off or on"),
        Field("status", type="Str", description="success, failed or pending"),
        Field("is_last", type="Bool", description="whether no later one about this node has ended"),
        Field("delegate", type="Str", description="the node that did it"),
        Field("origin", type="Str", description="the node that asked for it"),
        Field("reason", type="Str", description="why it failed, where Pacemaker tells"),
        Field("completed_at", type="Str", description="when it ended"),
    ),
)
BANS = Table(
    "bans",
    (
        CLUSTER,
        Field("id", type="Str", description="id of the constraint"),
        Field("resource", type="Str", description="the resource that must not run there"),
        Field("node", type="Str", description="the node"),
        Field("promoted_only", type="Bool", description="whether it may run there, but not promoted"),
    ),
)
STATUS = (CLUSTERS, NODES, RESOURCES, ATTRIBUTES, FAILURES, FENCING_EVENTS, BANS)


class _Around(NamedTuple):
    """What a resource is part of."""

    clone: str | None = None
    group: str | None = None
    disabled: bool = False


def status_of(cluster: str, told: Element) -> Objects:
    """The tables of one cluster, `clusters` left out: see `summary`. Raises DriverError."""
    if told.find("nodes") is None or told.find("resources") is None:
        raise DriverError(f"this is no status of crm_mon: {_complaint(told)}")
    rows: dict[str, Iterator[dict[str, Any]]] = {
        NODES.name: (_node(one) for one in told.iterfind("nodes/node")),
        RESOURCES.name: (row for one in told.iterfind("resources/*") for row in _resources(one, _Around())),
        ATTRIBUTES.name: (
            {"node": node.get("name"), **one.attrib}
            for node in told.iterfind("node_attributes/node")
            for one in node.iterfind("attribute")
        ),
        FAILURES.name: (_failure(one) for one in told.iterfind("failures/failure")),
        FENCING_EVENTS.name: _fencing(told),
        BANS.name: ({**one.attrib, "promoted_only": _ban_of_promoted(one)} for one in told.iterfind("bans/ban")),
    }
    return {name: [{"cluster": cluster, **row} for row in found] for name, found in rows.items()}


def summary(told: Element) -> Mapping[str, Any]:
    """What `clusters` says of a cluster that answered."""
    dc = told.find("summary/current_dc")
    dc = Element("current_dc") if dc is None else dc
    options = told.find("summary/cluster_options")
    options = Element("cluster_options") if options is None else options
    present = truth(dc.get("present"))
    return {
        "dc": dc.get("name") if present else None,
        "dc_version": dc.get("version") if present else None,
        "quorum": truth(dc.get("with_quorum")),
        "fencing": truth(options.get("fencing-enabled", options.get("stonith-enabled"))),
        "maintenance": truth(options.get("maintenance-mode")),
        "no_quorum_policy": options.get("no-quorum-policy"),
    }


def _complaint(told: Element) -> str:
    status = told.find("status")
    said = [one.text for one in told.iterfind("status/errors/error") if one.text]
    said += [status.get("message", "")] if status is not None else []
    return "; ".join(filter(None, said)) or f"it is <{told.tag}>"


def _node(one: Element) -> dict[str, Any]:
    # "online" alone is also said of a node that is just going away, or about which the others are not yet sure.
    names = ("online", "maintenance", "pending", "unclean", "shutdown", "is_dc")
    states = {name: truth(one.get(name)) for name in names}
    standby = bool(truth(one.get("standby")) or truth(one.get("standby_onfail")))
    usable = states["online"] and not (standby or any(states[name] for name in ("pending", "unclean", "shutdown")))
    known = one.get("feature_set") if states["online"] else None
    return {**one.attrib, **states, "standby": standby, "usable": bool(usable), "feature_set": known}


def _resources(one: Element, around: _Around) -> Iterator[dict[str, Any]]:
    """The instances in a resource, a row for each node that one is on."""
    if one.tag == "resource":
        yield from _instance(one, around)
        return
    disabled = around.disabled or bool(truth(one.get("disabled")))
    if one.tag in ("clone", "bundle"):
        around = around._replace(clone=one.get("id"), disabled=disabled)
    elif one.tag == "group":
        # An instance of a cloned group is called `group:number`.
        around = around._replace(group=str(one.get("id")).partition(":")[0], disabled=disabled)
    for part in one:
        yield from _resources(part, around)


def _instance(one: Element, around: _Around) -> Iterator[dict[str, Any]]:
    name = str(one.get("id"))
    row: dict[str, Any] = {
        "id": name.partition(":")[0] if around.clone else name,
        "role": one.get("role"),
        "agent": one.get("resource_agent"),
        "clone": around.clone,
        "group": around.group,
        "disabled": around.disabled or one.get("target_role", "").lower() == "stopped",
    }
    row |= {name: truth(one.get(name)) for name in ("active", "failed", "blocked", "managed", "orphaned")}
    nodes = [node.get("name") for node in one.iterfind("node")]
    for node in nodes or [None]:
        yield {**row, "node": node}


def _failure(one: Element) -> dict[str, Any]:
    # An operation that failed is named `resource_task_interval`.
    resource = one.get("resource") or str(one.get("op_key", "")).rsplit("_", 2)[0]
    return {
        **one.attrib,
        "resource": resource.partition(":")[0],
        "result": one.get("exitstatus"),
        "reason": one.get("exitreason") or None,
        "failed_at": one.get("last-rc-change"),
    }


def _fencing(told: Element) -> Iterator[dict[str, Any]]:
    """The latest is told first."""
    ended: set[str] = set()
    for one in told.iterfind("fence_history/fence_event"):
        target, status = str(one.get("target")), one.get("status")
        yield {
            **one.attrib,
            "is_last": target not in ended,
            "reason": one.get("exit-reason"),
            "completed_at": one.get("completed"),
        }
        if status != "pending":
            ended.add(target)


def _ban_of_promoted(one: Element) -> bool | None:
    return truth(one.get("promoted-only", one.get("master_only")))
