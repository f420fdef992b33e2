"""A name and a password become a token, and nothing else learns of them: every test's logs are looked through for the
password, which is a canary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import canaries
from tests.api.keystone_process import PASSWORD, KeystoneProcess
from tests.api.server_process import ServerProcess, guarded_server


@pytest.fixture(scope="module")
def guarded(keystone: KeystoneProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = guarded_server(tmp_path_factory.mktemp("guarded"), keystone.authtoken())
    yield process
    process.close()


def log_in(url: str, **body: Any) -> requests.Response:
    return requests.post(f"{url}/dashboard/login", json=body, timeout=30)


def test_a_token_is_given_that_opens_what_the_roles_allow(guarded: ServerProcess) -> None:
    answer = log_in(guarded.url, user="admin", password=PASSWORD, project="admin")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["auth"], told["user"], told["project"]) == ("keystone", "admin", "admin")
    assert "admin" in told["roles"]
    token = {"X-Auth-Token": canaries.watch(told["token"])}
    assert requests.get(f"{guarded.url}/v1/policies", headers=token, timeout=30).status_code == 200


def test_without_a_project_the_roles_on_the_system_count(guarded: ServerProcess) -> None:
    told = log_in(guarded.url, user="system-reader", password=PASSWORD, domain="Default").json()
    assert told["project"] is None
    token = {"X-Auth-Token": canaries.watch(told["token"])}
    assert requests.get(f"{guarded.url}/v1/policies", headers=token, timeout=30).status_code == 200
    refused = requests.post(f"{guarded.url}/v1/policies", json={"name": "x"}, headers=token, timeout=30)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"user": "admin", "password": "wrong", "project": "admin"},
        {"user": "nobody", "password": PASSWORD, "project": "admin"},
        {"user": "admin", "password": PASSWORD, "project": "nowhere"},
        {"user": "admin", "password": PASSWORD, "project": "admin", "domain": "elsewhere"},
        {"user": "tenant-reader", "password": PASSWORD},
    ],
)
def test_keystone_refuses_and_says_not_more_than_that(guarded: ServerProcess, body: dict[str, str]) -> None:
    answer = log_in(guarded.url, **body)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("Keystone does not accept this")


@pytest.mark.parametrize(
    "body",
    [{}, {"user": "admin"}, {"user": 1, "password": PASSWORD}, {"user": "a", "password": PASSWORD, "more": PASSWORD}],
)
def test_what_is_no_login_is_refused_without_repeating_it(guarded: ServerProcess, body: dict[str, Any]) -> None:
    answer = log_in(guarded.url, **body)
    assert answer.status_code == 400
    assert "a login is an object" in answer.json()["error"]["message"]


def test_a_keystone_that_is_away_is_told_from_a_wrong_password(tmp_path: Path) -> None:
    section = (
        "[keystone_authtoken]\nauth_type = password\nauth_url = http://127.0.0.1:9/v3\nusername = congress\n"
        f"password = {PASSWORD}\nproject_name = service\nuser_domain_id = default\nproject_domain_id = default\n"
    )
    process = guarded_server(tmp_path, section)
    try:
        answer = log_in(process.url, user="admin", password=PASSWORD, project="admin")
        assert answer.status_code == 503
        assert requests.get(f"{process.url}/dashboard/session", timeout=30).json()["auth"] == "keystone"
        assert requests.get(f"{process.url}/v1/policies", timeout=30).status_code in (401, 503)
    finally:
        process.close()


def test_a_server_without_keystone_needs_no_login(server: ServerProcess) -> None:
    assert requests.get(f"{server.url}/dashboard/session", timeout=30).json()["auth"] == "noauth"
    assert log_in(server.url, user="anybody", password=PASSWORD).json()["token"] is None
