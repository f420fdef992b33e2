"""The command line of OpenStack with our commands, in the clients' own environment, against one running server."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import client, server
from tests.api.server_process import ServerProcess

__all__ = ["client", "server"]

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv-client" / "bin"


def installed(place: Path) -> Path:
    """Our distribution as pip would make it known, in a directory for PYTHONPATH, so that tests run this very code."""
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())["project"]
    (place / "congress_openstackclient").symlink_to(ROOT / "client" / "congress_openstackclient")
    about = place / f"congress_openstackclient-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
              for group, entries in project["entry-points"].items()]  # fmt: skip
    (about / "entry_points.txt").write_text("\n".join(groups))
    return place


class CommandLine:
    """Runs `openstack congress …` without authentication, and remembers which commands it ran."""

    def __init__(self, url: str, path: Path) -> None:
        assert (BIN / "openstack").exists(), "`make client` installs the command line of OpenStack"
        self._command = [str(BIN / "openstack"), "--os-auth-type", "none", "--os-endpoint", url, "congress"]
        self._environment = {**os.environ, "PYTHONPATH": str(path), "XDG_CACHE_HOME": str(path / "cache")}
        self.ran: list[str] = []

    def end(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.ran.append(" ".join(words))
        command = [*self._command, *words]
        return subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=120, check=False, env=self._environment
        )

    def __call__(self, *words: str) -> str:
        ended = self.end(*words)
        assert ended.returncode == 0, f"{words}: {ended.stderr}"
        return ended.stdout

    def data(self, *words: str) -> Any:
        return json.loads(self(*words, "-f", "json"))


@pytest.fixture(scope="module")
def openstack(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(server.url, installed(tmp_path_factory.mktemp("plugin")))
