"""keepalived, for addresses that Pacemaker does not move.

It has neither quorum nor fencing: when the network is cut and both halves live, an address is on two nodes. Whoever can
have Pacemaker for it should.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.services.contract import Declaration, File, HealthTest, Mode, Service, Site, Unit
from congress.cluster.services.loadbalancer import FOREIGN_ADDRESSES, SOCKET

CONFIGURATION = "/etc/keepalived/keepalived.conf"
_ASKED = f"echo show info | /usr/bin/socat -t 2 - UNIX-CONNECT:{SOCKET} | grep -q ^Uptime_sec"


class Options(pydantic.BaseModel):
    """What tells its groups apart from others in the same network, and how quick it is."""

    model_config = pydantic.ConfigDict(extra="forbid")

    first_router_id: int = pydantic.Field(
        52, ge=1, le=230, description="The first number of its groups; the next ones are taken for further addresses."
    )
    advertise_seconds: float = pydantic.Field(
        1.0,
        ge=0.1,
        le=10,
        description="How often the holder says that it is there; after three silences another takes over.",
    )


class Keepalived(Service):
    """An address leaves a node whose proxy does not answer, and stays where it is when an earlier holder returns."""

    name = "keepalived"
    title = "Addresses without Pacemaker (keepalived)"
    mode = Mode.ACTIVE_PASSIVE
    needs: ClassVar = ("loadbalancer",)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        if not site.held("keepalived"):
            instead = "write `by: keepalived` at an address of this cluster, or leave the service away"
            raise site.wrong("first_router_id", "there is no address that keepalived should hold", instead)
        return Declaration(
            packages=("keepalived", "socat"),
            files=tuple(
                File(CONFIGURATION, _configuration(site, node, options), mode=0o640, node=node, notify=("keepalived",))
                for node in site.nodes
            ),
            sysctl=FOREIGN_ADDRESSES,
            units=(Unit("keepalived", "/usr/sbin/keepalived --dont-fork --log-console"),),
            health=HealthTest("pgrep -x keepalived >/dev/null"),
        )


def _configuration(site: Site, node: str, options: Options) -> str:
    priority = 100 - site.nodes.index(node)
    parts = [
        "global_defs {\n    enable_script_security\n    script_user root\n}\n",
        "vrrp_script proxy {\n"
        f"    script \"/bin/sh -c '{_ASKED}'\"\n"
        "    interval 2\n    timeout 3\n    fall 2\n    rise 2\n}\n",
    ]
    for number, held in enumerate(site.held("keepalived"), start=options.first_router_id):
        others = (other for other in site.nodes if other != node)
        peers = "".join(f"        {site.address(other, held.network)}\n" for other in others)
        parts.append(
            f"vrrp_instance {held.name} {{\n"
            # All begin equal, so that a node that comes back takes nothing from the holder.
            "    state BACKUP\n    nopreempt\n"
            f"    interface {site.interface(node, held.network)}\n"
            f"    virtual_router_id {number}\n"
            f"    priority {priority}\n"
            f"    advert_int {options.advertise_seconds:g}\n"
            f"    unicast_src_ip {site.address(node, held.network)}\n"
            f"    unicast_peer {{\n{peers}    }}\n"
            f"    virtual_ipaddress {{\n        {held.address}/{held.prefix}\n    }}\n"
            "    track_script {\n        proxy\n    }\n"
            "}\n"
        )
    return "\n".join(parts)
