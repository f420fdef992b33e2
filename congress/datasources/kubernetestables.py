"""The tables of Kubernetes' own resources, and where their lists are.

Source: the API reference of Kubernetes, groups core/v1, apps/v1 and networking.k8s.io/v1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table


@dataclass(frozen=True, slots=True)
class Resource:
    """A list of the API and the tables of its objects, root first."""

    path: str
    members: tuple[Table, ...]
    namespaced: bool = True


UID = Field("uid", ("metadata", "uid"), "Str", "id of the object, never used again")
NAME = Field("name", ("metadata", "name"), "Str", "name of the object")
NAMESPACE = Field("namespace", ("metadata", "namespace"), "Str", "namespace of the object")
CREATED = Field("created_at", ("metadata", "creationTimestamp"), "Str", "when it was made, as RFC 3339")
_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?\d+)?)(m|u|n|[kMGTPE]|[KMGTPE]i)?")
_SCALES = {
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    **{letter: 1000 ** (place + 1) for place, letter in enumerate("kMGTPE")},
    **{f"{letter}i": 1024 ** (place + 1) for place, letter in enumerate("KMGTPE")},
}


def _uid(metadata: Any) -> Any:
    return metadata.get("uid") if isinstance(metadata, dict) else None


OF = Field("uid", Root("metadata"), "Str", "the object", _uid)


def quantity(text: Any) -> Any:
    """The number that a quantity such as 250m or 4Gi is; what is none stays as it is."""
    found = _QUANTITY.fullmatch(str(text))
    try:
        number = float(found[1]) * _SCALES.get(found[2] or "", 1) if found else None
    except (ValueError, OverflowError):
        number = None
    if number is None:
        return text
    return int(number) if number.is_integer() else number


def status_of(condition: str) -> Any:
    """What the condition of this type says: True, False or Unknown."""

    def convert(conditions: Any) -> Any:
        for one in conditions if isinstance(conditions, list) else ():
            if isinstance(one, dict) and one.get("type") == condition:
                return one.get("status")
        return None

    return convert


def _labels(table: str) -> Table:
    fields = (OF, Field("key", KEY, "Str", "name of the label"), Field("value", SELF, "Str", "its value"))
    return Table(f"{table}.labels", fields, walk=("metadata", "labels", ENTRIES))


def _number(column: str, *source: str, description: str) -> Field:
    return Field(column, source, "Int", description)


_NODES = (
    Table(
        "nodes",
        (
            UID,
            NAME,
            Field("ready", ("status", "conditions"), "Str", "True, False or Unknown", status_of("Ready")),
            Field("unschedulable", ("spec", "unschedulable"), "Str", "True when it takes no new pods; else None"),
            Field("cpus", ("status", "capacity", "cpu"), "Scalar", "processors", quantity),
            Field("memory", ("status", "capacity", "memory"), "Scalar", "bytes", quantity),
            Field("kubelet", ("status", "nodeInfo", "kubeletVersion"), "Str", "release of the kubelet"),
            Field("os_image", ("status", "nodeInfo", "osImage"), "Str", "its operating system"),
            CREATED,
        ),
    ),
    _labels("nodes"),
    Table(
        "nodes.addresses",
        (OF, Field("type", type="Str", description="InternalIP, Hostname, ..."), Field("address", type="Str")),
        walk=("status", "addresses", ITEMS),
    ),
    Table(
        "nodes.taints",
        (OF, Field("key", type="Str"), Field("value", type="Str"), Field("effect", type="Str")),
        walk=("spec", "taints", ITEMS),
    ),
    Table(
        "nodes.conditions",
        (OF, Field("type", type="Str"), Field("status", type="Str"), Field("reason", type="Str")),
        walk=("status", "conditions", ITEMS),
    ),
)
_PODS = (
    Table(
        "pods",
        (
            UID,
            NAMESPACE,
            NAME,
            Field("phase", ("status", "phase"), "Str", "Pending, Running, Succeeded, Failed or Unknown"),
            Field("ready", ("status", "conditions"), "Str", "True, False or Unknown", status_of("Ready")),
            Field("node", ("spec", "nodeName"), "Str", "node that it runs on; None while it has none"),
            Field("service_account", ("spec", "serviceAccountName"), "Str", "whose rights it has"),
            Field("host_network", ("spec", "hostNetwork"), "Str", "True when it shares the node's network; else None"),
            Field("pod_ip", ("status", "podIP"), "Str", "its address"),
            CREATED,
        ),
    ),
    _labels("pods"),
    Table(
        "pods.containers",
        (
            OF,
            Field("name", type="Str"),
            Field("image", type="Str"),
            Field("privileged", ("securityContext", "privileged"), "Str", "True, False or None when it does not say"),
            Field("cpu_limit", ("resources", "limits", "cpu"), "Scalar", "processors; None without a limit", quantity),
            Field("memory_limit", ("resources", "limits", "memory"), "Scalar", "bytes; None without", quantity),
        ),
        walk=("spec", "containers", ITEMS),
    ),
    Table(
        "pods.container_states",
        (
            OF,
            Field("name", type="Str"),
            Field("ready", type="Bool"),
            _number("restarts", "restartCount", description="how often it was started again"),
            Field("waiting", ("state", "waiting", "reason"), "Str", "why it does not run, such as CrashLoopBackOff"),
            Field("image_id", "imageID", "Str", "the image that it really runs"),
        ),
        walk=("status", "containerStatuses", ITEMS),
    ),
    Table(
        "pods.owners",
        (OF, Field("kind", type="Str"), Field("name", type="Str"), Field("owner_uid", "uid", "Str")),
        walk=("metadata", "ownerReferences", ITEMS),
    ),
)
_DEPLOYMENTS = (
    Table(
        "deployments",
        (
            UID,
            NAMESPACE,
            NAME,
            _number("replicas", "spec", "replicas", description="pods that there should be"),
            _number("available", "status", "availableReplicas", description="pods that serve; None for none"),
            _number("updated", "status", "updatedReplicas", description="pods of the latest description"),
            Field("paused", ("spec", "paused"), "Str", "True when changes are held back; else None"),
            CREATED,
        ),
    ),
    _labels("deployments"),
    Table(
        "deployments.containers",
        (OF, Field("name", type="Str"), Field("image", type="Str")),
        walk=("spec", "template", "spec", "containers", ITEMS),
    ),
)
_SERVICES = (
    Table(
        "services",
        (
            UID,
            NAMESPACE,
            NAME,
            Field("type", ("spec", "type"), "Str", "ClusterIP, NodePort, LoadBalancer or ExternalName"),
            Field("cluster_ip", ("spec", "clusterIP"), "Str", "its address inside"),
            CREATED,
        ),
    ),
    _labels("services"),
    Table(
        "services.ports",
        (
            OF,
            Field("name", type="Str"),
            Field("protocol", type="Str"),
            Field("port", type="Int"),
            Field("target_port", "targetPort", "Scalar", "port, or its name, of the pods"),
            Field("node_port", "nodePort", "Int", "port of every node; None without one"),
        ),
        walk=("spec", "ports", ITEMS),
    ),
    Table(
        "services.selectors",
        (OF, Field("key", KEY, "Str"), Field("value", SELF, "Str")),
        walk=("spec", "selector", ENTRIES),
    ),
    Table(
        "services.external_ips",
        (OF, Field("ip", type="Str"), Field("hostname", type="Str")),
        walk=("status", "loadBalancer", "ingress", ITEMS),
    ),
)
_INGRESSES = (
    Table(
        "ingresses",
        (UID, NAMESPACE, NAME, Field("class", ("spec", "ingressClassName"), "Str", "who serves it"), CREATED),
    ),
    _labels("ingresses"),
    Table("ingresses.rules", (OF, Field("host", type="Str")), walk=("spec", "rules", ITEMS)),
    Table(
        "ingresses.backends",
        (
            OF,
            Field("path", type="Str"),
            Field("path_type", "pathType", "Str"),
            Field("service", ("backend", "service", "name"), "Str"),
        ),
        walk=("spec", "rules", ITEMS, "http", "paths", ITEMS),
    ),
    Table(
        "ingresses.tls",
        (OF, Field("host", SELF, "Str", "host that is served with TLS")),
        walk=("spec", "tls", ITEMS, "hosts", ITEMS),
    ),
)
_EVENTS = (
    Table(
        "events",
        (
            UID,
            NAMESPACE,
            Field("type", type="Str", description="Normal or Warning"),
            Field("reason", type="Str", description="what happened, in a word"),
            Field("kind", ("involvedObject", "kind"), "Str", "kind of the object that it happened to"),
            Field("object", ("involvedObject", "name"), "Str", "name of that object"),
            Field("object_uid", ("involvedObject", "uid"), "Str", "its id"),
            Field("message", type="Str", description="what happened, in words"),
            Field("count", type="Int", description="how often; None for once"),
            Field("last_seen", "lastTimestamp", "Str", "when it happened last, as RFC 3339"),
        ),
    ),
)
RESOURCES: Mapping[str, Resource] = {
    "nodes": Resource("/api/v1/nodes", _NODES, namespaced=False),
    "pods": Resource("/api/v1/pods", _PODS),
    "deployments": Resource("/apis/apps/v1/deployments", _DEPLOYMENTS),
    "services": Resource("/api/v1/services", _SERVICES),
    "ingresses": Resource("/apis/networking.k8s.io/v1/ingresses", _INGRESSES),
    "events": Resource("/api/v1/events", _EVENTS),
}
