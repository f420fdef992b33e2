"""Requests to Neutron, as its API describes them: https://docs.openstack.org/api-ref/network/v2/.

Most are the same three for every kind of resource; `KINDS` lists those.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from congress.datasources.actions import ChosenAction, CloudAction, Offered
from congress.datasources.arguments import Parameter, choice, document, envelope, identifier, pairs


class Kind(NamedTuple):
    """A kind of resource: its name in actions, its collection's path, and its name in bodies where that differs."""

    name: str
    path: str
    member: str = ""
    parent: str = ""
    """Argument that names the resource within which it lies; its place is in `path`."""
    argument: str = ""
    """The argument with its id, where it is not called as the kind is."""
    parent_first: bool = False
    """Whether deletion names the parent before the resource."""

    @property
    def body(self) -> str:
        return self.member or self.name


KINDS = (
    Kind("network", "/networks"),
    Kind("subnet", "/subnets"),
    Kind("subnetpool", "/subnetpools"),
    Kind("port", "/ports"),
    Kind("router", "/routers"),
    Kind("floatingip", "/floatingips"),
    Kind("security_group", "/security-groups"),
    Kind("security_group_rule", "/security-group-rules"),
    Kind("address_scope", "/address-scopes"),
    Kind("rbac_policy", "/rbac-policies", argument="rbac_policy_id"),
    Kind("trunk", "/trunks"),
    Kind("flavor", "/flavors"),
    Kind("service_profile", "/service_profiles", argument="flavor_profile"),
    Kind("metering_label", "/metering/metering-labels", argument="label"),
    Kind("metering_label_rule", "/metering/metering-label-rules", argument="rule"),
    Kind("network_log", "/log/logs", "log", argument="net_log"),
    Kind("qos_policy", "/qos/policies", "policy"),
    Kind("bandwidth_limit_rule", "/qos/policies/{policy}/bandwidth_limit_rules", parent="policy", argument="rule"),
    Kind("dscp_marking_rule", "/qos/policies/{policy}/dscp_marking_rules", parent="policy", argument="rule"),
    Kind("minimum_bandwidth_rule", "/qos/policies/{policy}/minimum_bandwidth_rules", parent="policy", argument="rule"),
    Kind("vpnservice", "/vpn/vpnservices"),
    Kind("ikepolicy", "/vpn/ikepolicies"),
    Kind("ipsecpolicy", "/vpn/ipsecpolicies"),
    Kind("ipsec_site_connection", "/vpn/ipsec-site-connections", argument="ipsecsite_conn"),
    Kind("endpoint_group", "/vpn/endpoint-groups"),
    Kind("fwaas_firewall_group", "/fwaas/firewall_groups", "firewall_group", argument="fwg"),
    Kind("fwaas_firewall_policy", "/fwaas/firewall_policies", "firewall_policy", argument="firewall_policy"),
    Kind("fwaas_firewall_rule", "/fwaas/firewall_rules", "firewall_rule", argument="firewall_rule"),
    Kind("bgp_speaker", "/bgp-speakers", argument="speaker_id"),
    Kind("bgp_peer", "/bgp-peers", argument="peer_id"),
    Kind("bgpvpn", "/bgpvpn/bgpvpns"),
    Kind(
        "bgpvpn_network_assoc", "/bgpvpn/bgpvpns/{bgpvpn}/network_associations", "network_association", "bgpvpn",
        "net_assoc", True,
    ),
    Kind(
        "bgpvpn_router_assoc", "/bgpvpn/bgpvpns/{bgpvpn}/router_associations", "router_association", "bgpvpn",
        "router_assoc", True,
    ),
    Kind(
        "bgpvpn_port_assoc", "/bgpvpn/bgpvpns/{bgpvpn}/port_associations", "port_association", "bgpvpn",
        "port_assoc", True,
    ),
    Kind("sfc_port_pair", "/sfc/port_pairs", "port_pair", argument="port_pair"),
    Kind("sfc_port_pair_group", "/sfc/port_pair_groups", "port_pair_group", argument="port_pair_group"),
    Kind("sfc_flow_classifier", "/sfc/flow_classifiers", "flow_classifier", argument="flow_classifier"),
    Kind("sfc_port_chain", "/sfc/port_chains", "port_chain", argument="port_chain"),
    Kind("sfc_service_graph", "/sfc/service_graphs", "service_graph", argument="service_graph"),
)  # fmt: skip


def _of_kind(kind: Kind) -> Iterator[CloudAction]:
    words = kind.name.replace("_", " ")
    own = identifier(kind.argument or kind.name, f"id of the {words}")
    parents = (identifier(kind.parent, f"id of the {kind.parent}"),) if kind.parent else ()
    yield CloudAction(
        f"create_{kind.name}", f"Create a {words}", "POST", kind.path, (*parents, envelope(kind.body)), "{body}"
    )
    named = (*parents, own) if kind.parent_first else (own, *parents)
    yield CloudAction(f"delete_{kind.name}", f"Delete a {words}", "DELETE", f"{kind.path}/{{{own.name}}}", named)


