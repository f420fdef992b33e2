"""Who reads files, and what lets each read them again: `notify` of a file names readers."""

from __future__ import annotations

from dataclasses import dataclass

from congress.cluster.deployment import Cluster, Placed
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.pacemaker.resources import Clone, Resource
from congress.cluster.plan.steps import Action, Script, UnitAction
from congress.cluster.render import rabbitmq
from congress.cluster.render.system import SYSCTL
from congress.cluster.services.messaging import COOKIE_READER, SERVER

FIRST = ("systemd", "sysctl")
"""Readers that are there before any cluster runs."""

MEMBERSHIP = ("corosync",)
AT_START_ONLY = ("corosync-key", "pacemaker-key")
"""What these read can change only while the cluster manager is stopped on all nodes."""

AT_ONCE = {COOKIE_READER: SERVER.name}
"""Readers of a key that members show each other, and the units that read it when they start: all of them stop before
the first one starts with another key."""


def again(reader: str, node: str) -> Action:
    """What lets a reader that is no resource read again, on its node."""
    match reader:
        case "systemd":
            return UnitAction(node, "daemon-reload", "")
        case "sysctl":
            return Script(node, f"sysctl --quiet --load={SYSCTL}")
        case "corosync":
            return Script(node, "corosync-cfgtool -R")
        case "haproxy":
            # The old processes end when their connections do: nobody is cut off.
            return UnitAction(node, "reload-or-restart", "haproxy")
        case rabbitmq.READER:
            return Script(node, f"rabbitmqctl -q import_definitions {rabbitmq.PATH}")
        case _:
            return UnitAction(node, "reload-or-restart", reader)


@dataclass(frozen=True, slots=True)
class Owner:
    """The service whose resource a reader is; `resource` None: it reads without a restart, or with all others."""

    placed: Placed
    resource: Resource | None


def owner(cluster: Cluster, reader: str) -> Owner | None:
    """Whose reader it is, by the name of a resource or of its unit; None: of nobody that Pacemaker runs."""
    for placed in cluster.services:
        for resource in placed.declaration.resources:
            for primitive in primitives([resource]):
                if reader in (resource.id, primitive.id, primitive.unit):
                    quiet = reader == "haproxy"
                    return Owner(placed, None if quiet else resource)
        if reader in (rabbitmq.READER, *AT_ONCE) and placed.service == rabbitmq.SERVICE:
            return Owner(placed, None)
    return None


def is_unit_of_systemd(cluster: Cluster, reader: str) -> bool:
    """Whether a reader runs on its node whatever the cluster does."""
    return owner(cluster, reader) is None and reader not in (*FIRST, *MEMBERSHIP, *AT_START_ONLY)


def restart(resource: Resource, node: str) -> Action:
    """Restart a resource on one node, or where it is when it is on one node only."""
    where = f" --node={node}" if isinstance(resource, Clone) else ""
    return Script(node, f"crm_resource --restart --resource={resource.id}{where} --timeout=300s", timeout=360.0)
