"""HAProxy on each node. An address answers wherever it is, and is only where a proxy works."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.keepalive import KEEPALIVE
from congress.cluster.declaring.running import everywhere, operations
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.services.contract import Declaration, HealthTest, Mode, Port, Service, Site, Unit

STATISTICS_PORT = 8406
PEERS_PORT = 8405
"""Where the load balancers of a cluster tell each other which server is the one writer."""
SOCKET = "/run/haproxy/admin.sock"
CONFIGURATION = "/etc/haproxy/haproxy.cfg"
# The proxy listens at addresses that are at another node now.
FOREIGN_ADDRESSES = {"net.ipv4.ip_nonlocal_bind": "1", "net.ipv6.ip_nonlocal_bind": "1"}


class LoadBalancer(Service):
    """The composer keeps the virtual addresses beside it, the renderer writes its configuration from the listeners."""

    name = "loadbalancer"
    title = "Load balancer (HAProxy)"
    mode = Mode.ACTIVE_ACTIVE
    entry: ClassVar = ("haproxy-clone",)
    exit: ClassVar = (("haproxy-clone", "start"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        # Its clients see every second that it is away.
        proxy = Primitive("haproxy", "systemd:haproxy", operations=operations(interval=2.0))
        return Declaration(
            packages=("haproxy", "socat"),
            ports=(
                Port(STATISTICS_PORT, "internal", "haproxy, statistics"),
                Port(PEERS_PORT, "internal", "haproxy, between balancers"),
            ),
            sysctl={**FOREIGN_ADDRESSES, **KEEPALIVE},
            units=(
                Unit(
                    "haproxy",
                    f"/usr/sbin/haproxy -Ws -f {CONFIGURATION} -p /run/haproxy.pid -S /run/haproxy-master.sock",
                ),
            ),
            resources=(everywhere(proxy),),
            health=HealthTest(f"echo 'show info' | socat -t 5 - UNIX-CONNECT:{SOCKET} | grep -q ^Uptime_sec"),
        )
