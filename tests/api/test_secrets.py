"""Secrets of datasources and of callers are told by no answer and no log, wherever they were put.

All answers and logs are also watched by `tests.canaries`.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.api.keystone_process import PASSWORD, PERSONAS, KeystoneProcess
from tests.api.server_process import Client, ServerProcess, guarded_server
from tests.databases import free_port
from tests.waiting import until

SECRET = "canary-/p@ss:w0rd"  # noqa: S105 - looked for where it must not be
NOWHERE = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": SECRET, "project_name": "p"}
EVERYTHING = """
[DEFAULT]
debug = true
default_log_levels = sqlalchemy=DEBUG,keystoneauth=DEBUG,keystonemiddleware=DEBUG,urllib3=DEBUG,requests=DEBUG,\
openstack=DEBUG,oslo_policy=DEBUG,waitress=DEBUG,alembic=DEBUG,stevedore=DEBUG
[database]
connection_debug = 100
"""


def failed(client: Client, name: str) -> str:
    """The error of a datasource, when it has one."""
    until(lambda: client.get(f"/v1/data-sources/{name}/status").json()["last_error"] != "None", f"{name} failed")
    return str(client.get(f"/v1/data-sources/{name}/status").json()["last_error"])


def test_an_address_with_a_login_is_hidden_and_encrypted(
    own_server: ServerProcess,
) -> None:
    client = Client(own_server.url)
    config = {**NOWHERE, "auth_url": "http://someone:canary-address@127.0.0.1:9/v3", "poll_time": "0"}
    answer = client.post("/v1/data-sources", {"name": "n", "driver": "nova", "config": config})
    assert answer.json()["config"] == {**config, "auth_url": "<hidden>", "password": "<hidden>"}
    assert "http://<hidden>@127.0.0.1:9/v3" in failed(client, "n")
    assert own_server.terminate() == 0
    with sqlite3.connect(own_server.state / "congress.sqlite") as database:
        stored = "".join(database.iterdump())
    assert "canary" not in stored
    client = Client(own_server.start().url)
    assert "127.0.0.1:9" in failed(client, "n")  # it is usable after a restart, too


def test_options_that_nobody_declared_are_hidden_by_their_names(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    refused = client.post(
        "/v1/data-sources", {"name": "n", "driver": "nova", "config": {**NOWHERE, "Password": SECRET}}
    )
    assert (refused.status_code, "Password" in refused.text) == (400, True)
    client.post("/v1/data-sources", {"name": "n", "driver": "nova", "config": {**NOWHERE, "poll_time": "0"}})
    assert own_server.terminate() == 0
    former = {"Password": "canary-1", "api_token": "canary-2", "url": "http://u:canary-3@h", "colour": "red"}
    with sqlite3.connect(own_server.state / "congress.sqlite") as database:
        for driver, name in (("nova", "known"), ("gone", "unknown")):
            row = (name, name, driver, True, json.dumps(former), "[]")
            columns = "(id, name, driver, enabled, config, encrypted)"
            database.execute(f"INSERT INTO datasources {columns} VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    client = Client(own_server.start().url)
    for name in ("known", "unknown"):
        shown = client.get(f"/v1/data-sources/{name}").json()["config"]
        assert shown == {"Password": "<hidden>", "api_token": "<hidden>", "url": "<hidden>", "colour": "red"}


def test_the_log_of_requests_has_no_queries(client: Client, server: ServerProcess) -> None:
    client.get("/v1/policies?api_key=canary-query")
    client.get("/v1/data-sources/nobody/status?token=canary-query")
    until(lambda: "GET /v1/data-sources/nobody/status 404" in server.log.read_text(), "the request is logged")
    assert "GET /v1/policies 200" in server.log.read_text()


def test_nothing_secret_is_logged_even_when_everything_is(keystone: KeystoneProcess, tmp_path: Path) -> None:
    server = guarded_server(tmp_path, EVERYTHING + keystone.authtoken(cached=-1))
    wrong = {
        "wrong_address": {**NOWHERE, "auth_url": f"http://u:canary-address@127.0.0.1:{free_port()}/v3"},
        "wrong_password": {**NOWHERE, "auth_url": keystone.url, "username": "admin"},
        "wrong_service": {**NOWHERE, "auth_url": keystone.url, "username": "admin", "password": PASSWORD,
                          "project_name": "admin", "endpoint": f"http://127.0.0.1:{free_port()}"},
    }  # fmt: skip
    try:
        client = Client(server.url)
        token = client.session.headers["X-Auth-Token"] = keystone.token_of(PERSONAS[0])
        for name, config in wrong.items():
            answer = client.post("/v1/data-sources", {"name": name, "driver": "nova", "config": config})
            assert answer.status_code == 201
        for name in wrong:
            failed(client, name)
        action = {"name": "servers.pause", "args": {"positional": ["x"]}}
        assert client.post("/v1/data-sources/wrong_address?action=execute", action).status_code == 400
        secret = client.post("/v1/data-sources/wrong_address/webhook-secrets").json()["secret"]
        sender = Client(server.url)
        sender.session.headers["Authorization"] = f"Bearer {secret}"
        assert sender.post("/v1/data-sources/wrong_address/webhook", []).status_code == 400
        sender.session.headers["X-Auth-Token"] = "canary-invented"
        assert sender.get("/v1/policies").status_code == 401
    finally:
        server.close()
    log = server.log.read_text()
    for logger in ("keystoneauth.session", "urllib3.connectionpool", "sqlalchemy.engine", "congress.api.middleware"):
        assert f"DEBUG {logger}" in log, f"{logger} was to say everything"
    for hidden in (SECRET, PASSWORD, token, secret, "canary"):
        assert hidden not in log
