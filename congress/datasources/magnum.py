"""Magnum: clusters of containers, their templates, and Magnum's own services."""

from __future__ import annotations

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ENTRIES, KEY, SELF, Field, Root, Table

_UUID = Field("id", "uuid", "Str", "UUID")
_NAME = Field("name", type="Str", description="name")
_CREATED = Field("created_at", type="Str", description="time of creation")
_UPDATED = Field("updated_at", type="Str", description="time of the last change")

CLUSTERS = Table(
    "clusters",
    (
        _UUID,
        _NAME,
        Field("status", type="Str", description="CREATE_COMPLETE, UPDATE_FAILED, ..."),
        Field("health_status", type="Str", description="HEALTHY, UNHEALTHY, UNKNOWN; None where it is not looked at"),
        Field("cluster_template_id", type="Str", description="its template"),
        Field("stack_id", type="Str", description="stack that carries it"),
        Field("master_count", type="Int", description="number of its masters"),
        Field("node_count", type="Int", description="number of its other nodes"),
        Field("keypair", type="Str", description="key pair of its servers"),
        Field("flavor_id", type="Str", description="flavor of its nodes"),
        Field("create_timeout", type="Int", description="minutes that its creation may take"),
    ),
)
LABELS = Table(
    "clusters.labels",
    (
        Field("cluster_id", Root("uuid"), "Str", "the cluster"),
        Field("label", KEY, "Str", "name of the label"),
        Field("value", SELF, "Str", "its value"),
    ),
    walk=("labels", ENTRIES),
)
TEMPLATES = Table(
    "cluster_templates",
    (
        _UUID,
        _NAME,
        Field("coe", type="Str", description="what runs the containers, e.g. kubernetes"),
        Field("image_id", type="Str", description="image of its servers"),
        Field("cluster_distro", type="Str", description="operating system of its servers"),
        Field("public", type="Bool", description="whether every project may use it"),
        Field("tls_disabled", type="Bool", description="whether its API is not encrypted"),
        Field("floating_ip_enabled", type="Bool", description="whether its servers have floating addresses"),
        Field("master_lb_enabled", type="Bool", description="whether a load balancer is before its masters"),
        Field("registry_enabled", type="Bool", description="whether it has a registry"),
        Field("insecure_registry", type="Str", description="registry that is used without encryption"),
        Field("network_driver", type="Str", description="flannel, calico, ..."),
        Field("volume_driver", type="Str", description="cinder, ..."),
        Field("external_network_id", type="Str", description="network to the outside"),
        Field("flavor_id", type="Str", description="flavor of its nodes"),
        Field("master_flavor_id", type="Str", description="flavor of its masters"),
        _CREATED,
        _UPDATED,
    ),
)
SERVICES = Table(
    "services",
    (
        Field("id", type="Int", description="id of the service"),
        Field("binary", type="Str", description="e.g. magnum-conductor"),
        Field("host", type="Str", description="where it runs"),
        Field("state", type="Str", description="up or down"),
        Field("disabled_reason", type="Str", description="why it was disabled"),
        _UPDATED,
    ),
)


class MagnumDriver(CloudDriver):
    id = "magnum"
    description = "Clusters, templates and services of Magnum (OpenStack container infrastructure)"
    service = "container_infrastructure_management"
    listings = (
        Listing("/clusters/detail?limit=1000", "clusters", (CLUSTERS, LABELS)),
        Listing("/clustertemplates?limit=1000", "clustertemplates", (TEMPLATES,)),
        Listing("/mservices", "mservices", (SERVICES,)),
    )
    offered = others.MAGNUM

    def _microversion(self) -> str:
        return "1.7"
