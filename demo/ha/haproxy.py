"""HAProxy with the configuration of `deploy/ha/haproxy.cfg`."""

from __future__ import annotations

import csv
import grp
import os
import pwd
import socket
from collections.abc import Mapping, Sequence
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
        self._admin = str(directory / "admin")
        account = {
            "HAPROXY_USER": pwd.getpwuid(os.geteuid()).pw_name,
            "HAPROXY_GROUP": grp.getgrgid(os.getegid()).gr_name,
        }
        env = {**variables, **account, "HAPROXY_SOCKET": self._admin}
        command = ["haproxy", "-W", "-db", "-f", str(TEMPLATES / "haproxy.cfg")]
        self.process = Process(machine, "haproxy", command, directory, env)

    @property
    def url(self) -> str:
        """Where clients find the API."""
        return f"http://{self.machine.address}:{API_PORT}"

    def states(self) -> dict[str, str]:
        """What the balancer thinks of each server behind it: `UP`, `DOWN`, or on the way. Empty when it is gone."""
        try:
            told = self._ask("show stat")
        except OSError:
            return {}
        lines = csv.DictReader(told.removeprefix("# ").splitlines())
        return {line["svname"]: line["status"] for line in lines if line["svname"] not in ("FRONTEND", "BACKEND")}

    def forget_clients(self) -> None:
        """Balance clients without a cookie anew: which server each was given is forgotten. Raises OSError."""
        self._ask("clear table congress")

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2.0)
            link.connect(self._admin)
            link.sendall(f"{command}\n".encode())
            return link.makefile().read()

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.process.start()
        self.process.await_("listening", self.listens, 10.0)

    def await_up(self, names: Sequence[str], seconds: float = 60.0) -> None:
        """Wait until it sends requests to all of these servers. Raises NotStarted."""

        def up() -> bool:
            states = self.states()
            return all(states.get(name, "").startswith("UP") for name in names)

        self.process.await_(f"sending requests to {', '.join(names)}", up, seconds)

    def listens(self) -> bool:
        """Whether it takes connections."""
        try:
            with socket.create_connection((self.machine.address, API_PORT), timeout=1.0):
                return True
        except OSError:
            return False
