"""The laboratory as a fault finds it: what runs where, who is the one writer, and how to break each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.watching import View
from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.scenarios import resource_failures

KILLS = {
    # The programs that would start the others again go first.
    "galera": "pkill -KILL mysqld_safe; pkill -KILL mariadbd",
    "rabbitmq": "pkill -KILL beam.smp",
    "congress-datasource": "kill -KILL $(cat /run/resource-agents/congress-datasource.pid)",
}
"""How the processes of a resource are killed that is no unit; nobody else's are seen in a node."""

UNIT = "read -r pid born < /run/lab/{}.pid && kill -KILL -$pid"
WRITER = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'lab'"


@dataclass(frozen=True, slots=True)
class Scene:
    """`seen`: the cluster at rest, before anything happens."""

    laboratory: Laboratory
    deployment: Deployment
    cluster: Cluster
    seen: View

    def holder(self, resource: str) -> str:
        """The node that runs what runs once. Raises LaboratoryError when nobody does."""
        nodes = sorted(self.seen.roles.get(resource, {}))
        if not nodes:
            raise LaboratoryError(f"{resource} does not run anywhere; see `congress-cluster lab status`")
        return nodes[0]

    def address(self, service: str = "keystone") -> str:
        """The resource of the address that a service is found at."""
        for placed in self.cluster.services:
            for listener in placed.declaration.listeners:
                if placed.service == service:
                    return f"vip-{listener.address}"
        return next(f"vip-{ip.name}" for ip in self.deployment.virtual_ips if ip.cluster == self.cluster.name)

    def has(self, resource: str) -> bool:
        """Whether it runs anywhere."""
        return bool(self.seen.roles.get(resource))

    def others(self, *nodes: str) -> tuple[str, ...]:
        """All other nodes of the cluster."""
        return tuple(node.name for node in self.cluster.nodes if node.name not in nodes)

    def writer(self) -> str:
        """The database node that clients write to. Raises LaboratoryError."""
        for node in self.seen.roles.get("galera", {}):
            told = self.laboratory.run(node, f'mariadb -NBe "{WRITER}"', timeout=10.0)
            if told.returncode == 0 and told.stdout.strip() not in ("", "0"):
                return node
        raise LaboratoryError("no database node has clients")

    def kill(self, resource: str, node: str) -> None:
        """Kill the processes of a resource on a node, as a crash does. Raises LaboratoryError."""
        command = KILLS.get(resource, UNIT.format(resource))
        told = self.laboratory.run(node, command, timeout=10.0)
        if told.returncode:
            raise LaboratoryError(f"{resource} on {node} was not killed: {told.stderr.strip()}")

    def killed(self, resource: str, node: str) -> Event:
        """What the simulator calls that. Raises LaboratoryError when nothing would notice it."""
        for event in self._failures():
            if (event.kind, event.resource, event.node) == (Kind.MONITOR, resource, node):
                return event
        raise LaboratoryError(f"Pacemaker does not watch {resource} on {node}")

    def _failures(self) -> Iterator[Event]:
        yield from resource_failures(expectations(self.cluster.configuration), self.seen.status)