def _update(kind: Kind) -> CloudAction:
    return CloudAction("", "", "PUT", f"{kind.path}/{{id}}", (), {kind.body: "{attributes}"})


_UPDATED = {kind.name: _update(kind) for kind in KINDS if not kind.parent}
_UPDATED["quota"] = CloudAction("", "", "PUT", "/quotas/{id}", (), {"quota": "{attributes}"})
UPDATE = ChosenAction(
    "update_resource_attrs",
    "Set attributes of an object",
    (
        choice("resource_type", "", *_UPDATED),
        identifier("id", "id of the object, for a quota of the project"),
        pairs("attributes", "attributes"),
    ),
    "resource_type",
    _UPDATED,
)

ROUTER, SPEAKER = identifier("router", "id of the router"), identifier("speaker_id", "id of the BGP speaker")
AGENT, NETWORK = identifier("dhcp_agent", "id of the agent"), identifier("network_id", "id of the network")
PORT, PROJECT = identifier("port_id", "id of the port"), identifier("project_id", "id of the project")
TRUNK, HOST = identifier("trunk", "id of the trunk"), identifier("host_id", "name of the host")
POLICY = identifier("firewall_policy", "id of the firewall policy")
FLAVOR = identifier("flavor", "id of the flavor")
TAGGED = (
    choice("resource_type", "", "networks", "subnets", "subnetpools", "ports", "routers", "floatingips",
           "security-groups", "trunks", "policies"),
    identifier("resource_id", "id of the object"),
)  # fmt: skip
TAG = identifier("tag", "the tag")


def _put(
    name: str, description: str, path: str, of: Parameter | tuple[Parameter, ...], example: str, method: str = "PUT"
) -> CloudAction:
    """A request about one object that takes a body as Neutron's API describes it."""
    own = of if isinstance(of, tuple) else (of,)
    body = document("body", f"body of the request, {example}")
    return CloudAction(name, description, method, path, (*own, body), "{body}")


_ROUTERS = (
    _put(
        "add_interface_router", "Connect a router with a subnet or port", "/routers/{router}/add_router_interface",
        ROUTER, '{"subnet_id": ...}',
    ),
    _put(
        "remove_interface_router", "Disconnect a router from a subnet or port",
        "/routers/{router}/remove_router_interface", ROUTER, '{"subnet_id": ...}',
    ),
    CloudAction(
        "add_gateway_router", "Give a router a gateway", "PUT", "/routers/{router}",
        (ROUTER, document("body", 'the gateway, {"network_id": ...}')),
        {"router": {"external_gateway_info": "{body}"}},
    ),
    CloudAction(
        "remove_gateway_router", "Take a router's gateway away", "PUT", "/routers/{router}", (ROUTER,),
        {"router": {"external_gateway_info": {}}},
    ),
    _put(
        "add_extra_routes_to_router", "Add routes", "/routers/{router}/add_extraroutes", ROUTER,
        '{"router": {"routes": [...]}}',
    ),
    _put(
        "remove_extra_routes_from_router", "Remove routes", "/routers/{router}/remove_extraroutes", ROUTER,
        '{"router": {"routes": [...]}}',
    ),
    _put(
        "add_router_to_l3_agent", "Let an agent serve a router", "/agents/{l3_agent}/l3-routers",
        AGENT.called("l3_agent"), '{"router_id": ...}', "POST",
    ),
    CloudAction(
        "remove_router_from_l3_agent", "No longer let an agent serve a router", "DELETE",
        "/agents/{l3_agent}/l3-routers/{router_id}", (AGENT.called("l3_agent"), ROUTER.called("router_id")),
    ),
)  # fmt: skip

_AGENTS = (
    CloudAction("delete_agent", "Forget an agent", "DELETE", "/agents/{agent}", (AGENT.called("agent"),)),
    _put(
        "add_network_to_dhcp_agent", "Let an agent serve a network", "/agents/{dhcp_agent}/dhcp-networks", AGENT,
        '{"network_id": ...}', "POST",
    ),
    CloudAction(
        "remove_network_from_dhcp_agent", "No longer let an agent serve a network", "DELETE",
        "/agents/{dhcp_agent}/dhcp-networks/{network_id}", (AGENT, NETWORK),
    ),
    _put(
        "add_bgp_speaker_to_dragent", "Let an agent serve a BGP speaker", "/agents/{bgp_dragent}/bgp-drinstances",
        AGENT.called("bgp_dragent"), '{"bgp_speaker_id": ...}', "POST",
    ),
    CloudAction(
        "remove_bgp_speaker_from_dragent", "No longer let an agent serve a BGP speaker", "DELETE",
        "/agents/{bgp_dragent}/bgp-drinstances/{bgpspeaker_id}",
        (AGENT.called("bgp_dragent"), SPEAKER.called("bgpspeaker_id")),
    ),
    _put(
        "add_network_to_bgp_speaker", "Let a BGP speaker announce a network",
        "/bgp-speakers/{speaker_id}/add_gateway_network", SPEAKER, '{"network_id": ...}',
    ),
    _put(
        "remove_network_from_bgp_speaker", "No longer let a BGP speaker announce a network",
        "/bgp-speakers/{speaker_id}/remove_gateway_network", SPEAKER, '{"network_id": ...}',
    ),
    _put(
        "add_peer_to_bgp_speaker", "Let a BGP speaker talk to a peer", "/bgp-speakers/{speaker_id}/add_bgp_peer",
        SPEAKER, '{"bgp_peer_id": ...}',
    ),
    _put(
        "remove_peer_from_bgp_speaker", "No longer let a BGP speaker talk to a peer",
        "/bgp-speakers/{speaker_id}/remove_bgp_peer", SPEAKER, '{"bgp_peer_id": ...}',
    ),
)  # fmt: skip

