"""HAProxy with the configuration of `deploy/ha/haproxy.cfg`, filled in."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.ha import galera
from demo.ha.machines import Machine, Process

TEMPLATE = Path(__file__).parents[2] / "deploy" / "ha" / "haproxy.cfg"
API_PORT, DATABASE_PORT = 1789, 3306


class Proxy:
    """The load balancer in front of API nodes and database."""

    def __init__(
        self, machine: Machine, directory: Path, nodes: Mapping[str, tuple[str, int, int]], databases: Sequence[str]
    ) -> None:
        """`nodes`: name -> address, port of the API, port of the health check."""
        self.machine = machine
        directory.mkdir(parents=True, exist_ok=True)
        env = {
            "HAPROXY_SOCKET": str(directory / "admin"),
            "CONGRESS_BIND": f"{machine.address}:{API_PORT}",
            "DATABASE_BIND": f"{machine.address}:{DATABASE_PORT}",
        }
        for number, (address, port, health) in enumerate(nodes.values(), 1):
            env |= {f"CONGRESS_{number}": f"{address}:{port}", f"HEALTH_{number}": str(health)}
        for number, address in enumerate(databases, 1):
            env |= {f"DATABASE_{number}": f"{address}:{galera.PORT}"}
        command = ["haproxy", "-W", "-db", "-f", str(TEMPLATE)]
        self.process = Process(machine, "haproxy", command, directory, env)

    @property
    def url(self) -> str:
        """Where clients find the API."""
        return f"http://{self.machine.address}:{API_PORT}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.process.start()
        self.process.await_("listening", self.listens, 10.0)

    def listens(self) -> bool:
        """Whether it takes connections."""
        try:
            with socket.create_connection((self.machine.address, API_PORT), timeout=1.0):
                return True
        except OSError:
            return False
