"""Processes of Congress, each with a configuration file of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from demo.ha.machines import Machine, Process

API_PORT, HEALTH_PORT = 1789, 1790
QUICK = 2.0


class Node:
    """One `congress-server`."""

    def __init__(
        self,
        machine: Machine,
        directory: Path,
        roles: tuple[str, ...],
        settings: str,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`roles`: the switches, as `--api`; `settings`: the content of congress.conf beside addresses."""
        self.machine, self.name = machine, machine.name
        directory.mkdir(parents=True, exist_ok=True)
        self._config = directory / "congress.conf"
        self._config.write_text(
            settings.replace("@HOST@", machine.address)
            .replace("@API_PORT@", str(API_PORT))
            .replace("@HEALTH_PORT@", str(HEALTH_PORT))
        )
        command = [sys.executable, "-m", "congress.cli.server", "--config-file", str(self._config)]
        self.process = Process(machine, machine.name, [*command, "--node-id", machine.name, *roles], directory, env)

    @property
    def url(self) -> str:
        """Its own API, without the load balancer."""
        return f"http://{self.machine.address}:{API_PORT}"

    def make_tables(self) -> None:
        """Bring the database to what this program needs, as an operator does once, before the first node starts."""
        command = [
            sys.executable,
            "-m",
            "congress.cli.db_manage",
            "--config-file",
            str(self._config),
            "upgrade",
            "head",
        ]
        subprocess.run(
            self.machine.command(command), check=True, capture_output=True, cwd=self._config.parent, timeout=120
        )  # noqa: S603

    def start(self) -> None:
        """Start it, without waiting."""
        self.process.start()

    def await_ready(self, seconds: float = 60.0) -> float:
        """Wait until it says that it is ready; answers how long it took."""
        return self.process.await_("ready", self.ready, seconds)

    def ready(self) -> bool:
        """Whether it says that it should get requests."""
        return self.health("ready")[0] == 200

    def health(self, which: str) -> tuple[int, Any]:
        """Status and body of `/healthcheck/<which>` as its own thread answers them; 0 when nobody does."""
        try:
            answer = requests.get(f"http://{self.machine.address}:{HEALTH_PORT}/healthcheck/{which}", timeout=QUICK)
            return answer.status_code, answer.json()
        except (requests.RequestException, ValueError):
            return 0, None
