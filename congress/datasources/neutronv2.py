"""Neutron: networks, subnets, ports, routers, floating addresses, security groups and their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from congress.datasources.allowed import neutronv2
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.hints import NEUTRON
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

_ID = Field("id", type="Str", description="UUID")
_TENANT = Field("tenant_id", type="Str", description="project that owns it")
_NAME = Field("name", type="Str", description="name")
_STATUS = Field("status", type="NeutronStatus", description="ACTIVE, DOWN, BUILD or ERROR")
_ADMIN_STATE = Field("admin_state_up", type="Bool", description="whether it is switched on")

NETWORKS = Table(
    "networks",
    (_ID, _TENANT, _NAME, _STATUS, _ADMIN_STATE, Field("shared", type="Bool", description="usable by every project")),
)
PORTS = Table(
    "ports",
    (
        _ID,
        _TENANT,
        _NAME,
        Field("network_id", type="Str", description="its network"),
        Field("mac_address", type="Str", description="MAC address"),
        _ADMIN_STATE,
        _STATUS,
        Field("device_id", type="Str", description="server, router, ... that uses the port"),
        Field("device_owner", type="Str", description="what uses it, e.g. compute:nova"),
    ),
)
FIXED_IPS = Table(
    "fixed_ips",
    (
        Field("port_id", Root("id"), "Str", "the port"),
        Field("ip_address", type="IPAddress", description="one of its addresses"),
        Field("subnet_id", type="Str", description="subnet of the address"),
    ),
    walk=("fixed_ips", ITEMS),
)
BINDINGS = Table(
    "security_group_port_bindings",
    (
        Field("port_id", Root("id"), description="the port"),
        Field("security_group_id", SELF, description="a security group that applies to it"),
    ),
    walk=("security_groups", ITEMS),
)
SUBNETS = Table(
    "subnets",
    (
        _ID,
        _TENANT,
        _NAME,
        Field("network_id", type="Str", description="its network"),
        Field("ip_version", type="IPv4IPv6", description="4 or 6"),
        Field("cidr", type="IPNetwork", description="its range of addresses"),
        Field("gateway_ip", type="IPAddress", description="address of the gateway"),
        Field("enable_dhcp", type="Bool", description="whether DHCP is offered"),
        Field("ipv6_ra_mode", type="Str", description="who sends router advertisements"),
        Field("ipv6_address_mode", type="Str", description="how ports get IPv6 addresses"),
    ),
)
POOLS = Table(
    "allocation_pools",
    (
        Field("subnet_id", Root("id"), "Str", "the subnet"),
        Field("start", type="Str", description="first address"),
        Field("end", type="Str", description="last address"),
    ),
    walk=("allocation_pools", ITEMS),
)
NAMESERVERS = Table(
    "dns_nameservers",
    (
        Field("subnet_id", Root("id"), description="the subnet"),
        Field("dns_nameserver", SELF, description="a name server that its ports are told"),
    ),
    walk=("dns_nameservers", ITEMS),
)
HOST_ROUTES = Table(
    "host_routes",
    (
        Field("subnet_id", Root("id"), "Str", "the subnet"),
        Field("destination", type="Str", description="network behind the route"),
        Field("nexthop", type="Str", description="address of the router"),
    ),
    walk=("host_routes", ITEMS),
)
ROUTERS = Table(
    "routers",
    (_ID, _TENANT, _STATUS, _ADMIN_STATE, _NAME, Field("distributed", type="Bool", description="spread over hosts")),
)
GATEWAYS = Table(
    "external_gateway_infos",
    (
        Field("router_id", Root("id"), "Str", "the router"),
        Field("network_id", type="Str", description="the external network"),
        Field("enable_snat", type="Bool", description="whether inner addresses are translated"),
    ),
    walk=("external_gateway_info",),
)
GATEWAY_IPS = Table(
    "external_fixed_ips",
    (
        Field("router_id", Root("id"), "Str", "the router"),
        Field("subnet_id", type="Str", description="subnet of the external network"),
        Field("ip_address", type="IPAddress", description="address of the router there"),
    ),
    walk=("external_gateway_info", "external_fixed_ips", ITEMS),
)
GROUPS = Table(
    "security_groups", (_ID, _TENANT, _NAME, Field("description", type="Str", description="what its owner says"))
)
RULES = Table(
    "security_group_rules",
    (
        Field("security_group_id", Root("id"), "Str", "the security group"),
        _ID,
        _TENANT,
        Field("remote_group_id", type="Str", description="group whose ports are the other side"),
        Field("direction", type="IngressEgress", description="ingress or egress"),
        Field("ethertype", type="Str", description="IPv4 or IPv6"),
        Field("protocol", type="Str", description="tcp, udp, icmp, a number; None means any"),
        Field("port_range_min", type="Int", description="first port; None means any"),
        Field("port_range_max", type="Int", description="last port; None means any"),
        Field("remote_ip_prefix", type="Str", description="addresses of the other side; None means any"),
    ),
    walk=("security_group_rules", ITEMS),
)
FLOATING_IPS = Table(
    "floating_ips",
    (
        _ID,
        Field("router_id", type="Str", description="router that translates it"),
        _TENANT,
        Field("floating_network_id", type="Str", description="the external network"),
        Field("fixed_ip_address", type="IPAddress", description="inner address"),
        Field("floating_ip_address", type="IPAddress", description="outer address"),
        Field("port_id", type="Str", description="port it leads to"),
        Field("status", type="FloatingIPStatus", description="ACTIVE, DOWN or ERROR"),
    ),
)


class NeutronV2Driver(CloudDriver):
    id = "neutronv2"
    description = "Networks, subnets, ports, routers, floating addresses and security groups of Neutron"
    service = "network"
    hints = NEUTRON
    listings = (
        Listing("/networks?limit=1000", "networks", (NETWORKS,)),
        Listing("/ports?limit=1000", "ports", (PORTS, FIXED_IPS, BINDINGS)),
        Listing("/subnets?limit=1000", "subnets", (SUBNETS, POOLS, NAMESERVERS, HOST_ROUTES)),
        Listing("/routers?limit=1000", "routers", (ROUTERS, GATEWAYS, GATEWAY_IPS)),
        Listing("/security-groups?limit=1000", "security_groups", (GROUPS, RULES)),
        Listing("/floatingips?limit=1000", "floatingips", (FLOATING_IPS,)),
    )
    offered = (*neutronv2.ACTIONS, *neutronv2.GROUP_CHANGES)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        change = _GROUP_CHANGES.get(action)
        if change is None:
            return super().execute(action, positional, named)
        call = change.call(self.name, positional, named)
        bound = self._answer("GET", call.path)["port"]["security_groups"]
        wanted = [one for one in bound if one != call.body]
        if action == "attach_port_security_group":
            wanted.append(call.body)
        if set(wanted) != set(bound):
            self.act(call._replace(body={"port": {"security_groups": wanted}}))
        return None


_GROUP_CHANGES = {change.name: change for change in neutronv2.GROUP_CHANGES}
