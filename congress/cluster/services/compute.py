"""Compute nodes: nova-compute, libvirt and the agent of Open vSwitch.

They are remote nodes of a cluster, or each is a cluster of its own; sixteen full members are the most that a cluster
takes, of these there may be many. When a compute node is fenced, its instances run again once it is back, or where an
operator has them evacuated; nothing here does that by itself.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic

from congress.cluster.declaring import network, running
from congress.cluster.declaring.access import broker_account, broker_settings, client_settings
from congress.cluster.declaring.compute import BROKER, on_all_hosts
from congress.cluster.declaring.settings import Settings, merged, private_file
from congress.cluster.pacemaker.resources import Clone, Colocation, Constraint, Primitive
from congress.cluster.services import ceilometer
from congress.cluster.services.contract import Declaration, File, Mode, Port, Service, Site, Unit
from congress.cluster.services.nova import CONSOLE_PORT

INSTANCES = "/var/lib/nova/instances"
NETWORK_BROKER = broker_account("neutron")


class Options(pydantic.BaseModel):
    """What instances run on."""

    model_config = pydantic.ConfigDict(extra="forbid")

    virtualization: Literal["kvm", "qemu"] = pydantic.Field(
        "kvm", description="kvm: the processor's; qemu: emulated, for machines that are virtual themselves."
    )
    instances_share: str | None = pydantic.Field(
        None,
        pattern=f"^{running.SHARE}$",
        description="host:/path of an NFS directory for the disks of instances; without it they are on the node.",
    )


class Compute(Service):
    """Its resources have names of their own, since controllers may have the same units."""

    name = "compute"
    title = "Compute nodes (nova-compute, libvirt)"
    mode = Mode.ONE_NODE
    needs: ClassVar = ("messaging", "keystone", "glance", "placement", "nova", "neutron-server")
    after: ClassVar = ("nova", "neutron-server")
    entry: ClassVar = ("openvswitch-agent-compute-clone", "nova-compute-clone")
    exit: ClassVar = (("nova-compute-clone", "start"),)
    for_remote_nodes = True
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        agent = _clone("openvswitch-agent-compute", "neutron-openvswitch-agent", 120.0)
        libvirt = _clone("libvirtd-compute", "libvirtd", 120.0)
        nova = _clone("nova-compute", "nova-compute", 300.0)
        polling = site.has("ceilometer")
        resources = [agent, libvirt, nova]
        if polling:
            resources.append(_clone("ceilometer-compute", POLLER.name, 120.0))
        # nova-compute is of no use without libvirt on its node; packets flow without the agent.
        chain = [libvirt.id, nova.id]
        if options.instances_share:
            share = running.everywhere(running.shared_directory("nova-instances", options.instances_share, INSTANCES))
            resources.insert(0, share)
            chain.insert(0, share.id)
        constraints: list[Constraint] = [
            *running.chained(*chain),
            *(Colocation(then, first) for first, then in zip(chain, chain[1:], strict=False)),
            *running.loosely(agent.id, nova.id),
        ]
        return Declaration(
            packages=(
                "nova-compute",
                f"nova-compute-{options.virtualization}",
                "libvirt-daemon-system",
                "neutron-openvswitch-agent",
                "openvswitch-switch",
                *(("nfs-common",) if options.instances_share else ()),
                *((POLLER.name,) if polling else ()),
            ),
            files=(
                *(
                    private_file("/etc/nova/nova.conf", _settings(site, node, options), "nova", ("nova-compute",), node)
                    for node in site.nodes
                ),
                private_file(
                    "/etc/neutron/neutron.conf",
                    network.neutron_settings(site, NETWORK_BROKER),
                    "neutron",
                    ("neutron-openvswitch-agent",),
                ),
                *(network.agent_file(site, node, {}) for node in site.nodes),
                *(_polling(site) if polling else ()),
            ),
            sysctl={"net.ipv4.ip_forward": "1"},
            ports=(
                Port(network.VXLAN_PORT, "internal", "VXLAN", "udp"),
                Port(16509, "internal", "libvirtd"),
            ),
            broker_accounts=(BROKER, NETWORK_BROKER, *((ceilometer.BROKER,) if polling else ())),
            units=(
                running.packaged("neutron-openvswitch-agent", "neutron"),
                running.packaged("nova-compute", "nova"),
                _LIBVIRTD,
                *((POLLER,) if polling else ()),
            ),
            resources=tuple(resources),
            constraints=tuple(constraints),
            health=running.process_health("nova-compute"),
        )


POLLER = running.packaged("ceilometer-agent-compute", "ceilometer")
_LIBVIRTD = Unit("libvirtd", "/usr/sbin/libvirtd")


def _polling(site: Site) -> tuple[File, ...]:
    """The poller asks only its own node, so it needs no coordination."""
    settings = merged(
        {"DEFAULT": {"log_dir": "/var/log/ceilometer"}, "polling": {"cfg_file": "polling.yaml"}},
        broker_settings(site, ceilometer.BROKER),
        client_settings(site, "ceilometer", "service_credentials"),
    )
    return (
        private_file(ceilometer.CONFIGURATION, settings, "ceilometer", (POLLER.name,)),
        File("/etc/ceilometer/polling.yaml", ceilometer.polling(300), notify=(POLLER.name,)),
    )


def _clone(name: str, unit: str, start: float) -> Clone:
    primitive = Primitive(name, f"systemd:{unit}", operations=running.operations(interval=10.0, start=start))
    return running.everywhere(primitive)


def _settings(site: Site, node: str, options: Options) -> Settings:
    address = site.address(node)
    console = site.endpoint("nova", CONSOLE_PORT, path="/vnc_lite.html")
    return merged(
        on_all_hosts(site, node),
        {
            "DEFAULT": {
                "host": node,
                "compute_driver": "libvirt.LibvirtDriver",
                "instances_path": INSTANCES,
                # Instances that ran when the host went down run again when it comes back.
                "resume_guests_state_on_host_boot": True,
            },
            "libvirt": {"virt_type": options.virtualization},
            "vnc": {
                "enabled": True,
                "server_listen": address,
                "server_proxyclient_address": address,
                "novncproxy_base_url": console,
            },
        },
    )
