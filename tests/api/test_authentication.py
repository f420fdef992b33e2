"""A server that asks a real Keystone who its callers are."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.api.keystone_process import PASSWORD, PERSONAS, KeystoneProcess, Persona
from tests.api.operations import guarded, needed
from tests.api.server_process import ServerProcess, guarded_server
from tests.api.test_client import OPENSTACK
from tests.databases import free_port
from tests.waiting import until

BY_NAME = {persona.name: persona for persona in PERSONAS}
MIGHT = {
    "admin": {"anybody", "reader", "member", "admin"},
    "system-member": {"anybody", "reader", "member"},
    "system-reader": {"anybody", "reader"},
}


@pytest.fixture(scope="module")
def server(keystone: KeystoneProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = guarded_server(tmp_path_factory.mktemp("guarded"), keystone.authtoken())
    keystone.offer(process.url)
    yield process
    process.close()


@pytest.fixture(scope="module")
def tokens(keystone: KeystoneProcess) -> dict[str, str]:
    return {persona.name: keystone.token_of(persona) for persona in PERSONAS}


def ask(server: ServerProcess, verb: str, target: str, token: str | None = None, **more: Any) -> requests.Response:
    headers = {**({"X-Auth-Token": token} if token else {}), **more.pop("headers", {})}
    return requests.request(verb, server.url + target, headers=headers, timeout=60, **more)


def is_refused(answer: requests.Response, status: int) -> bool:
    """Whether the answer is an error as clients of the API know them."""
    body = answer.json()["error"]
    return answer.status_code == body["error_code"] == status and bool(body["message"])


def test_what_needs_no_token(server: ServerProcess) -> None:
    assert ask(server, "GET", "/").json()["versions"][0]["id"] == "v1"
    assert ask(server, "GET", "/healthcheck/live").status_code == 200
    assert ask(server, "GET", "/healthcheck/ready").status_code == 200
    assert ask(server, "GET", "/elsewhere").status_code == 300


def test_every_operation_needs_a_token_that_keystone_knows(server: ServerProcess) -> None:
    for asked in guarded():
        for token in (None, "invented"):
            answer = ask(server, asked.verb, asked.target, token)
            assert is_refused(answer, 401), asked
            assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")


def test_paths_that_lead_nowhere_need_a_token_too(server: ServerProcess, tokens: dict[str, str]) -> None:
    for target, status in (("/v1/nowhere", 404), ("/v1/policies/p/tables/t/rows/1", 501)):
        assert is_refused(ask(server, "GET", target), 401)
        assert is_refused(ask(server, "GET", target, tokens["admin"]), status)
    assert is_refused(ask(server, "PATCH", "/v1/data-sources", tokens["guest"]), 501)
    told = ask(server, "OPTIONS", "/v1/policies")  # answered for browsers, before anybody looks at the path
    assert (told.status_code, told.content, told.headers.get("Allow")) == (200, b"", None)


@pytest.mark.parametrize("path", ["/v1/policies", "//v1/policies", "/%76%31/policies", "/v1/policies?a=/healthcheck"])
def test_headers_and_spellings_do_not_replace_a_token(server: ServerProcess, path: str) -> None:
    claims = {"X-Identity-Status": "Confirmed", "X-User-Id": "u", "X-Roles": "admin", "X-Project-Id": "p"}
    for more in ({}, {"X-Auth-Token": "invented"}, {"Authorization": "Bearer invented"}):
        assert is_refused(ask(server, "GET", path, headers={**claims, **more}), 401)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_each_persona_may_do_what_its_role_says(
    server: ServerProcess, tokens: dict[str, str], persona: Persona
) -> None:
    might = MIGHT.get(persona.name, {"anybody"})
    for asked in guarded():
        answer = ask(server, asked.verb, asked.target, tokens[persona.name])
        if needed(asked) in might:
            assert answer.status_code not in (401, 403), asked
        elif asked.verb == "HEAD":
            assert answer.status_code == 403, asked
        else:
            assert is_refused(answer, 403), asked


def test_what_is_refused_changes_nothing(server: ServerProcess, tokens: dict[str, str]) -> None:
    created = ask(server, "POST", "/v1/policies", tokens["admin"], json={"name": "kept", "rules": [{"rule": "p(1)"}]})
    policy = f"/v1/policies/{created.json()['id']}"
    before = ask(server, "GET", f"{policy}/rules", tokens["system-reader"]).json()
    rule = f"{policy}/rules/{before['results'][0]['id']}"
    for token in (tokens["system-reader"], tokens["system-member"], tokens["tenant-member"]):
        for verb, path, body in (
            ("POST", f"{policy}/rules", {"rule": "p(2)"}),
            ("PUT", rule, {"rule": "p(2)"}),
            ("PATCH", rule, {"enabled": False}),
            ("DELETE", rule, None),
            ("PATCH", policy, {"description": "taken over"}),
            ("DELETE", policy, None),
        ):
            assert is_refused(ask(server, verb, path, token, json=body), 403), (verb, path)
    assert ask(server, "GET", f"{policy}/rules", tokens["system-reader"]).json() == before
    assert ask(server, "GET", policy, tokens["system-reader"]).json()["description"] == ""


def test_an_administrator_of_a_domain_is_not_one_of_the_cloud(server: ServerProcess, keystone: KeystoneProcess) -> None:
    token = keystone.token("admin", domain="default")
    assert is_refused(ask(server, "GET", "/v1/policies", token), 403)


def test_tokens_end(keystone: KeystoneProcess, tmp_path: Path) -> None:
    server = guarded_server(tmp_path, keystone.authtoken(cached=-1))
    try:
        token = keystone.token("admin", project="admin")
        assert ask(server, "GET", "/v1/policies", token).status_code == 200
        assert is_refused(ask(server, "GET", "/v1/policies", keystone.expired(token)), 401)
        keystone.revoke(token)
        assert is_refused(ask(server, "GET", "/v1/policies", token), 401)
    finally:
        server.close()


def test_a_changed_policy_file_is_followed(keystone: KeystoneProcess, tmp_path: Path, tokens: dict[str, str]) -> None:
    section = f"{keystone.authtoken()}\n[oslo_policy]\npolicy_file = policy.yaml\n"
    server = guarded_server(tmp_path, section)
    try:
        assert is_refused(ask(server, "GET", "/v1/policies", tokens["tenant-reader"]), 403)
        (tmp_path / "policy.yaml").write_text('"congress:policies:list": "role:reader"')
        until(lambda: ask(server, "GET", "/v1/policies", tokens["tenant-reader"]).status_code == 200, seconds=20)
        assert is_refused(ask(server, "GET", "/v1/librarypolicies", tokens["tenant-reader"]), 403)
    finally:
        server.close()


def test_without_keystone_tokens_that_are_known_still_count(
    server: ServerProcess, keystone: KeystoneProcess, tokens: dict[str, str]
) -> None:
    assert ask(server, "GET", "/v1/policies", tokens["admin"]).status_code == 200
    unknown = keystone.token("admin", project="admin")
    keystone.stop()
    try:
        assert ask(server, "GET", "/v1/policies", tokens["admin"]).status_code == 200
        assert is_refused(ask(server, "GET", "/v1/policies", unknown), 503)
        assert ask(server, "GET", "/healthcheck/ready").status_code == 200
    finally:
        keystone.resume()
    assert ask(server, "GET", "/v1/policies", unknown).status_code == 200


def test_tokens_are_remembered_in_memcached_and_asked_about_without_it(
    keystone: KeystoneProcess, tmp_path: Path, tokens: dict[str, str]
) -> None:
    port = free_port()
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    memcached = subprocess.Popen(["memcached", "-l", "127.0.0.1", "-p", str(port), *account])  # noqa: S603, S607
    server = guarded_server(tmp_path, f"{keystone.authtoken()}\nmemcached_servers = 127.0.0.1:{port}\n")

    def kept() -> int:
        with socket.create_connection(("127.0.0.1", port), 5) as link:
            link.sendall(b"stats\r\nquit\r\n")
            told = link.makefile().read()
        return int(re.findall(r"curr_items (\d+)", told)[0])

    try:
        assert ask(server, "GET", "/v1/policies", tokens["admin"]).status_code == 200
        assert kept() == 1
        memcached.kill()
        memcached.wait(20)
        assert ask(server, "GET", "/v1/policies", tokens["admin"]).status_code == 200
        assert is_refused(ask(server, "GET", "/v1/policies", "unknown"), 401)
    finally:
        server.close()
        memcached.kill()
        memcached.wait(20)


def test_the_log_names_users_and_no_tokens(server: ServerProcess, tokens: dict[str, str]) -> None:
    ask(server, "GET", "/v1/policies", tokens["admin"])
    log = server.log.read_text()
    assert "GET /v1/policies 200" in log
    assert not any(token in log for token in tokens.values())
    assert PASSWORD not in log


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[DEFAULT]\ndebug = false\n", "auth_strategy is keystone"),
        ("[DEFAULT]\nauth_strategy = keystone\n[keystone_authtoken]\nauth_type = misprint\n", "keystone_authtoken"),
    ],
)
def test_a_server_that_cannot_ask_keystone_does_not_start(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "congress.conf").write_text(text)
    command = [sys.executable, "-m", "congress.cli.server", "--config-file", str(tmp_path / "congress.conf")]
    ended = subprocess.run(  # noqa: S603
        [*command, "--state-dir", str(tmp_path), "--bind-port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert complaint in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


# -- the unmodified command line client ------------------------------------------------------------------------------


def openstack(keystone: KeystoneProcess, user: str, *words: str, password: str = PASSWORD) -> Any:
    """Run `openstack congress …` as this user, who finds the server in the catalog."""
    project = BY_NAME[user].project
    scope = {"OS_PROJECT_NAME": project, "OS_PROJECT_DOMAIN_ID": "default"} if project else {"OS_SYSTEM_SCOPE": "all"}
    login = {"OS_AUTH_URL": keystone.url, "OS_USERNAME": user, "OS_PASSWORD": password}
    more = {"OS_AUTH_TYPE": "password", "OS_USER_DOMAIN_ID": "default", "OS_IDENTITY_API_VERSION": "3"}
    return subprocess.run(  # noqa: S603
        [str(OPENSTACK), "congress", *words],
        env={**os.environ, **login, **more, **scope}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_line_client_logs_in_with_a_password(server: ServerProcess, keystone: KeystoneProcess) -> None:
    created = openstack(keystone, "admin", "policy", "create", "hers", "-f", "json")
    assert json.loads(created.stdout)["name"] == "hers", created.stderr
    assert openstack(keystone, "admin", "policy", "rule", "create", "hers", "p(1)").returncode == 0
    rows = openstack(keystone, "system-reader", "policy", "row", "list", "hers", "p", "-f", "json")
    assert json.loads(rows.stdout) == [{"Col0": 1}], rows.stderr


def test_the_command_line_client_is_refused(server: ServerProcess, keystone: KeystoneProcess) -> None:
    forbidden = openstack(keystone, "tenant-member", "policy", "list")
    assert forbidden.returncode != 0
    assert "Policy doesn't allow congress:policies:list to be performed." in forbidden.stderr
    unknown = openstack(keystone, "admin", "policy", "list", password="wrong")  # noqa: S106
    assert unknown.returncode != 0
    assert "HTTP 401" in unknown.stderr
