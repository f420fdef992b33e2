"""Octavia: load balancers, listeners, pools, and the machines that carry them."""

from __future__ import annotations

from congress.datasources.allowed import octavia
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, Field, Root, Table

_ID = Field("id", type="Str", description="UUID")
_NAME = Field("name", type="Str", description="name")
_PROJECT = Field("project_id", type="Str", description="project that owns it")
_ADMIN = Field("admin_state_up", type="Bool", description="whether it is switched on")
_PROVISIONING = Field("provisioning_status", type="Str", description="ACTIVE, PENDING_UPDATE, ERROR, ...")
_OPERATING = Field("operating_status", type="Str", description="ONLINE, DEGRADED, OFFLINE, ERROR, ...")
_CREATED = Field("created_at", type="Str", description="time of creation")
_UPDATED = Field("updated_at", type="Str", description="time of the last change")

BALANCERS = Table(
    "loadbalancers",
    (
        _ID,
        _NAME,
        _PROJECT,
        _ADMIN,
        _PROVISIONING,
        _OPERATING,
        Field("provider", type="Str", description="octavia, ovn, ..."),
        Field("flavor_id", type="Str", description="its flavor"),
        Field("vip_address", type="IPAddress", description="address that clients use"),
        Field("vip_port_id", type="Str", description="port of that address"),
        Field("vip_subnet_id", type="Str", description="subnet of that address"),
        Field("vip_network_id", type="Str", description="network of that address"),
        _CREATED,
        _UPDATED,
    ),
)
LISTENERS = Table(
    "listeners",
    (
        _ID,
        _NAME,
        _PROJECT,
        _ADMIN,
        _PROVISIONING,
        _OPERATING,
        Field("protocol", type="Str", description="HTTP, HTTPS, TERMINATED_HTTPS, TCP, UDP, ..."),
        Field("protocol_port", type="Int", description="port that clients use"),
        Field("default_pool_id", type="Str", description="pool that answers"),
        Field("default_tls_container_ref", type="Str", description="where its certificate is"),
        Field("client_authentication", type="Str", description="NONE, OPTIONAL or MANDATORY"),
        _CREATED,
        _UPDATED,
    ),
)
LISTENER_BALANCERS = Table(
    "listeners.loadbalancers",
    (
        Field("listener_id", Root("id"), "Str", "the listener"),
        Field("loadbalancer_id", "id", "Str", "its load balancer"),
    ),
    walk=("loadbalancers", ITEMS),
)
POOLS = Table(
    "pools",
    (
        _ID,
        _NAME,
        _PROJECT,
        _ADMIN,
        _PROVISIONING,
        _OPERATING,
        Field("protocol", type="Str", description="HTTP, HTTPS, TCP, UDP, ..."),
        Field("lb_algorithm", type="Str", description="ROUND_ROBIN, LEAST_CONNECTIONS, SOURCE_IP, ..."),
        Field("healthmonitor_id", type="Str", description="what looks after its members; None when nothing does"),
        _CREATED,
        _UPDATED,
    ),
)
POOL_BALANCERS = Table(
    "pools.loadbalancers",
    (Field("pool_id", Root("id"), "Str", "the pool"), Field("loadbalancer_id", "id", "Str", "its load balancer")),
    walk=("loadbalancers", ITEMS),
)
POOL_MEMBERS = Table(
    "pools.members",
    (Field("pool_id", Root("id"), "Str", "the pool"), Field("member_id", "id", "Str", "one of its members")),
    walk=("members", ITEMS),
)
AMPHORAE = Table(
    "amphorae",
    (
        _ID,
        Field("loadbalancer_id", "load_balancer_id", "Str", "load balancer that it carries"),
        Field("compute_id", type="Str", description="server that it is"),
        Field("status", type="Str", description="ALLOCATED, BOOTING, ERROR, ..."),
        Field("role", type="Str", description="MASTER, BACKUP or STANDALONE"),
        Field("lb_network_ip", type="IPAddress", description="address by which it is managed"),
        Field("ha_ip", type="IPAddress", description="address that clients use"),
        Field("cert_expiration", type="Str", description="when its certificate ends"),
        Field("cached_zone", type="Str", description="availability zone"),
        _CREATED,
        _UPDATED,
    ),
)


class OctaviaDriver(CloudDriver):
    id = "octavia"
    description = "Load balancers, listeners, pools and amphorae of Octavia (OpenStack load balancing)"
    service = "load_balancer"
    listings = (
        Listing("/lbaas/loadbalancers?limit=1000", "loadbalancers", (BALANCERS,)),
        Listing("/lbaas/listeners?limit=1000", "listeners", (LISTENERS, LISTENER_BALANCERS)),
        Listing("/lbaas/pools?limit=1000", "pools", (POOLS, POOL_BALANCERS, POOL_MEMBERS)),
        Listing("/octavia/amphorae?limit=1000", "amphorae", (AMPHORAE,)),
    )
    offered = octavia.ACTIONS
