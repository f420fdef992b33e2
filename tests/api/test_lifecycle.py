from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.api.server_process import Client, ServerProcess
from tests.waiting import until


def wait_for_log(server: ServerProcess, text: str, seconds: float = 10.0) -> None:
    until(
        lambda: text in server.log.read_text(),
        lambda: f"{text!r} was not logged:\n{server.log.read_text()}",
        seconds=seconds,
    )


def test_everything_comes_back_after_a_restart(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    source = {"name": "pushed", "driver": "fake_datasource", "config": {"password": "canary-restart"}}
    assert client.post("/v1/data-sources", source).status_code == 201
    client.policy("kept", "p(x) :- pushed:fake_table(id=x)", "q(1)")
    listed = {path: client.get(path).json() for path in ("/v1/policies", "/v1/data-sources", "/v1/policies/kept/rules")}
    assert own_server.terminate() == 0
    client = Client(own_server.start().url)
    assert {path: client.get(path).json() for path in listed} == listed
    assert client.rows("kept", "q") == [[1]]
    client.put("/v1/data-sources/pushed/tables/fake_table/rows", [{"id": "a", "name": "b"}])
    assert client.rows("kept", "p") == [["a"]]


def test_pushed_rows_are_kept_over_a_restart_when_asked_for(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    for name, keep in (("kept", "True"), ("lost", "False")):
        config = {"description": "rows", "persist_data": keep, "columns": "name,number"}
        client.post("/v1/data-sources", {"name": name, "driver": "push", "config": config})
        assert client.put(f"/v1/data-sources/{name}/tables/data/rows", [["a", 1]]).status_code == 200
    own_server.terminate()
    client = Client(own_server.start().url)
    rows = {
        name: client.get(f"/v1/data-sources/{name}/tables/data/rows").json()["results"] for name in ("kept", "lost")
    }
    assert rows == {"kept": [{"data": ["a", 1]}], "lost": []}


def test_sigterm_answers_who_waits_for_a_change_and_exits_with_zero(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state", "--debug").start()
    answers: list[requests.Response] = []

    def wait_for_a_change() -> None:
        answers.append(Client(server.url).get("/v1/policies/classification/changes?wait=20"))

    try:
        waiting = threading.Thread(target=wait_for_a_change)
        waiting.start()
        wait_for_log(server, "GET /v1/policies/classification/changes begins")
        started = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - started < 5
        waiting.join(5)
        assert answers[0].status_code == 200
    finally:
        server.close()


def test_sighup_reads_the_log_level_again(tmp_path: Path) -> None:
    config = tmp_path / "congress.conf"
    config.write_text("[DEFAULT]\nauth_strategy = noauth\ndebug = false\n")
    server = ServerProcess(tmp_path / "state", "--config-file", str(config)).start()
    try:
        config.write_text("[DEFAULT]\nauth_strategy = noauth\ndebug = true\n")
        server.send(signal.SIGHUP)
        wait_for_log(server, "configuration read again, 1 options changed")
        config.write_text("[DEFAULT]\nauth_strategy = noauth\ndebug = perhaps\n")
        server.send(signal.SIGHUP)
        wait_for_log(server, "the old one stays in force")
        assert Client(server.url).get("/healthcheck/ready").status_code == 200
    finally:
        server.close()


def test_a_second_server_over_the_same_state_is_refused(own_server: ServerProcess) -> None:
    status, said = start_and_fail("--state-dir", str(own_server.state), "--bind-port", "0")
    assert status == 1
    assert f"another congress-server (process {own_server.pid}) uses" in said


def test_an_address_that_is_taken_is_named(own_server: ServerProcess, tmp_path: Path) -> None:
    port = own_server.url.rpartition(":")[2]
    status, said = start_and_fail("--state-dir", str(tmp_path / "other"), "--bind-port", port)
    assert status == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in said
    assert "Traceback" not in said


def test_datasources_alone_are_refused(tmp_path: Path) -> None:
    status, said = start_and_fail("--state-dir", str(tmp_path), "--datasources")
    assert status == 1
    assert "--datasources alone would read the clouds for nobody" in said


def test_the_server_takes_the_classic_options(tmp_path: Path) -> None:
    options = ("--api", "--policy-engine", "--datasources", "--node-id=one")
    server = ServerProcess(tmp_path / "state", *options).start()
    assert Client(server.url).get("/healthcheck/live").status_code == 200
    assert server.terminate() == 0


def start_and_fail(*options: str) -> tuple[int, str]:
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "congress.cli.server", *options], capture_output=True, text=True, timeout=30, check=False
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_leaves_at_once(own_server: ServerProcess, signal_number: signal.Signals) -> None:
    own_server.send(signal_number)
    until(lambda: not own_server.running)
    assert re.search(r"server.main \[-\] stopped$", own_server.log.read_text(), re.MULTILINE)  # not cut short


def test_a_driver_that_is_gone_does_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    config, start = tmp_path / "congress.conf", "[DEFAULT]\nauth_strategy = noauth\n"
    config.write_text(start)
    server = ServerProcess(tmp_path / "state", "--config-file", str(config)).start()
    try:
        client = Client(server.url)
        secret = {"password": "canary-lost"}
        client.post("/v1/data-sources", {"name": "lost", "driver": "fake_datasource", "config": secret})
        client.policy("uses", "p(x) :- lost:fake_table(id=x)", "q(1)")
        rule = client.get("/v1/policies/uses/rules").json()["results"][0]
        server.terminate()

        config.write_text(f"{start}disabled_drivers = fake_datasource\n")
        client = Client(server.start().url)
        assert "not available" in client.get("/v1/data-sources/lost/status").json()["last_error"]
        assert client.get("/v1/data-sources/lost").json()["config"] == {"password": "<hidden>"}
        assert "error" in client.get(f"/v1/policies/uses/rules/{rule['id']}/status").json()
        assert client.rows("uses", "q") == [[1]]
        server.terminate()

        config.write_text(start)
        client = Client(server.start().url)
        client.put("/v1/data-sources/lost/tables/fake_table/rows", [{"id": "a", "name": "b"}])
        assert client.rows("uses", "p") == [["a"]]
        server.terminate()

        config.write_text(f"{start}disabled_drivers = fake_datasource\ndelete_missing_driver_datasources = true\n")
        client = Client(server.start().url)
        assert client.get("/v1/data-sources").json() == {"results": []}
    finally:
        server.close()
