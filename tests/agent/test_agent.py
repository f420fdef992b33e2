"""The agent as operators run it: a process on each host, a server, and a policy over what they send."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.agent import sample
from tests.api.server_process import Client, ServerProcess
from tests.waiting import until


class AgentProcess:
    """An agent on a pretended host, with its own files; `log` holds what it said."""

    def __init__(self, directory: Path, host: str, url: str, datasource: str, packages: Path) -> None:
        self.file, template = sample.write(directory / host)
        self.log = directory / host / "agent.log"
        conf = directory / host / "agent.conf"
        conf.write_text(
            f"[agent]\nhost = {host}\nversion = 2026.1\nmax_delay = 0\nperiod = 1\nresend_period = 2\n"
            f"services = sample: {{ {self.file}:{template} }}\n"
            f"[congress]\nendpoint_override = {url}\ndatasource = {datasource}\n"
        )
        command = [sys.executable, "-m", "congress.cli.cfg_validator_agent", "--config-file", str(conf), "--debug"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": str(packages)}
            )

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "state").start()
    yield process
    process.close()


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Callable[[str, str, str], AgentProcess]]:
    sample.install(tmp_path / "packages")
    started: list[AgentProcess] = []

    def start(host: str, url: str, datasource: str) -> AgentProcess:
        started.append(AgentProcess(tmp_path, host, url, datasource, tmp_path / "packages"))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def names(client: Client, datasource: str, table: str) -> set[str]:
    answer = client.get(f"/v1/data-sources/{datasource}/tables/{table}/rows")
    return {row["data"][-1] for row in answer.json()["results"]}


def test_wrong_values_on_any_host_are_found_under_any_name(
    server: ServerProcess, agent: Callable[[str, str, str], AgentProcess]
) -> None:
    client = Client(server.url)
    for name in ("config", "settings"):
        assert client.post("/v1/data-sources", {"name": name, "driver": "config"}).status_code == 201
    first = agent("compute-1", server.url, "config")
    agent("compute-2", server.url, "config")
    agent("compute-3", server.url, "settings")
    until(lambda: names(client, "config", "host") == {"compute-1", "compute-2"}, "two hosts in config")
    until(lambda: names(client, "settings", "host") == {"compute-3"}, "a host in settings")
    (item,) = client.get("/v1/librarypolicies?name=ConfigValues").json()["results"]
    assert client.post(f"/v1/policies?library_policy={item['id']}", {}).status_code == 201
    found = {(row[0], row[3], row[4]) for row in client.rows("ConfigValues", "error")}
    assert found == {(host, *wrong) for host in ("compute-1", "compute-2")
                     for wrong in (("workers", "12"), ("ratio", "much"))}  # fmt: skip
    assert {row[3] for row in client.rows("ConfigValues", "warning")} == {"gone"}
    Path(first.file).write_text("[DEFAULT]\nworkers = 2\n")
    until(lambda: {row[0] for row in client.rows("ConfigValues", "error")} == {"compute-2"}, "compute-1 mended")
    tables = client.get("/v1/data-sources/config/tables").json()["results"]
    for table in [one["id"] for one in tables]:
        assert sample.CANARY not in client.get(f"/v1/data-sources/config/tables/{table}/rows").text
    assert sample.CANARY not in first.log.read_text() + server.log.read_text()
    assert first.stop() == 0


def test_a_restarted_server_is_told_again(
    server: ServerProcess, agent: Callable[[str, str, str], AgentProcess]
) -> None:
    client = Client(server.url)
    assert client.post("/v1/data-sources", {"name": "config", "driver": "config"}).status_code == 201
    port = server.url.rsplit(":", 1)[1]
    process = agent("compute-1", server.url, "config")
    until(lambda: names(client, "config", "host") == {"compute-1"}, "the host is known")
    server.kill()
    until(lambda: "did not take the report" in process.log.read_text(), "the agent notices")
    again = ServerProcess(server.state, "--bind-port", port).start()
    try:
        client = Client(again.url)
        until(lambda: names(client, "config", "host") == {"compute-1"}, "the host is known again")
    finally:
        again.close()
