"""The nodes of the service, its numbers, and who may see them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.server_process import Client, ServerProcess
from tests.databases import MariaDb, free_port
from tests.waiting import until


def test_a_lone_server_tells_about_itself(client: Client) -> None:
    client.policy("counted", "p(1)")
    status = client.get("/v1/system/status").json()
    assert status["paused"] is False
    [node] = status["nodes"]
    assert node["id"] == status["node"] == socket.gethostname()
    assert node["state"] == "up"
    assert node["roles"] == ["api", "policy-engine", "datasources"]
    assert node["status"]["ready"] is True
    assert node["status"]["policy_revision"] == int(client.get("/v1/policies").headers["X-Congress-Revision"])


def test_tables_are_told_with_sequence_and_age(client: Client) -> None:
    client.post("/v1/data-sources", {"name": "told", "driver": "fake_datasource"})
    client.put("/v1/data-sources/told/tables/fake_table/rows", [{"id": "a", "name": "b"}])
    [node] = client.get("/v1/system/status").json()["nodes"]
    table = node["status"]["tables"]["told:fake_table"]
    assert (table["rows"], table["age"] < 60) == (1, True)
    assert table["sequence"] >= 1


def test_numbers_are_told_to_prometheus(client: Client) -> None:
    client.get("/v1/policies/no-such-policy")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    counted = 'congress_requests_total{method="GET",route="/v1/policies/{policy}",status="404"}'
    assert counted in answer.text
    assert "no-such-policy" not in answer.text


def test_health_has_a_socket_of_its_own_that_answers_when_api_and_engine_hang(tmp_path: Path) -> None:
    port = free_port()
    config = tmp_path / "congress.conf"
    config.write_text(
        f"[DEFAULT]\nauth_strategy = noauth\n[healthcheck]\nport = {port}\napi_seconds = 0.5\nengine_seconds = 0.5\n"
        "[api]\nthreads = 1\n[engine]\nquery_seconds = 5\n"
    )
    server = ServerProcess(tmp_path / "state", "--config-file", str(config)).start()
    told = f"http://127.0.0.1:{port}"
    try:
        until(lambda: requests.get(f"{told}/healthcheck/ready", timeout=5).status_code == 200)
        assert "congress_policy_revision" in requests.get(f"{told}/metrics", timeout=5).text
        facts = (f"q({number})" for number in range(1, 200))
        endless = "p(a) :- q(a), q(b), q(c), q(d), q(e), plus(a, b, s), plus(c, d, t), plus(s, t, u), plus(u, e, 0)"
        Client(server.url).policy("slow", endless, *facts)
        asks = f"{server.url}/v1/policies/slow/tables/p/rows"  # occupies the engine and the only thread
        hang = threading.Thread(target=requests.get, args=(asks,), kwargs={"timeout": 30}, daemon=True)
        hang.start()
        stuck = {"api", "policy_engine"}
        until(lambda: stuck <= set(requests.get(f"{told}/healthcheck/ready", timeout=5).json().get("reasons", {})))
        assert requests.get(f"{told}/healthcheck/live", timeout=5).status_code == 200
        hang.join()
        until(lambda: requests.get(f"{told}/healthcheck/ready", timeout=5).status_code == 200)
    finally:
        server.close()


class Shared:
    """A database server that can be absent, and servers over it."""

    def __init__(self, url: str, place: Path) -> None:
        self.url, self._place, self.servers = url, place, list[ServerProcess]()

    def server(self, node: str, *options: str) -> ServerProcess:
        config = self._place / f"{node}.conf"
        config.write_text(
            f"[DEFAULT]\nauth_strategy = noauth\n[database]\nconnection = {self.url}\n"
            "[lease]\nnode_refresh = 0.2\nnode_timeout = 3\n"
        )
        state = self._place / f"{node}-{len(self.servers)}"
        made = ServerProcess(state, "--config-file", str(config), "--node-id", node, *options)
        self.servers.append(made)
        return made


@pytest.fixture
def shared(mariadb: MariaDb, tmp_path: Path) -> Iterator[Shared]:
    url = mariadb.create()
    command = [sys.executable, "-m", "congress.cli.db_manage", "--database-connection", url, "upgrade", "head"]
    subprocess.run(command, check=True, timeout=120)  # noqa: S603
    found = Shared(url, tmp_path)
    yield found
    for server in found.servers:
        server.close()


def test_any_node_tells_about_all(shared: Shared) -> None:
    one, two = shared.server("one").start(), shared.server("two", "--api").start()

    def states(server: ServerProcess) -> dict[str, str]:
        return {node["id"]: node["state"] for node in Client(server.url).get("/v1/system/status").json()["nodes"]}

    until(lambda: states(one) == states(two) == {"one": "up", "two": "up"})
    two.send(signal.SIGSTOP)
    until(lambda: states(one)["two"] == "silent")
    two.send(signal.SIGCONT)
    until(lambda: states(one)["two"] == "up")
    assert two.terminate() == 0
    until(lambda: states(one) == {"one": "up"})


def test_a_second_process_of_the_same_node_id_does_not_start(shared: Shared) -> None:
    first = shared.server("one").start()
    second = shared.server("one")
    with pytest.raises(AssertionError):
        second.start()
    said = second.log.read_text()
    assert f"node id one is in use by process {first.pid} on host {socket.gethostname()}, which took it " in said
    assert "Traceback" not in said
    first.kill()
    shared.server("one").start()


def test_a_server_whose_node_id_was_taken_while_it_was_frozen_leaves(shared: Shared) -> None:
    frozen = shared.server("one").start()
    frozen.send(signal.SIGSTOP)
    try:
        successor = shared.server("one").start()
    finally:
        frozen.send(signal.SIGCONT)
    until(lambda: not frozen.running)
    assert f"process {successor.pid} on host {socket.gethostname()} has taken the node id one" in frozen.log.read_text()
    assert Client(successor.url).get("/healthcheck/ready").status_code == 200


def test_a_server_stops_in_time_and_others_see_it_go(shared: Shared) -> None:
    server = shared.server("one").start()
    started = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - started < 5
    shared.server("one").start()  # at once: the node id was given back


def test_a_server_waits_for_its_database_and_says_so(tmp_path: Path) -> None:
    port, health = free_port(), free_port()
    config = tmp_path / "congress.conf"
    config.write_text(
        "[DEFAULT]\nauth_strategy = noauth\n[database]\n"
        f"connection = mysql+pymysql://root:canary@127.0.0.1:{port}/congress\n[healthcheck]\nport = {health}\n"
    )
    command = [sys.executable, "-m", "congress.cli.server", "--config-file", str(config), "--bind-port", "0"]
    with (tmp_path / "log").open("wb") as log:
        waiting = subprocess.Popen([*command, "--state-dir", str(tmp_path)], stderr=log, stdout=log)  # noqa: S603
    try:
        until(lambda: "try 3" in (tmp_path / "log").read_text())
        said = (tmp_path / "log").read_text()
        assert "waiting for the database mysql+pymysql://" in said
        assert "canary" not in said
        answer = requests.get(f"http://127.0.0.1:{health}/healthcheck/ready", timeout=5)
        assert "waiting for the database" in answer.json()["reason"]
        waiting.terminate()
        assert waiting.wait(5) == 0
    finally:
        waiting.kill()
        waiting.wait(5)
