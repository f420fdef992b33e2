"""Other services notify datasources, with a secret in place of a token."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.api.keystone_process import PERSONAS, KeystoneProcess
from tests.api.server_process import Client, ServerProcess, guarded_server

PUSH = {"driver": "push", "config": {"description": "alarms", "columns": "host,state"}}


@pytest.fixture(scope="module")
def guarded(keystone: KeystoneProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = guarded_server(tmp_path_factory.mktemp("guarded"), keystone.authtoken())
    yield process
    process.close()


@pytest.fixture
def admin(guarded: ServerProcess, keystone: KeystoneProcess) -> Client:
    client = Client(guarded.url)
    client.session.headers["X-Auth-Token"] = keystone.token_of(PERSONAS[0])
    return client


@pytest.fixture
def alarms(admin: Client, fresh: Callable[[str], str]) -> str:
    """The path of a new datasource."""
    name = fresh("alarms")
    assert admin.post("/v1/data-sources", {"name": name, **PUSH}).status_code == 201
    return f"/v1/data-sources/{name}"


def new_secret(admin: Client, path: str) -> tuple[str, str]:
    """Id and text."""
    answer = admin.post(f"{path}/webhook-secrets")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    return answer.json()["id"], answer.json()["secret"]


def notify(server: ServerProcess, path: str, secret: str, rows: object = (("h1", "down"),)) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.post(f"{server.url}{path}/webhook", json=rows, headers=headers, timeout=60).status_code


def rows(client: Client, path: str) -> list[list[str]]:
    return [row["data"] for row in client.get(f"{path}/tables/data/rows").json()["results"]]


# -- notifications, without authentication ---------------------------------------------------------------------------


def test_a_notification_replaces_the_rows(client: Client, fresh: Callable[[str], str]) -> None:
    path = f"/v1/data-sources/{fresh('told')}"
    client.post("/v1/data-sources", {"name": path.rpartition("/")[2], **PUSH})
    answer = client.post(f"{path}/webhook", [["h1", "down"], ["h2", "up"]])
    assert (answer.status_code, answer.content) == (200, b"")
    assert rows(client, path) == [["h1", "down"], ["h2", "up"]]
    client.post(f"{path}/webhook", {"data": [["h1", "up"]]})
    assert rows(client, path) == [["h1", "up"]]


@pytest.mark.parametrize("payload", [{}, "text", 1, None, {"data": 1}, [["too", "many", "cells"]], [1]])
def test_a_notification_that_makes_no_sense_is_refused(
    client: Client, fresh: Callable[[str], str], payload: object
) -> None:
    name = fresh("strict")
    client.post("/v1/data-sources", {"name": name, **PUSH})
    assert client.request("POST", f"/v1/data-sources/{name}/webhook", payload).status_code == 400


def test_a_driver_without_a_webhook_says_so(client: Client, fresh: Callable[[str], str]) -> None:
    name = fresh("deaf")
    client.post("/v1/data-sources", {"name": name, "driver": "fake_datasource"})
    answer = client.post(f"/v1/data-sources/{name}/webhook", [])
    assert (answer.status_code, "has no webhook" in answer.text) == (400, True)
    assert client.post("/v1/data-sources/nobody/webhook", []).status_code == 404
    assert client.get(f"/v1/data-sources/{name}/webhook").status_code == 501


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_a_secret_opens_its_own_datasource_for_data_and_nothing_else(
    guarded: ServerProcess, admin: Client, alarms: str, fresh: Callable[[str], str]
) -> None:
    _, secret = new_secret(admin, alarms)
    assert notify(guarded, alarms, secret) == 200
    assert rows(admin, alarms) == [["h1", "down"]]
    headers = {"Authorization": f"Bearer {secret}"}
    pushed = requests.put(f"{guarded.url}{alarms}/tables/data/rows", json=[], headers=headers, timeout=60)
    assert (pushed.status_code, rows(admin, alarms)) == (200, [])

    other = fresh("other")
    admin.post("/v1/data-sources", {"name": other, **PUSH})
    assert notify(guarded, f"/v1/data-sources/{other}", secret) == 401
    for verb, path in (("GET", alarms), ("DELETE", alarms), ("GET", f"{alarms}/tables/data/rows"),
                       ("POST", f"{alarms}/webhook-secrets"), ("GET", "/v1/policies")):  # fmt: skip
        assert requests.request(verb, guarded.url + path, headers=headers, timeout=60).status_code == 401, (verb, path)


@pytest.mark.parametrize(
    ("driver", "config", "table", "payload"),
    [
        ("push", PUSH["config"], "data", [["h1", "down"]]),
        ("doctor", {}, "events", [{"time": "now", "type": "compute.host.down"}]),
        ("fake_datasource", {}, "fake_table", [{"id": "1", "name": "one"}]),
        ("config", {}, "host", [{"host": "h", "version": "", "namespaces": {}, "files": []}]),
    ],
)
def test_every_table_that_takes_rows_takes_them_from_senders(
    guarded: ServerProcess, admin: Client, fresh: Callable[[str], str], driver: str, config: dict[str, str],
    table: str, payload: list[object],
) -> None:  # fmt: skip
    created = admin.post("/v1/data-sources", {"name": fresh("sent"), "driver": driver, "config": config}).json()
    path = f"/v1/data-sources/{created['id']}"
    _, secret = new_secret(admin, path)
    for shown, status in (("wrong", 401), (secret, 200)):
        headers = {"Authorization": f"Bearer {shown}"}
        for place in (path, f"/v1/data-sources/{created['name']}"):
            url = f"{guarded.url}{place}/tables/{table}/rows"
            assert requests.put(url, json=payload, headers=headers, timeout=60).status_code == status
    assert len(admin.get(f"{path}/tables/{table}/rows").json()["results"]) == 1


def test_the_log_tells_who_made_which_secret_and_which_was_used(
    guarded: ServerProcess, keystone: KeystoneProcess, admin: Client, alarms: str
) -> None:
    identifier, secret = new_secret(admin, alarms)
    name = alarms.rpartition("/")[2]
    assert [notify(guarded, alarms, shown) for shown in (secret, "wrong")] == [200, 401]
    admin.delete(f"{alarms}/webhook-secrets/{identifier}")
    user = keystone.ask("GET", "/users?name=admin")["users"][0]["id"]
    lines = guarded.log.read_text().splitlines()

    def line(text: str) -> str:
        return next(each for each in lines if text in each)

    assert user in line(f"webhook secret {identifier} of datasource {name} is made")
    assert user in line(f"webhook secret {identifier} of datasource {name} is deleted")
    assert user not in line(f"a sender shows webhook secret {identifier} of datasource {name}")
    assert "WARNING" in line(f"a sender without a valid secret is refused at datasource {name}")


def test_an_address_can_carry_the_secret(guarded: ServerProcess, admin: Client, alarms: str) -> None:
    _, secret = new_secret(admin, alarms)
    url = guarded.url.replace("http://", f"http://sender:{secret}@")
    assert requests.post(f"{url}{alarms}/webhook", json=[], timeout=60).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Bearer", "Bearer \xff", "Basic !!!", "Basic d3Jvbmc=", "Digest x", "", "Basic Ojo6"]
)
def test_a_wrong_secret_is_refused(guarded: ServerProcess, admin: Client, alarms: str, header: str) -> None:
    new_secret(admin, alarms)
    answer = requests.post(
        f"{guarded.url}{alarms}/webhook", json=[], headers={"Authorization": header.encode("latin-1")}, timeout=60
    )
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (401, 401)


def test_two_secrets_are_valid_during_a_rotation(guarded: ServerProcess, admin: Client, alarms: str) -> None:
    old_id, old = new_secret(admin, alarms)
    new_id, new = new_secret(admin, alarms)
    assert [notify(guarded, alarms, secret) for secret in (old, new)] == [200, 200]
    assert admin.post(f"{alarms}/webhook-secrets").status_code == 409
    listed = admin.get(f"{alarms}/webhook-secrets")
    assert {each["id"] for each in listed.json()["results"]} == {old_id, new_id}
    assert old not in listed.text and new not in listed.text

    assert admin.delete(f"{alarms}/webhook-secrets/{old_id}").json()["id"] == old_id
    assert [notify(guarded, alarms, secret) for secret in (old, new)] == [401, 200]
    assert admin.delete(f"{alarms}/webhook-secrets/{old_id}").status_code == 404


def test_a_token_decides_alone_when_there_is_one(
    guarded: ServerProcess, keystone: KeystoneProcess, admin: Client, alarms: str
) -> None:
    _, secret = new_secret(admin, alarms)
    headers = {"Authorization": f"Bearer {secret}"}
    for token, status in ((keystone.token("tenant-member", project="shop"), 403), ("invented", 401)):
        answer = requests.post(
            f"{guarded.url}{alarms}/webhook", json=[], headers={**headers, "X-Auth-Token": token}, timeout=60
        )
        assert answer.status_code == status


def test_secrets_are_neither_stored_nor_logged(guarded: ServerProcess, admin: Client, alarms: str) -> None:
    _, secret = new_secret(admin, alarms)
    notify(guarded, alarms, secret)
    with sqlite3.connect(guarded.state / "congress.sqlite") as database:
        assert secret not in "".join(database.iterdump())
    assert secret not in guarded.log.read_text()


def test_the_secrets_of_a_datasource_go_with_it(guarded: ServerProcess, admin: Client, alarms: str) -> None:
    _, secret = new_secret(admin, alarms)
    admin.delete(alarms)
    admin.post("/v1/data-sources", {"name": alarms.rpartition("/")[2], **PUSH})
    assert notify(guarded, alarms, secret) == 401
    assert admin.get(f"{alarms}/webhook-secrets").json()["results"] == []
    assert admin.get("/v1/data-sources/nobody/webhook-secrets").status_code == 404
