"""The service under a foreign web server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.server_process import Client
from tests.databases import free_port
from tests.waiting import until


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[tuple[Client, Path, subprocess.Popen[bytes]]]:
    """A gunicorn with one worker, its log, and its process."""
    port, log = free_port(), tmp_path / "log"
    config = tmp_path / "congress.conf"
    config.write_text(f"[DEFAULT]\nauth_strategy = noauth\nstate_dir = {tmp_path}/state\napi_workers = 3\n")
    options = ["--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *options, "congress.wsgi.api:application"]
    environment = {**os.environ, "CONGRESS_CONFIG_FILES": str(config)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment, cwd=tmp_path)  # noqa: S603
    try:
        client = Client(f"http://127.0.0.1:{port}")
        until(lambda: _ready(client), log.read_text, ended=lambda: process.poll() is not None)
        yield client, log, process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


def _ready(client: Client) -> bool:
    try:
        return client.get("/healthcheck/ready").status_code == 200
    except requests.ConnectionError:
        return False


def test_gunicorn_serves_the_application(gunicorn: tuple[Client, Path, subprocess.Popen[bytes]]) -> None:
    client, log, process = gunicorn
    client.policy("p", "q(x) :- r(x)", "r(1)")
    assert client.rows("p", "q") == [[1]]
    assert client.get("/v1/policies/nope").json()["error"]["error_code"] == 404
    process.terminate()
    assert process.wait(20) == 0
    assert "option api_workers has no effect" in log.read_text()
    assert "Traceback" not in log.read_text()
