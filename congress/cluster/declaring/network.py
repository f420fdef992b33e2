"""What network nodes and compute nodes have in common: the agent of Open vSwitch."""

from __future__ import annotations

from collections.abc import Mapping

from congress.cluster.declaring.access import broker_settings
from congress.cluster.declaring.settings import Settings, Value, merged, text
from congress.cluster.services.contract import BrokerAccount, File, Once, Site

VXLAN_PORT = 4789
AGENT = "neutron-openvswitch-agent"


def neutron_settings(site: Site, account: BrokerAccount) -> Settings:
    """neutron.conf of agents away from servers: they speak to servers over the bus alone."""
    return merged(
        {
            "DEFAULT": {"log_dir": "/var/log/neutron", "state_path": "/var/lib/neutron"},
            "agent": {"report_interval": 30, "root_helper": "sudo neutron-rootwrap /etc/neutron/rootwrap.conf"},
            "oslo_concurrency": {"lock_path": "/var/lib/neutron/lock"},
        },
        broker_settings(site, account),
    )


def agent_file(site: Site, node: str, bridges: Mapping[str, str]) -> File:
    """The agent's settings on one node. `bridges`: physical network -> the bridge that leads to it."""
    mappings: dict[str, Value] = {
        "bridge_mappings": ",".join(f"{network}:{bridge}" for network, bridge in bridges.items())
    }
    settings: Settings = {
        "ovs": {"local_ip": site.address(node), "integration_bridge": "br-int", **(mappings if bridges else {})},
        "agent": {"tunnel_types": "vxlan", "vxlan_udp_port": VXLAN_PORT, "l2_population": True},
        "securitygroup": {"enable_security_group": True, "firewall_driver": "openvswitch"},
    }
    return File("/etc/neutron/plugins/ml2/openvswitch_agent.ini", text(settings), node=node, notify=(AGENT,))


def bridge(name: str, interface: str) -> Once:
    """Puts a node's interface into a bridge."""
    return Once(
        f"neutron-agents: bridge {name}",
        f"ovs-vsctl --may-exist add-br {name} -- --may-exist add-port {name} {interface}",
        done=f"ovs-vsctl port-to-br {interface} | grep -qx {name}",
        every_node=True,
    )
