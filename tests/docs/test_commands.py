"""Commands that stand alone on their pages do what they say, beside a server that has the policy `p`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.docs.pages import ROOT, Block, blocks, shows, steps

NAMES = ("actions.md", "errors.md", "library.md", "observability.md", "operate.md",
         "recover.md", "secrets.md", "upgrade.md", "violations.md")  # fmt: skip
ALONE = [
    block
    for name in NAMES
    for block in blocks(ROOT / "docs" / name)
    if block.language in ("sh", "console") and not block.not_run
]
CONFIGURATION = "/etc/congress/congress.conf"
ADDRESS = "localhost:1789"
BEFORE = """
set -euo pipefail
TOKEN=none
curl() { command curl --fail-with-body --silent --show-error "$@"; }
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with what the pages talk of: a configuration, a log, a description of a control plane."""
    place = tmp_path_factory.mktemp("pages")
    database = f"[database]\nconnection = sqlite:///{place}/state/congress.db\n"
    file = place / ".congress" / "congress.conf"
    file.parent.mkdir()
    file.touch(mode=0o600)
    file.write_text(f"[DEFAULT]\nauth_strategy = noauth\nstate_dir = {place}/state\n{database}")
    (place / "congress.log").write_text("what was said\n")
    shutil.copy(ROOT / "examples" / "small.yaml", place / "cluster.yaml")
    return place


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(place / "state", "--config-file", str(place / ".congress" / "congress.conf")).start()
    assert Client(process.url).post("/v1/policies", {"name": "p"}).status_code == 201
    yield process
    process.close()


@pytest.mark.parametrize("block", ALONE, ids=str)
def test_the_commands_of_a_page_work(block: Block, place: Path, server: ServerProcess) -> None:
    if block.language == "sh":
        carry_out(block.text, place, server)
    for command, printed in steps(block) if block.language == "console" else ():
        said = carry_out(command, place, server)
        assert shows(printed, said), f"$ {command}\n{said}"


def carry_out(script: str, place: Path, server: ServerProcess) -> str:
    """What a script prints that finds the server and its configuration where they are in this test."""
    there = {
        CONFIGURATION: str(place / ".congress" / "congress.conf"),
        ADDRESS: server.url.removeprefix("http://"),
        "/var/log/congress": str(place),
        "/var/backups": str(place),
    }
    here = script
    for name, found in there.items():
        here = here.replace(name, found)
    ended = subprocess.run(  # noqa: S603
        ["/bin/bash", "-c", BEFORE + here],
        cwd=place,
        env={**os.environ, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "HOME": str(place)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, f"{script}\n{ended.stdout}{ended.stderr}"
    return ended.stdout
