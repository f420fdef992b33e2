"""HAProxy with the configuration of `deploy/ha/haproxy.cfg`."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from demo.ha.machines import Machine, Process
from demo.ha.templates import TEMPLATES

API_PORT, DATABASE_PORT = 1789, 3306


class Proxy:
    """The load balancer in front of API nodes and database."""

    def __init__(self, machine: Machine, directory: Path, variables: Mapping[str, str]) -> None:
        """`variables`: those of `deploy/ha/haproxy.cfg`; it reads them from its environment."""
        self.machine = machine
        directory.mkdir(parents=True, exist_ok=True)
        env = {**variables, "HAPROXY_SOCKET": str(directory / "admin")}
        command = ["haproxy", "-W", "-db", "-f", str(TEMPLATES / "haproxy.cfg")]
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
