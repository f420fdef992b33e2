"""Two services that stand in for real ones, and a description with them: for tests of what works with any services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pydantic

from congress.cluster.pacemaker.resources import Clone, Operation, Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    Check,
    Declaration,
    File,
    Listener,
    Mode,
    NoOptions,
    Port,
    Refused,
    Service,
    Site,
)

OPERATIONS = (
    Operation("start", timeout=60),
    Operation("stop", timeout=60),
    Operation("monitor", timeout=20, interval=5),
)


def clone(name: str, *, promotable: bool = False) -> Clone:
    return Clone(f"{name}-clone", Primitive(name, f"systemd:{name}", operations=OPERATIONS), promotable=promotable)


class LoadBalancer(Service):
    name = "loadbalancer"
    title = "Proxy"
    mode = Mode.ACTIVE_ACTIVE
    entry = ("haproxy-clone",)
    exit: ClassVar[tuple[tuple[str, Literal["start", "promote"]], ...]] = (("haproxy-clone", "start"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(packages=("haproxy",), resources=(clone("haproxy"),))


class Database(Service):
    name = "database"
    title = "Database"
    mode = Mode.ACTIVE_ACTIVE
    default_address = "db"
    entry = ("galera-clone",)
    exit: ClassVar[tuple[tuple[str, Literal["start", "promote"]], ...]] = (("galera-clone", "promote"),)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        listener = Listener("db", "db", 3306, 3306, Check(http="/", port=9200), mode="tcp", stickiness="first")
        return Declaration(resources=(clone("galera", promotable=True),), listeners=(listener,))


class Web(Service):
    """Something that needs the proxy and has options."""

    name = "web"
    title = "Web"
    mode = Mode.ACTIVE_ACTIVE
    needs = ("loadbalancer",)
    after = ("loadbalancer", "database")
    default_address = "web"
    entry = ("web-clone",)
    exit: ClassVar[tuple[tuple[str, Literal["start", "promote"]], ...]] = (("web-clone", "start"),)

    class Options(NoOptions):
        threads: int = pydantic.Field(default=4, ge=1, description="Threads of each server.")

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, self.Options)
        files = tuple(
            File(
                "/etc/web.conf",
                f"bind = {site.address(node)}\nthreads = {options.threads}\nkey = {mark('web.key')}\n",
                mode=0o640,
                node=node,
            )
            for node in site.nodes
        )
        return Declaration(
            packages=("web",),
            files=files,
            ports=(Port(8080, "internal", "web"),),
            resources=(clone("web"),),
            listeners=(Listener("web", "web", 80, 8080, Check(http="/")),),
        )


class Scheduler(Service):
    """Something that runs once."""

    name = "scheduler"
    title = "Scheduler"
    mode = Mode.ACTIVE_PASSIVE
    after = ("database", "web")
    entry = ("scheduler",)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(resources=(Primitive("scheduler", "systemd:scheduler", operations=OPERATIONS),))


class Agent(Service):
    """Something of computes."""

    name = "agent"
    title = "Agent"
    mode = Mode.ONE_NODE
    for_remote_nodes = True
    after = ("web", "database")
    entry = ("agent-clone",)

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(resources=(clone("agent"),))


class Fax(Refused):
    name = "fax"
    title = "Fax"
    reason = "nobody has paper"
    instead = "use web"


SERVICES: Mapping[str, type[Service]] = {
    service.name: service for service in (LoadBalancer, Database, Web, Scheduler, Agent, Fax)
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
clusters:
  control:
    nodes: [node1, node2, node3]
    services:
      loadbalancer:
      database:
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
