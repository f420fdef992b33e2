"""RabbitMQ, whose members keep their identity and their data. Clients know all members.

Pacemaker starts the member of each node and watches it, and has no opinion about who belongs to whom: RabbitMQ knows
that by itself. A member that was killed, fenced or switched off comes back with its data and catches up, so that
quorum queues and streams have all of their replicas again without anybody's help. Who leaves for good is taken out by
a step of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.keepalive import KEEPALIVE
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    Declaration,
    File,
    HealthTest,
    Membership,
    Mode,
    Once,
    Port,
    Service,
    Site,
    Unit,
)

PORT, DISTRIBUTION_PORT, MANAGEMENT_PORT = 5672, 25672, 15672
PEERS = "/etc/rabbitmq/conf.d/10-members.conf"
COOKIE_READER = "rabbitmq-cookie"
MOST_MEMBERS = 16
DATA = "/var/lib/rabbitmq/mnesia"
REPLICAS = "/usr/local/sbin/rabbitmq-replicas"
_PROGRAMS, _REPLICAS = Path(running.__file__).parent, "replicas_program.py"
_MEMBER, _REJOIN = "/usr/local/sbin/rabbitmq-member", "/usr/local/sbin/rabbitmq-rejoin"
SERVER = Unit("rabbitmq-server", _MEMBER, user="rabbitmq")
# One that was cut off may wait for ever for an answer that its peers believe to have given, and Pacemaker sees only
# that its process is there.
LOOKING = Unit("rabbitmq-rejoin", f"/bin/sh -c 'while :; do {_REJOIN}; sleep 15; done'")

RUNNING = f"ss -Hltn 'sport = :{PORT}' | grep -q . && rabbitmq-diagnostics -q check_running"
"""RabbitMQ's own tools start a machine of Erlang's each time, which would take the processor from a member that starts;
so they are asked only when it takes clients."""


class Options(pydantic.BaseModel):
    """How quickly a silent member is given up, and what else it shows."""

    model_config = pydantic.ConfigDict(extra="forbid")

    tick_seconds: int = pydantic.Field(
        5, ge=4, le=60, description="Silence after which a member is given up; publishers may wait so long."
    )
    management: bool = pydantic.Field(True, description="Whether the management API answers on each node.")
    memory_share: float = pydantic.Field(0.4, gt=0, le=0.8, description="Share of memory after which publishers wait.")
    disk_free_mb: int = pydantic.Field(200, ge=50, description="Free space below which publishers wait, in MB.")
    stream_segment_mb: int = pydantic.Field(
        20, ge=1, le=500, description="Size of what Congress's streams are cut by, in MB; they keep at least one piece."
    )


class Messaging(Service):
    """It has no address: connections through a proxy would only hide which member is gone."""

    name = "messaging"
    title = "Message bus (RabbitMQ)"
    mode = Mode.ACTIVE_ACTIVE
    entry: ClassVar = ("rabbitmq-clone",)
    exit: ClassVar = (("rabbitmq-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        ports = [
            Port(PORT, "internal", "rabbitmq"),
            Port(4369, "internal", "epmd"),
            Port(DISTRIBUTION_PORT, "internal", "rabbitmq, between members"),
        ]
        if options.management:
            ports.append(Port(MANAGEMENT_PORT, "internal", "rabbitmq, management"))
        return Declaration(
            packages=("rabbitmq-server", "python3"),
            files=(
                *_shared(options),
                *_programs(),
                *(file for node in site.nodes for file in _own(site, node, options)),
            ),
            sysctl=KEEPALIVE,
            ports=tuple(ports),
            once=tuple(_once(site, options)),
            units=(SERVER, LOOKING),
            not_at_boot=("epmd",),
            resources=(running.everywhere(_rabbitmq()),),
            health=HealthTest(RUNNING, timeout=30.0),
            membership=Membership(
                listed=f"{REPLICAS} members | sed 's/^rabbit@//'",
                drain=f'{REPLICAS} drain "rabbit@$NODE"',
                forget=f'{REPLICAS} forget "rabbit@$NODE"',
                left=f'systemctl stop rabbitmq-server && rm -rf "{DATA}.left" && '
                f'{{ test ! -e {DATA} || mv -T {DATA} "{DATA}.left"; }}',
            ),
        )


def _rabbitmq() -> Primitive:
    # A member that was not the last to stop waits up to five minutes for those that were.
    return Primitive(
        "rabbitmq", "systemd:rabbitmq-server", operations=running.operations(interval=5.0, start=360.0, stop=150.0)
    )


def _once(site: Site, options: Options) -> Iterator[Once]:
    if site.has("congress"):
        setting, size = "stream-max-segment-size-bytes", options.stream_segment_mb * 1_000_000
        yield Once(
            "messaging: size of the pieces of streams",
            f"rabbitmqctl -q set_policy --apply-to queues congress-streams '_fanout$' '{{\"{setting}\":{size}}}'",
            done=f"rabbitmqctl -q list_policies | grep -Eq '{setting}[^0-9]+{size}[^0-9]'",
            after=("messaging",),
        )
    # Of those that were made before this member came: at first there are none.
    yield Once(
        "messaging: replicas on this member",
        f"{REPLICAS} grow",
        done=f"{REPLICAS} check",
        after=("messaging",),
        every_node=True,
    )


def _programs() -> Iterator[File]:
    for path, name in ((_MEMBER, "rabbitmq-member.sh"), (_REJOIN, "rabbitmq-rejoin.sh"), (REPLICAS, _REPLICAS)):
        yield File(path, (_PROGRAMS / name).read_text(encoding="utf-8"), mode=0o755)
    yield running.command_of(SERVER)
    yield running.unit_file(LOOKING, "Restarts a member of the message bus that does not find back", boots=True)


def _shared(options: Options) -> tuple[File, ...]:
    """Files that are the same on all members."""
    plugins = "rabbitmq_management,rabbitmq_prometheus" if options.management else ""
    return (
        File(
            "/etc/rabbitmq/advanced.config",
            # Connecting to a silent member takes 0.2 seconds instead of 7: leaders are elected after several attempts.
            # And each quorum queue has a replica on each member, as streams have.
            f"[{{kernel, [{{net_ticktime, {options.tick_seconds}}}, {{net_setuptime, 0.2}}]}},\n"
            f" {{rabbit, [{{quorum_cluster_size, {MOST_MEMBERS}}}]}}].\n",
            notify=("rabbitmq",),
        ),
        File("/etc/rabbitmq/enabled_plugins", f"[{plugins}].\n", notify=("rabbitmq",)),
        File(
            "/var/lib/rabbitmq/.erlang.cookie",
            mark("messaging-cookie"),
            mode=0o400,
            owner="rabbitmq",
            group="rabbitmq",
            notify=(COOKIE_READER,),
        ),
    )


def _own(site: Site, node: str, options: Options) -> tuple[File, ...]:
    """Files that name the member."""
    address = site.address(node)
    lines = [
        f"listeners.tcp.1 = {address}:{PORT}",
        "loopback_users = none",
        # Members without a majority take nobody, so that there is never more than one cluster.
        "cluster_partition_handling = pause_minority",
        f"vm_memory_high_watermark.relative = {options.memory_share:g}",
        f"disk_free_limit.absolute = {options.disk_free_mb}MB",
        "heartbeat = 15",
    ]
    if options.management:
        lines += [
            f"management.tcp.ip = {address}",
            f"management.tcp.port = {MANAGEMENT_PORT}",
            f"prometheus.tcp.ip = {address}",
        ]
    environment = [
        f"RABBITMQ_NODENAME=rabbit@{node}",
        f"RABBITMQ_DIST_PORT={DISTRIBUTION_PORT}",
        # Not in the member's own directory: whoever has streams puts one's replica there as soon as a member without
        # data starts, and a member whose directory is not empty joins nobody.
        f"RABBITMQ_STREAM_DIR={DATA}/streams",
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none"',
    ]
    return (
        File("/etc/rabbitmq/rabbitmq.conf", "\n".join(lines) + "\n", node=node, notify=("rabbitmq",)),
        File("/etc/rabbitmq/rabbitmq-env.conf", "\n".join(environment) + "\n", node=node, notify=("rabbitmq",)),
        # A member asks for others only while it has no data: nobody has to read these two again.
        File(PEERS, _peers(site), node=node),
        File("/etc/rabbitmq/member.conf", _beginning(site, node), node=node),
    )


def _peers(site: Site) -> str:
    discovery = "cluster_formation.peer_discovery_backend = classic_config"
    names = [f"cluster_formation.classic_config.nodes.{n} = rabbit@{name}" for n, name in enumerate(site.nodes, 1)]
    return "\n".join([discovery, *names]) + "\n"


def _beginning(site: Site, node: str) -> str:
    """What rabbitmq-member wants to know."""
    others = " ".join(f"{site.address(other)}/{PORT}" for other in site.nodes if other != node)
    begins = "yes" if node == site.first else "no"
    own = f"{site.address(node)}/{PORT}"
    return f'NODE=rabbit@{node}\nOWN={own}\nOTHERS="{others}"\nBEGINS={begins}\n'
