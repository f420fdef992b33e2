"""The agent logs in to a real Keystone, and finds Congress in its catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from congress.agent.sender import NotSent, Sender
from tests.agent.test_sending import configured
from tests.api.keystone_process import PASSWORD, PERSONAS, KeystoneProcess
from tests.api.server_process import ServerProcess

REPORT = {"host": "compute-1", "version": "", "namespaces": {}, "files": []}


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeystoneProcess]:
    process = KeystoneProcess(tmp_path_factory.mktemp("identity") / "keystone").start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def server(keystone: KeystoneProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("guarded")
    (place / "congress.conf").write_text(keystone.authtoken())
    options = ("--config-file", str(place / "congress.conf"), "--bind-host", "127.0.0.1")
    process = ServerProcess(place / "state", *options).start()
    keystone.offer(process.url)
    yield process
    process.close()


def account(keystone: KeystoneProcess, user: str, project: str) -> str:
    return (
        f"[congress]\nauth_type = password\nauth_url = {keystone.url}\nusername = {user}\npassword = {PASSWORD}\n"
        f"project_name = {project}\nuser_domain_id = default\nproject_domain_id = default\n"
    )


def test_an_administrators_report_arrives(keystone: KeystoneProcess, server: ServerProcess, tmp_path: Path) -> None:
    headers = {"X-Auth-Token": keystone.token_of(PERSONAS[0])}
    url = f"{server.url}/v1/data-sources"
    created = requests.post(url, json={"name": "config", "driver": "config"}, headers=headers, timeout=60)
    assert created.status_code == 201, created.text
    Sender(configured(tmp_path, account(keystone, "admin", "admin"))).send(REPORT)
    rows = requests.get(f"{url}/config/tables/host/rows", headers=headers, timeout=60).json()["results"]
    assert [row["data"][1] for row in rows] == ["compute-1"]


def test_an_account_without_the_right_is_told_so(
    keystone: KeystoneProcess, server: ServerProcess, tmp_path: Path
) -> None:
    with pytest.raises(NotSent, match="403"):
        Sender(configured(tmp_path, account(keystone, "tenant-reader", "shop"))).send(REPORT)


def test_an_agent_with_the_secret_of_the_datasource_needs_no_account(
    keystone: KeystoneProcess, server: ServerProcess, tmp_path: Path
) -> None:
    headers = {"X-Auth-Token": keystone.token_of(PERSONAS[0])}
    url = f"{server.url}/v1/data-sources"
    requests.post(url, json={"name": "hosts", "driver": "config"}, headers=headers, timeout=60)
    secret = requests.post(f"{url}/hosts/webhook-secrets", headers=headers, timeout=60).json()["secret"]
    text = f"[congress]\nendpoint_override = {server.url}\ndatasource = hosts\ndatasource_secret = "
    with pytest.raises(NotSent, match="401"):
        Sender(configured(tmp_path, f"{text}wrong\n")).send(REPORT)
    Sender(configured(tmp_path, f"{text}{secret}\n")).send(REPORT)
    rows = requests.get(f"{url}/hosts/tables/host/rows", headers=headers, timeout=60).json()["results"]
    assert [row["data"][1] for row in rows] == ["compute-1"]


def test_a_login_that_fails_is_told_without_the_password(keystone: KeystoneProcess, tmp_path: Path) -> None:
    text = account(keystone, "admin", "admin").replace(PASSWORD, "canary-9d2c")
    with pytest.raises(NotSent, match="401") as caught:
        Sender(configured(tmp_path, text)).send(REPORT)
    assert "canary-9d2c" not in str(caught.value)
