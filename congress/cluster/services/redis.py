"""Redis for coordination: one node has the role of the master, and an address goes where that is.

What comes after it waits for the address, not for all members.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.pacemaker.resources import Clone, Operation, Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, File, HealthTest, Mode, Port, Service, Site

PORT = 6379
CONFIGURATION, SOCKET = "/etc/redis/redis.conf", "/run/redis/redis.sock"
PASSWORD = "redis-password"  # noqa: S105 - the name of a secret


def url(site: Site, database: int = 0) -> str:
    """Where the master is; the password is a mark."""
    return f"redis://:{mark(PASSWORD)}@{site.virtual_ip('redis')}:{PORT}/{database}"


class Redis(Service):
    """The composer keeps the virtual address `redis`, which has to say `follows: redis`, beside the master."""

    name = "redis"
    title = "Coordination (Redis)"
    mode = Mode.ACTIVE_PASSIVE
    default_address = "redis"
    entry: ClassVar = ("redis-clone",)
    exit: ClassVar = (("redis-clone", "promote"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        if not any(address.name == "redis" and address.follows == "redis" for address in site.held("pacemaker")):
            what = "it has no address of its own that goes where the master is"
            raise site.wrong("address", what, "add `redis: {address: ..., follows: redis}` to virtual_ips")
        return Declaration(
            packages=("redis-server", "redis-tools"),
            files=tuple(_configuration(site, node) for node in site.nodes),
            ports=(Port(PORT, "internal", "redis"),),
            not_at_boot=("redis-server",),
            resources=(_redis(),),
            health=HealthTest(
                f"p=$(sed -n 's/^requirepass //p' {CONFIGURATION}); "
                f'REDISCLI_AUTH="$p" redis-cli -s {SOCKET} ping | grep -qx PONG'
            ),
        )


def _configuration(site: Site, node: str) -> File:
    lines = (
        f"bind {site.address(node)} 127.0.0.1",
        f"port {PORT}",
        "dir /var/lib/redis",
        "logfile /var/log/redis/redis-server.log",
        f"requirepass {mark(PASSWORD)}",
        f"masterauth {mark(PASSWORD)}",
        "maxmemory-policy noeviction",
        "appendonly yes",
        # A master that nobody follows any more takes no writes: they would be lost.
        *(("min-replicas-to-write 1", "min-replicas-max-lag 10") if len(site.nodes) > 2 else ()),  # noqa: PLR2004
    )
    return File(CONFIGURATION, "\n".join(lines) + "\n", mode=0o640, group="redis", node=node, notify=("redis",))


def _redis() -> Clone:
    primitive = Primitive(
        "redis",
        "ocf:heartbeat:redis",
        {"config": CONFIGURATION, "user": "redis", "wait_last_known_master": "true"},
        (
            Operation("start", timeout=120.0),
            Operation("stop", timeout=120.0),
            Operation("promote", timeout=120.0),
            Operation("demote", timeout=120.0),
            Operation("notify", timeout=90.0),
            Operation("monitor", timeout=60.0, interval=5.0, role="Promoted"),
            Operation("monitor", timeout=60.0, interval=10.0, role="Unpromoted"),
        ),
    )
    return Clone("redis-clone", primitive, interleave=True, ordered=True, notify=True, promotable=True)
