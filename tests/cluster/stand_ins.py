"""Two services that stand in for real ones, and a description with them: for tests of what works with any services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias

import pydantic

from congress.cluster.pacemaker.resources import Clone, Operation, Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    BrokerAccount,
    Check,
    Declaration,
    File,
    HealthTest,
    Listener,
    Mode,
    NoOptions,
    Port,
    Refused,
    Service,
    Site,
)

OPERATIONS = (
    Operation("start", timeout=120),
    Operation("stop", timeout=120),
    Operation("monitor", timeout=20, interval=5),
)
PROMOTABLE = (
    Operation("start", timeout=120),
    Operation("stop", timeout=120),
    Operation("promote", timeout=120),
    Operation("demote", timeout=120),
    Operation("monitor", timeout=20, interval=10),
    Operation("monitor", timeout=20, interval=5, role="Promoted"),
)
KEEPALIVE = {"time": "5", "probes": "5", "intvl": "1"}
HEALTH = HealthTest("true")
Exit: TypeAlias = tuple[tuple[str, Literal["start", "promote"]], ...]


def clone(name: str, agent: str = "") -> Clone:
    return Clone(f"{name}-clone", Primitive(name, agent or f"systemd:{name}", operations=OPERATIONS))


class LoadBalancer(Service):
    name = "loadbalancer"
    title = "Proxy"
    mode = Mode.ACTIVE_ACTIVE
    entry = ("haproxy-clone",)
    exit: ClassVar[Exit] = (("haproxy-clone", "start"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(packages=("haproxy",), resources=(clone("haproxy"),), health=HEALTH)


class Database(Service):
    name = "database"
    title = "Database"
    mode = Mode.ACTIVE_ACTIVE
    default_address = "db"
    entry = ("galera-clone",)
    exit: ClassVar[Exit] = (("galera-clone", "promote"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        times = (
            "evs.suspect_timeout=PT1.5S;evs.keepalive_period=PT0.3S;evs.install_timeout=PT5S;evs.inactive_timeout=PT6S"
        )
        return Declaration(
            files=(File("/etc/mysql/galera.cnf", f"wsrep_provider_options = '{times}'\n"),),
            ports=(Port(3306, "internal", "mariadbd"), Port(9200, "internal", "check")),
            resources=(
                Clone(
                    "galera-clone",
                    Primitive("galera", "ocf:heartbeat:galera", operations=PROMOTABLE),
                    promotable=True,
                    promoted_max=len(site.nodes),
                ),
            ),
            listeners=(
                Listener("db", "db", 3306, 3306, Check("/", port=9200, again=0.25), mode="tcp", stickiness="first"),
            ),
            health=HEALTH,
        )


class Broker(Service):
    name = "broker"
    title = "Broker"
    mode = Mode.ACTIVE_ACTIVE
    entry = ("rabbitmq-clone",)
    exit: ClassVar[Exit] = (("rabbitmq-clone", "start"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(
            files=(File("/etc/rabbitmq/rabbitmq.conf", "cluster_partition_handling = pause_minority\n"),),
            ports=(Port(5672, "internal", "rabbitmq"),),
            resources=(clone("rabbitmq", "systemd:rabbitmq-server"),),
            health=HEALTH,
        )


class Web(Service):
    """Something that needs the proxy, uses database and broker, and has options."""

    name = "web"
    title = "Web"
    mode = Mode.ACTIVE_ACTIVE
    needs = ("loadbalancer",)
    after = ("loadbalancer", "database")
    default_address = "web"
    entry = ("web-clone",)
    exit: ClassVar[Exit] = (("web-clone", "start"),)

    class Options(NoOptions):
        threads: int = pydantic.Field(default=4, ge=1, description="Threads of each server.")

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, self.Options)
        own = tuple(
            File(
                "/etc/web.conf",
                f"[DEFAULT]\nbind = {site.address(node)}\nthreads = {options.threads}\nkey = {mark('web.key')}\n"
                f"transport_url = {site.broker_url('web', 'web.broker')}\n"
                "[oslo_messaging_rabbit]\nrabbit_quorum_queue = True\n",
                mode=0o640,
                node=node,
            )
            for node in site.nodes
        )
        unit = File("/etc/systemd/system/web.service", "[Service]\nExecStart=/usr/bin/web\nTimeoutStopSec=30\n")
        return Declaration(
            packages=("web",),
            files=(*own, unit),
            sysctl={f"net.ipv4.tcp_keepalive_{name}": value for name, value in KEEPALIVE.items()},
            ports=(Port(8080, "internal", "web"),),
            broker_accounts=(BrokerAccount("web", "web.broker"),),
            resources=(clone("web"),),
            listeners=(Listener("web", "web", 80, 8080, Check(http="/")),),
            health=HEALTH,
        )


class Scheduler(Service):
    """Something that runs once."""

    name = "scheduler"
    title = "Scheduler"
    mode = Mode.ACTIVE_PASSIVE
    after = ("database", "web")
    entry = ("scheduler",)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(
            resources=(Primitive("scheduler", "systemd:scheduler", operations=OPERATIONS),), health=HEALTH
        )


class Agent(Service):
    """Something of computes."""

    name = "agent"
    title = "Agent"
    mode = Mode.ONE_NODE
    for_remote_nodes = True
    after = ("web", "database")
    entry = ("agent-clone",)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(resources=(clone("agent"),), health=HEALTH)


class Fax(Refused):
    name = "fax"
    title = "Fax"
    reason = "nobody has paper"
    instead = "use web"


SERVICES: Mapping[str, type[Service]] = {
    service.name: service for service in (LoadBalancer, Database, Broker, Web, Scheduler, Agent, Fax)
}

DESCRIPTION = """\
name: cloud
architecture: collapsed
networks:
  internal: {cidr: 10.0.0.0/24}
nodes:
  node1: {addresses: {internal: 10.0.0.11}, host: rack1}
  node2: {addresses: {internal: 10.0.0.12}, host: rack2}
  node3: {addresses: {internal: 10.0.0.13}, host: rack3}
fencing:
  power:
    agent: fence_ipmilan
    hosts: [node1, node2, node3]
    parameters: {username: admin, password: {secret: power}}
virtual_ips:
  api: {address: 10.0.0.100}
  db: {address: 10.0.0.101}
secrets:
  default: {generated: 32}
  named:
    power: {environment: POWER}
clusters:
  control:
    nodes: [node1, node2, node3]
    services:
      loadbalancer:
      database:
      broker:
      web:
        options: {threads: 2}
      scheduler:
"""

WITH_COMPUTES = DESCRIPTION.replace(
    "fencing:\n",
    """\
  compute1: {addresses: {internal: 10.0.0.21}, remote: true}
  compute2: {addresses: {internal: 10.0.0.22}, remote: true}
fencing:
""",
    1,
).replace(
    "nodes: [node1, node2, node3]\n    services:",
    "nodes: [node1, node2, node3, compute1, compute2]\n    services:\n      agent:",
)
