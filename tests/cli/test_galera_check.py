"""A load balancer learns which database node may be used, from real nodes in every state that matters."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from congress.cli import galera_check
from congress.cli.galera_check import Check, reason, server
from demo.ha.galera import CHECK_PORT, Database
from demo.ha.machines import Machine
from tests.databases import free_port
from tests.waiting import until

SYNCED = {
    "wsrep_local_state": "4",
    "wsrep_local_state_comment": "Synced",
    "wsrep_cluster_status": "Primary",
    "wsrep_ready": "ON",
    "read_only": "OFF",
}
DONOR = {"wsrep_local_state": "2", "wsrep_local_state_comment": "Donor/Desynced"}


def test_a_synced_node_of_the_primary_component_is_used() -> None:
    assert reason(SYNCED) is None


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "the node does not replicate"),
        (
            SYNCED | {"wsrep_cluster_status": "non-Primary"},
            "the node is in a non-Primary component, without a majority",
        ),
        (SYNCED | {"wsrep_ready": "OFF"}, "the node does not take queries"),
        (SYNCED | DONOR, "the node is Donor/Desynced, not Synced"),
        (
            SYNCED | {"wsrep_local_state": "1", "wsrep_local_state_comment": "Joining"},
            "the node is Joining, not Synced",
        ),
        (SYNCED | {"read_only": "ON"}, "the node is read only"),
    ],
)
def test_every_other_node_is_not_and_says_why(state: dict[str, str], said: str) -> None:
    assert reason(state) == said


def test_a_node_that_feeds_another_one_is_used_where_that_is_wanted() -> None:
    assert reason(SYNCED | DONOR, donor_serves=True) is None
    assert reason(SYNCED | DONOR | {"wsrep_cluster_status": "non-Primary"}, donor_serves=True)


def test_a_node_that_feeds_another_one_is_left_when_that_takes_longer_than_what_a_returning_one_missed() -> None:
    now = [0.0]
    check = Check({}, donor_seconds=5.0, clock=lambda: now[0])

    def said(at: float, state: dict[str, str]) -> str | None:
        now[0] = at
        return check.judged(state)

    assert said(1.0, SYNCED | DONOR) is None
    assert said(5.9, SYNCED | DONOR) is None
    assert said(6.0, SYNCED | DONOR) == "the node is Donor/Desynced, not Synced"
    assert said(7.0, SYNCED) is None
    assert said(8.0, SYNCED | DONOR) is None
    assert said(9.0, SYNCED | DONOR | {"wsrep_cluster_status": "non-Primary"}) is not None


def test_nobody_at_the_address_is_a_reason(tmp_path: Path) -> None:
    found = Check({"unix_socket": str(tmp_path / "nobody"), "user": "root"}, donor_seconds=5.0)()
    assert found is not None
    assert found.startswith("the node does not answer")


@pytest.mark.parametrize(("found", "status"), [(None, 200), ("the node is read only", 503)])
def test_the_answer_is_a_status_with_its_reason(found: str | None, status: int) -> None:
    serving = server("127.0.0.1", 0, lambda: found)  # type: ignore[arg-type]
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{serving.server_address[1]}/"
    try:
        for verb in ("GET", "OPTIONS"):
            answer = requests.request(verb, url, timeout=10)
            assert (answer.status_code, answer.text) == (status, f"{found or 'the node may be used'}\n")
        assert requests.head(url, timeout=10).status_code == status
    finally:
        serving.shutdown()
        serving.server_close()


def test_an_address_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = ["--bind-host", "127.0.0.1", "--bind-port", str(taken.getsockname()[1])]
        assert galera_check.main(arguments) == 1
    assert "congress-galera-check: " in capsys.readouterr().err


def test_a_password_file_that_is_missing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert galera_check.main(["--password-file", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


# -- real nodes

NETWORK = f"127.1.{os.getpid() % 250}"


class Pair:
    """Two database nodes with their checks."""

    def __init__(self, directory: Path) -> None:
        directory.chmod(0o711)  # the database's account passes through it
        addresses = {f"DATABASE_{number}": f"{NETWORK}.{number}" for number in (1, 2, 3)}
        self.nodes = []
        for number in (1, 2):
            machine, place = Machine(f"db{number}", f"{NETWORK}.{number}"), directory / f"db{number}"
            check = [sys.executable, "-m", "congress.cli.galera_check", "--bind-host", machine.address]
            check += ["--socket", str(place / "socket"), "--user", "root"]
            variables = addresses | {"NAME": machine.name, "ADDRESS": machine.address}
            self.nodes.append(Database(machine, place, variables, check))

    def start(self) -> None:
        first, second = self.nodes
        for node in self.nodes:
            node.create()
        first.start(bootstrap=True)
        first.await_synced()
        second.start()
        second.await_synced(2)

    def stop(self) -> None:
        for node in self.nodes:
            node.check.stop()
            node.process.kill()


def told(node: Database) -> tuple[int, str]:
    """What the check of a node answers; nothing while it starts."""
    try:
        answer = requests.get(f"http://{node.machine.address}:{CHECK_PORT}/", timeout=10)
    except requests.RequestException:
        return 0, ""
    return answer.status_code, answer.text.strip()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    directory = Path(tempfile.mkdtemp(prefix="congress-check-"))
    made = Pair(directory)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(directory, ignore_errors=True)


def test_real_nodes_in_every_state(pair: Pair) -> None:
    first, second = pair.nodes
    for node in pair.nodes:
        until(lambda node=node: told(node) == (200, "the node may be used"))  # type: ignore[misc]

    second.query("SET GLOBAL wsrep_desync = ON")  # as when it feeds a node that joins
    assert told(second)[0] == 200
    until(lambda: told(second) == (503, "the node is Donor/Desynced, not Synced"))
    second.query("SET GLOBAL wsrep_desync = OFF")
    second.query("SET GLOBAL read_only = ON")
    until(lambda: told(second) == (503, "the node is read only"))
    second.query("SET GLOBAL read_only = OFF")
    until(lambda: told(second)[0] == 200)

    first.process.pause()
    began = time.monotonic()
    status, said = told(first)
    assert status == 503
    assert "does not answer" in said
    assert time.monotonic() - began < 6.0
    until(lambda: told(second) == (503, "the node is in a non-Primary component, without a majority"))
    first.process.resume()
    for node in pair.nodes:
        until(lambda node=node: told(node)[0] == 200)  # type: ignore[misc]

    first.process.kill()
    until(lambda: told(second) == (503, "the node is in a non-Primary component, without a majority"))
    assert told(first)[0] == 503


def test_the_command_answers_until_it_is_stopped(pair: Pair, tmp_path: Path) -> None:
    password = tmp_path / "check.cnf"
    password.write_text("[client]\npassword = not-asked-for\n")
    port = free_port()
    command = [str(Path(sys.executable).parent / "congress-galera-check"), "--bind-host", "127.0.0.1"]
    command += ["--bind-port", str(port), "--socket", str(pair.nodes[1].socket), "--password-file", str(password)]
    process = subprocess.Popen(command)  # noqa: S603
    try:

        def answer() -> int:
            try:
                return requests.get(f"http://127.0.0.1:{port}/", timeout=10).status_code
            except requests.RequestException:
                return 0

        until(lambda: answer() == 503)
    finally:
        process.terminate()
        process.wait(20)