_OTHERS = (
    CloudAction("add_tag", "Add a tag", "PUT", "/{resource_type}/{resource_id}/tags/{tag}", (*TAGGED, TAG)),
    CloudAction("remove_tag", "Remove a tag", "DELETE", "/{resource_type}/{resource_id}/tags/{tag}", (*TAGGED, TAG)),
    CloudAction("remove_tag_all", "Remove all tags", "DELETE", "/{resource_type}/{resource_id}/tags", TAGGED),
    _put("replace_tag", "Replace all tags", "/{resource_type}/{resource_id}/tags", TAGGED, '{"tags": [...]}'),
    CloudAction(
        "create_port_binding", "Bind a port to one more host", "POST", "/ports/{port_id}/bindings",
        (PORT, envelope("binding")), "{body}",
    ),
    CloudAction(
        "activate_port_binding", "Let a port's binding to a host count", "PUT",
        "/ports/{port_id}/bindings/{host_id}/activate", (PORT, HOST),
    ),
    CloudAction(
        "delete_port_binding", "Delete a port's binding to a host", "DELETE", "/ports/{port_id}/bindings/{host_id}",
        (PORT, HOST),
    ),
    _put(
        "trunk_add_subports", "Add ports to a trunk", "/trunks/{trunk}/add_subports", TRUNK, '{"sub_ports": [...]}'
    ),
    _put(
        "trunk_remove_subports", "Remove ports from a trunk", "/trunks/{trunk}/remove_subports", TRUNK,
        '{"sub_ports": [...]}',
    ),
    _put(
        "associate_flavor", "Add a service profile to a flavor", "/flavors/{flavor}/service_profiles", FLAVOR,
        '{"service_profile": {"id": ...}}', "POST",
    ),
    CloudAction(
        "disassociate_flavor", "Take a service profile from a flavor", "DELETE",
        "/flavors/{flavor}/service_profiles/{flavor_profile}",
        (FLAVOR, identifier("flavor_profile", "id of the service profile")),
    ),
    _put(
        "insert_rule_fwaas_firewall_policy", "Add a rule to a firewall policy",
        "/fwaas/firewall_policies/{firewall_policy}/insert_rule", POLICY, '{"firewall_rule_id": ...}',
    ),
    _put(
        "remove_rule_fwaas_firewall_policy", "Take a rule from a firewall policy",
        "/fwaas/firewall_policies/{firewall_policy}/remove_rule", POLICY, '{"firewall_rule_id": ...}',
    ),
    _put(
        "onboard_network_subnets", "Take a network's subnets into a pool",
        "/subnetpools/{subnetpool}/onboard_network_subnets", identifier("subnetpool", "id of the pool"),
        '{"network_id": ...}',
    ),
    CloudAction(
        "delete_auto_allocated_topology", "Delete the network that was made for a project", "DELETE",
        "/auto-allocated-topology/{project_id}", (PROJECT,),
    ),
    CloudAction(
        "delete_quota", "Return a project to the default quotas", "DELETE", "/quotas/{project_id}", (PROJECT,)
    ),
)  # fmt: skip

ACTIONS: tuple[Offered, ...] = (
    UPDATE,
    *(one for kind in KINDS for one in _of_kind(kind)),
    *_ROUTERS,
    *_AGENTS,
    *_OTHERS,
)

# Neutron only takes the whole list of a port's groups: the driver reads it, and sends it with one more or less.
_BINDING = (PORT, identifier("security_group_id", "id of the group"))
GROUP_CHANGES = (
    CloudAction(
        "attach_port_security_group", "Let a security group apply to a port", "PUT", "/ports/{port_id}", _BINDING,
        "{security_group_id}",
    ),
    CloudAction(
        "detach_port_security_group", "Let a security group no longer apply to a port", "PUT", "/ports/{port_id}",
        _BINDING, "{security_group_id}",
    ),
)  # fmt: skip
