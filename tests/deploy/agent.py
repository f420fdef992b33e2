"""The OCF agent as Pacemaker calls it, over real `congress-server` processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.databases import free_port

ROOT = Path(__file__).parents[2]
AGENT = ROOT / "deploy" / "ocf" / "congress-datasource"
SUCCESS, GENERIC, UNIMPLEMENTED, INSTALLED, NOT_RUNNING = 0, 1, 3, 5, 7
SECONDS = 120.0


class Agent:
    """The agent on one host. `parameters` are those of the resource, and may be changed between calls."""

    def __init__(self, directory: Path, database: str | None = None) -> None:
        """`database`: its URL; without one the server has a file of its own."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.health_port = directory, free_port()
        binary, config = directory / "congress server", directory / "a congress.conf"
        # As pip installs it, at a path with a space.
        binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m congress.cli.server "$@"\n')
        binary.chmod(0o755)
        self.write_config(config, database)
        self.parameters = {
            "binary": str(binary),
            "config": str(config),
            "node_id": "node of the cluster",
            "health_url": self.url("live"),
            "log_file": str(directory / "what it said"),
            # Words as in a shell. The tools around the agent have quotation marks of their own.
            "additional_parameters": f"--state-dir={directory / 'its state'}".replace(" ", "\\ "),
        }

    def write_config(self, file: Path, database: str | None) -> None:
        connection = f"\n[database]\nconnection = {database}\n" if database else ""
        # Nobody listens there: a node does not wait for its broker.
        broker = f"transport_url = rabbit://nobody:nothing@127.0.0.1:{free_port()}/"
        file.write_text(f"[DEFAULT]\n{broker}\n[healthcheck]\nport = {self.health_port}\n{connection}")

    def url(self, which: str) -> str:
        return f"http://127.0.0.1:{self.health_port}/healthcheck/{which}"

    def environment(self) -> dict[str, str]:
        given = {f"OCF_RESKEY_{name}": value for name, value in self.parameters.items()}
        return {
            **os.environ,
            **given,
            "OCF_ROOT": "/usr/lib/ocf",
            "OCF_RESOURCE_INSTANCE": "the-datasources",
            "HA_RSCTMP": str(self.directory / "run"),
        }

    def do(self, action: str, milliseconds: int | None = None) -> int:
        """What the agent answers; `milliseconds`: the operation's limit, as Pacemaker tells it."""
        return self.run(action, milliseconds).returncode

    def run(self, action: str, milliseconds: int | None = None) -> subprocess.CompletedProcess[str]:
        env = self.environment()
        if milliseconds is not None:
            env["OCF_RESKEY_CRM_meta_timeout"] = str(milliseconds)
        return subprocess.run(  # noqa: S603
            ["/bin/sh", str(AGENT), action], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    @property
    def pid_file(self) -> Path:
        return Path(self.parameters.get("pid", self.directory / "run" / "the-datasources.pid"))

    @property
    def pid(self) -> int:
        return int(self.pid_file.read_text())

    def said(self) -> str:
        file = Path(self.parameters["log_file"])
        return file.read_text() if file.exists() else ""

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_exc: object) -> None:
        """End the server, whatever state it is in."""
        if self.pid_file.exists():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)
