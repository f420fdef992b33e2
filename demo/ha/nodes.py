"""Processes of Congress, each with a configuration file of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from demo.ha.machines import Machine, NotStarted, Process

API_PORT, HEALTH_PORT = 1789, 1790
QUICK = 2.0


class Node:
    """One `congress-server`."""

    def __init__(
        self,
        machine: Machine,
        directory: Path,
        roles: tuple[str, ...],
        settings: Mapping[str, str],
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`roles`: the switches, as `--api`; `settings`: the content of each configuration file, by its name."""
        self.machine, self.name, self._directory = machine, machine.name, directory
        directory.mkdir(parents=True, exist_ok=True)
        self._config: list[str] = []
        for name, content in settings.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(content)
            self._config += ["--config-file", str(directory / name)]
        command = [sys.executable, "-m", "congress.cli.server", *self._config, "--node-id", machine.name, *roles]
        command += ["--state-dir", str(directory / "state")]
        self.process = Process(machine, machine.name, command, directory, env)

    @property
    def url(self) -> str:
        """Its own API, without the load balancer."""
        return f"http://{self.machine.address}:{API_PORT}"

    def make_tables(self) -> None:
        """Bring the database to what this program needs, as an operator does once, before the first node starts."""
        command = self.machine.command(
            [sys.executable, "-m", "congress.cli.db_manage", *self._config, "upgrade", "head"]
        )
        subprocess.run(command, check=True, capture_output=True, cwd=self._directory, timeout=120)  # noqa: S603

    def start(self) -> None:
        """Start it, without waiting."""
        self.process.start()

    def await_ready(self, seconds: float = 60.0) -> float:
        """Wait until it says that it is ready; answers how long it took. Raises NotStarted, with what it says."""
        try:
            return self.process.await_("ready", self.ready, seconds)
        except NotStarted as error:
            raise NotStarted(f"{error}\nIt says: {self.health('ready')}") from error

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
