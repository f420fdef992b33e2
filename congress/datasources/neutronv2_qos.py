"""Neutron's quality of service: policies, their rules, and the ports that they apply to."""

from __future__ import annotations

from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

PORTS = Table("ports", (Field("id", description="UUID of the port"),))
BINDINGS = Table(
    "qos_policy_port_bindings",
    (
        Field("port_id", Root("id"), description="a port that has a policy of its own"),
        Field("qos_policy_id", SELF, description="the policy"),
    ),
    walk=("qos_policy_id",),
)
POLICIES = Table(
    "policies",
    (
        Field("id", description="UUID of the policy"),
        Field("tenant_id", description="project that owns it"),
        Field("name", description="name"),
        Field("description", description="what its owner says"),
        Field("shared", description="usable by every project"),
    ),
)
RULES = Table(
    "rules",
    (
        Field("qos_policy_id", Root("id"), description="the policy"),
        Field("id", description="UUID of the rule"),
        Field("min_kbps", description="rate that is guaranteed, kbit/s"),
        Field("direction", description="ingress or egress"),
        Field("type", description="bandwidth_limit, minimum_bandwidth, dscp_marking, ..."),
        Field("dscp_mark", description="mark that packets get"),
        Field("max_burst_kbps", description="burst that is let through, kbit"),
        Field("max_kbps", description="rate that is not exceeded, kbit/s"),
    ),
    walk=("rules", ITEMS),
)


class NeutronV2QosDriver(CloudDriver):
    id = "neutronv2_qos"
    description = "Quality of service policies of Neutron (OpenStack network), their rules and ports"
    service = "network"
    listings = (
        Listing("/ports?limit=1000", "ports", (PORTS, BINDINGS)),
        Listing("/qos/policies?limit=1000", "policies", (POLICIES, RULES)),
    )
