"""Neutron's API and the servers that its agents speak to, on each node, with ML2 over Open vSwitch and VXLAN.

A router is on several nodes, and its standby takes over by itself; a network has its DHCP server on several nodes.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import network, running
from congress.cluster.declaring.access import (
    broker_account,
    client_settings,
    database,
    database_settings,
    notification_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import Settings, merged, private_file, text
from congress.cluster.declaring.wsgi import PACKAGES, Api
from congress.cluster.services.contract import Declaration, File, Mode, Once, Service, Site

PORT = 9696
DATABASE, BROKER = database("neutron"), broker_account("neutron")
CONFIGURATION, ML2 = "/etc/neutron/neutron.conf", "/etc/neutron/plugins/ml2/ml2_conf.ini"
MOST_DHCP_AGENTS = 3


class Options(pydantic.BaseModel):
    """Tunnels and processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    first_vni: int = pydantic.Field(10, ge=1, description="The lowest number of a VXLAN network.")
    last_vni: int = pydantic.Field(10000, le=16777215, description="The highest number of a VXLAN network.")
    physical_network: str = pydantic.Field(
        "physnet1", pattern=r"^[A-Za-z0-9_-]+$", description="The name of the network that leads outside."
    )
    processes: int = pydantic.Field(4, ge=1, description="Processes of the API on each node.")
    workers: int = pydantic.Field(2, ge=1, description="Processes for agents on each node.")


class NeutronServer(Service):
    """All servers are equal; what they decide is in the database."""

    name = "neutron-server"
    title = "Network, its control (neutron server)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached", "keystone")
    after: ClassVar = ("keystone",)
    default_address = "neutron"
    entry: ClassVar = ("neutron-api-clone", "neutron-rpc-server-clone")
    exit: ClassVar = (("neutron-rpc-server-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api(
            "neutron-api",
            "neutron",
            PORT,
            "paste = config:/etc/neutron/api-paste.ini\nwsgi-file = /usr/bin/neutron-api",
            processes=options.processes,
            # Both files, since the plugin's is not found by itself.
            more=(f"env = OS_NEUTRON_CONFIG_FILES={CONFIGURATION};{ML2}",),
        )
        rpc = running.packaged("neutron-rpc-server", "neutron")
        readers = ("neutron-api", "neutron-rpc-server")
        clones = [running.everywhere(running.unit(name)) for name in readers]
        return Declaration(
            packages=("neutron-api", "neutron-rpc-server", "neutron-common", "python3-memcache", *PACKAGES),
            files=(
                private_file(CONFIGURATION, neutron_settings(site), "neutron", readers),
                File(ML2, text(_ml2(options)), notify=readers),
                *api.files(site),
                *registration(site, "neutron", (Entry("network", "neutron", site.endpoint("neutron-server", PORT)),)),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=(
                Once(
                    "neutron: tables",
                    f"neutron-db-manage --config-file {CONFIGURATION} --config-file {ML2} upgrade heads",
                    done=f"neutron-db-manage --config-file {CONFIGURATION} --config-file {ML2} current 2>/dev/null"
                    " | grep -q '(head)'",
                    user="neutron",
                    after=("database",),
                ),
                registering("neutron"),
            ),
            units=(api.running(), rpc),
            resources=tuple(clones),
            listeners=(api.listener("neutron"),),
            health=api.health(),
        )


def neutron_settings(site: Site) -> Settings:
    """neutron.conf of servers, and of agents beside them."""
    agents = len(site.members("neutron-agents"))
    nova: Settings = merged(
        client_settings(site, "neutron", "nova"),
        {"DEFAULT": {"notify_nova_on_port_status_changes": True, "notify_nova_on_port_data_changes": True}},
    )
    return merged(
        network.neutron_settings(site, BROKER),
        {
            "DEFAULT": {
                "core_plugin": "ml2",
                "service_plugins": "router",
                "auth_strategy": "keystone",
                "l3_ha": agents > 1,
                "max_l3_agents_per_router": 0,
                # On so many nodes that a network has one on whichever node is left.
                "dhcp_agents_per_network": min(max(agents, 1), MOST_DHCP_AGENTS),
                "agent_down_time": 75,
            },
            "oslo_middleware": {"enable_proxy_headers_parsing": True},
        },
        nova if site.has("nova") else {},
        notification_settings(site),
        database_settings(site, DATABASE),
        token_settings(site, "neutron"),
    )


def _ml2(options: Options) -> Settings:
    return {
        "DEFAULT": {"rpc_workers": options.workers},
        "ml2": {
            "type_drivers": "flat,vlan,vxlan",
            "tenant_network_types": "vxlan",
            "mechanism_drivers": "openvswitch,l2population",
            "extension_drivers": "port_security",
        },
        "ml2_type_flat": {"flat_networks": options.physical_network},
        "ml2_type_vlan": {"network_vlan_ranges": options.physical_network},
        "ml2_type_vxlan": {"vni_ranges": f"{options.first_vni}:{options.last_vni}"},
        "securitygroup": {"enable_security_group": True, "firewall_driver": "openvswitch"},
    }
