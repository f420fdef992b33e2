"""A broker's node that does not find back to the others is restarted, and no other one."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/systemd/rabbitmq-rejoin.sh"


class Host:
    """A host on which the script looks at a port."""

    def __init__(self, directory: Path) -> None:
        self.since, self.restarted = directory / "since", directory / "restarted"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def look(self, *, patience: int = 120, runs: str = "true") -> None:
        told = {"PORT": str(self.port), "PATIENCE": str(patience), "SINCE": str(self.since), "RUNS": runs}
        env = {**os.environ, **told, "RESTART": f"touch {self.restarted}"}
        subprocess.run([str(SCRIPT)], env=env, timeout=30, check=True, capture_output=True)  # noqa: S603


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.listener.close()


def test_a_node_that_takes_clients_is_left_alone(host: Host) -> None:
    host.look(patience=0)
    assert not host.restarted.exists()
    assert not host.since.exists()


def test_a_node_that_takes_none_has_time_to_start(host: Host) -> None:
    host.listener.close()
    host.look()
    host.look()
    assert not host.restarted.exists()
    assert host.since.read_text().strip().isdigit()


def test_one_that_takes_none_for_too_long_is_restarted_once(host: Host) -> None:
    host.listener.close()
    host.look()
    host.look(patience=0)
    assert host.restarted.exists()
    host.restarted.unlink()
    host.look()
    assert not host.restarted.exists(), "it has time to start again"


def test_one_that_came_back_meanwhile_is_left_alone_later(host: Host) -> None:
    host.since.write_text("0\n")
    host.look()
    assert not host.since.exists()


def test_one_that_was_stopped_on_purpose_is_not_started(host: Host) -> None:
    host.listener.close()
    host.since.write_text("0\n")
    host.look(runs="false")
    assert not host.restarted.exists()
