"""Neutron's agents on network nodes: Open vSwitch, DHCP, routers, metadata.

None of them takes the others along when it fails: what it built goes on carrying packets without it. A node that was
fenced comes back empty, so nothing has to be swept.
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

import pydantic

from congress.cluster.declaring import network, running
from congress.cluster.declaring.compute import METADATA_PORT, METADATA_SECRET
from congress.cluster.declaring.settings import Settings, private_file, text
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, File, Mode, Port, Service, Site
from congress.cluster.services.neutron_server import BROKER, CONFIGURATION, neutron_settings

BRIDGE = "br-ex"
NAMES = ("neutron-openvswitch-agent", "neutron-dhcp-agent", "neutron-l3-agent", "neutron-metadata-agent")


class Options(pydantic.BaseModel):
    """The way outside."""

    model_config = pydantic.ConfigDict(extra="forbid")

    external_interface: str | None = pydantic.Field(
        None, pattern=r"^[A-Za-z0-9_.-]{1,15}$", description="The interface of network nodes that leads outside."
    )
    physical_network: str = pydantic.Field(
        "physnet1", pattern=r"^[A-Za-z0-9_-]+$", description="The name of that network, as neutron_server has it."
    )
    metadata_workers: int = pydantic.Field(4, ge=1, description="Processes that answer instances' metadata.")


class NeutronAgents(Service):
    """Each node serves the networks that it was given; with several nodes, each network is on several."""

    name = "neutron-agents"
    title = "Network, its nodes (neutron agents)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("messaging", "neutron-server")
    after: ClassVar = ("neutron-server",)
    entry: ClassVar = ("neutron-openvswitch-agent-clone",)
    exit: ClassVar = (("neutron-l3-agent-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        clones = [running.everywhere(running.unit(name)) for name in NAMES]
        bridge = options.external_interface and network.bridge(BRIDGE, options.external_interface)
        return Declaration(
            packages=(
                *NAMES,
                "openvswitch-switch",
                "conntrack",
                "keepalived",
                "haproxy",
                "dnsmasq-base",
                "iputils-arping",
            ),
            files=(
                *(
                    network.agent_file(
                        site, node, {options.physical_network: BRIDGE} if options.external_interface else {}
                    )
                    for node in site.nodes
                ),
                private_file(CONFIGURATION, _settings(site), "neutron", NAMES),
                File("/etc/neutron/dhcp_agent.ini", text(_dhcp()), notify=("neutron-dhcp-agent",)),
                File("/etc/neutron/l3_agent.ini", text(_l3()), notify=("neutron-l3-agent",)),
                private_file(
                    "/etc/neutron/metadata_agent.ini",
                    _metadata(site, options),
                    "neutron",
                    ("neutron-metadata-agent",),
                ),
            ),
            sysctl={
                "net.ipv4.ip_forward": "1",
                "net.ipv6.conf.all.forwarding": "1",
                "net.ipv4.conf.all.rp_filter": "0",
                "net.ipv4.conf.default.rp_filter": "0",
            },
            ports=(Port(network.VXLAN_PORT, "internal", "VXLAN", "udp"),),
            once=(bridge,) if bridge else (),
            units=tuple(running.packaged(name, "neutron") for name in NAMES),
            not_at_boot=("haproxy",) if not site.here("loadbalancer") else (),
            resources=tuple(clones),
            constraints=running.loosely(*(clone.id for clone in clones)),
            health=running.process_health("neutron-openvswitch-agent"),
        )


def _dhcp() -> Settings:
    return {
        "DEFAULT": {
            "interface_driver": "openvswitch",
            "dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq",
            "enable_isolated_metadata": True,
        }
    }


def _l3() -> Settings:
    return {"DEFAULT": {"interface_driver": "openvswitch", "ha_vrrp_health_check_interval": 5}}


def _metadata(site: Site, options: Options) -> Settings:
    nova = urlsplit(site.endpoint("nova", METADATA_PORT))
    return {
        "DEFAULT": {
            "nova_metadata_host": nova.hostname or "",
            "nova_metadata_port": METADATA_PORT,
            "nova_metadata_protocol": nova.scheme,
            "metadata_proxy_shared_secret": mark(METADATA_SECRET),
            "metadata_workers": options.metadata_workers,
        }
    }


def _settings(site: Site) -> Settings:
    return neutron_settings(site) if site.here("neutron-server") else network.neutron_settings(site, BROKER)
