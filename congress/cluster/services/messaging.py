"""RabbitMQ under Pacemaker's agent. Clients know all members; quorum queues and streams survive one of them.

The agent starts with nothing when all members were down: what the bus holds is on its way, and accounts come back from
the file of definitions. What has to survive is in the database.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.keepalive import KEEPALIVE
from congress.cluster.declaring.running import operations
from congress.cluster.pacemaker.resources import Clone, Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, File, HealthTest, Mode, Port, Service, Site

PORT, DISTRIBUTION_PORT, MANAGEMENT_PORT = 5672, 25672, 15672
DEFINITIONS = "/etc/rabbitmq/definitions.json"


class Options(pydantic.BaseModel):
    """How quickly a silent member is given up, and what else it shows."""

    model_config = pydantic.ConfigDict(extra="forbid")

    tick_seconds: int = pydantic.Field(
        8, ge=4, le=60, description="Silence after which a member is given up; publishers may wait so long."
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
            packages=("rabbitmq-server",),
            files=(*_shared(options), *(file for node in site.nodes for file in _own(site, node, options))),
            sysctl=KEEPALIVE,
            ports=tuple(ports),
            not_at_boot=("rabbitmq-server", "epmd"),
            resources=(_rabbitmq(site, options),),
            health=HealthTest("rabbitmq-diagnostics -q check_running", timeout=30.0),
        )


def _rabbitmq(site: Site, options: Options) -> Clone:
    parameters = {}
    if site.has("congress"):
        size = options.stream_segment_mb * 1_000_000
        # Words that the agent takes apart at blanks.
        parameters["set_policy"] = (
            f'congress-streams _fanout$ {{"stream-max-segment-size-bytes":{size}}} --apply-to queues'
        )
    primitive = Primitive(
        "rabbitmq",
        "ocf:heartbeat:rabbitmq-cluster",
        parameters,
        operations(interval=10.0, start=200.0, stop=200.0, monitor=40.0),
    )
    # One after the other: the first makes the cluster that the others join.
    return Clone("rabbitmq-clone", primitive, interleave=True, ordered=True, notify=True)


def _shared(options: Options) -> tuple[File, ...]:
    """Files that are the same on all members."""
    plugins = "rabbitmq_management,rabbitmq_prometheus" if options.management else ""
    return (
        File(
            "/etc/rabbitmq/advanced.config",
            f"[{{kernel, [{{net_ticktime, {options.tick_seconds}}}]}}].\n",
            notify=("rabbitmq",),
        ),
        File("/etc/rabbitmq/enabled_plugins", f"[{plugins}].\n", notify=("rabbitmq",)),
        File(
            "/var/lib/rabbitmq/.erlang.cookie",
            mark("messaging-cookie"),
            mode=0o400,
            owner="rabbitmq",
            group="rabbitmq",
            notify=("rabbitmq",),
        ),
    )


def _own(site: Site, node: str, options: Options) -> tuple[File, ...]:
    """Files that name the member."""
    address = site.address(node)
    lines = [
        f"listeners.tcp.1 = {address}:{PORT}",
        "loopback_users = none",
        # Accounts are here again after the agent made the cluster anew.
        f"load_definitions = {DEFINITIONS}",
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
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none"',
    ]
    return (
        File("/etc/rabbitmq/rabbitmq.conf", "\n".join(lines) + "\n", node=node, notify=("rabbitmq",)),
        File("/etc/rabbitmq/rabbitmq-env.conf", "\n".join(environment) + "\n", node=node, notify=("rabbitmq",)),
    )
