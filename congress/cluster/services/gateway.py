"""The way out of the internal network: addresses are translated, names looked up, the time told.

All gateway nodes are ready for it; the virtual address `gateway`, which others have as their route, is at one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.services.contract import Declaration, File, Mode, Port, Service, Site, Unit

SETTINGS, RULES = "/etc/congress-cluster/dnsmasq.conf", "/etc/nftables.conf"
UNIT = Unit("congress-gateway", f"/usr/sbin/dnsmasq --keep-in-foreground --conf-file={SETTINGS}")


class Options(pydantic.BaseModel):
    """Which network is outside, and who is asked there."""

    model_config = pydantic.ConfigDict(extra="forbid")

    outside: str = pydantic.Field(
        "external", pattern=r"^[A-Za-z0-9_-]+$", description="The network that leads outside; gateway nodes are in it."
    )
    resolvers: list[IPv4Address | IPv6Address] = pydantic.Field(
        min_length=1, description="Name servers outside that are asked for what is not known here."
    )
    time_servers: list[str] = pydantic.Field(
        default_factory=lambda: ["2.debian.pool.ntp.org"], min_length=1, description="Time servers outside."
    )


class Gateway(Service):
    """Connections through it break when the address moves; new ones work at once."""

    name = "gateway"
    title = "Way outside (gateway)"
    mode = Mode.ACTIVE_PASSIVE
    default_address = "gateway"
    entry: ClassVar = ("congress-gateway-clone",)
    exit: ClassVar = (("congress-gateway-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        if not any(address.name == "gateway" and address.follows == "gateway" for address in site.held("pacemaker")):
            what = "it has no address of its own that others can have as their route"
            raise site.wrong("outside", what, "add `gateway: {address: ..., follows: gateway}` to virtual_ips")
        return Declaration(
            packages=("dnsmasq-base", "nftables", "chrony"),
            files=(
                *(File(SETTINGS, _names(site, node, options), node=node, notify=(UNIT.name,)) for node in site.nodes),
                *(
                    File(RULES, _rules(site, node, options), mode=0o755, node=node, notify=("nftables",))
                    for node in site.nodes
                ),
                File("/etc/chrony/conf.d/congress-cluster.conf", _time(options), notify=("chrony",)),
                running.unit_file(UNIT, "Names for the nodes of the control plane"),
            ),
            sysctl={"net.ipv4.ip_forward": "1"},
            ports=(
                Port(53, "internal", "dnsmasq", "udp"),
                Port(53, "internal", "dnsmasq"),
                Port(123, "internal", "chrony", "udp"),
            ),
            units=(UNIT,),
            resources=(running.everywhere(running.unit(UNIT.name)),),
            health=running.process_health(SETTINGS),
        )


def _names(site: Site, node: str, options: Options) -> str:
    lines = [
        "bind-dynamic",
        f"listen-address={site.address(node)}",
        f"listen-address={site.virtual_ip('gateway')}",
        "no-resolv",
        *(f"server={resolver}" for resolver in options.resolvers),
        "cache-size=10000",
    ]
    return "\n".join(lines) + "\n"


def _rules(site: Site, node: str, options: Options) -> str:
    outside = site.interface(node, options.outside)
    return (
        "#!/usr/sbin/nft -f\n"
        "table ip congress_gateway\n"
        "delete table ip congress_gateway\n"
        "table ip congress_gateway {\n"
        "    chain outwards {\n"
        "        type nat hook postrouting priority srcnat;\n"
        f'        oifname "{outside}" masquerade\n'
        "    }\n"
        "}\n"
    )


def _time(options: Options) -> str:
    return "".join(f"server {server} iburst\n" for server in options.time_servers) + "allow\n"
