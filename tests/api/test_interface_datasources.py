"""What clients of the original may rely on in requests about datasources and drivers, case by case.

Where the original's answer was a mistake, the case holds the answer that docs/differences.md promises.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.api.refusals import begins
from tests.api.server_process import Client
from tests.api.test_interface_policies import ARGUMENTS
from tests.waiting import until

SOURCES = "/v1/data-sources"
LOGIN = {"username": "u", "password": "canary-19", "auth_url": "http://127.0.0.1:1/v3"}
SHOWN = {"id", "name", "driver", "description", "type", "enabled", "config"}


@pytest.fixture(scope="module", autouse=True)
def prepared(client: Client) -> None:
    """A datasource `f` that needs no cloud, and `n` whose cloud is out of reach."""
    config = {"username": "u", "password": "canary-19"}
    body = {"name": "f", "driver": "fake_datasource", "config": config, "description": "d"}
    assert client.post(SOURCES, body).status_code == 201
    polling = {"name": "n", "driver": "nova", "config": {**LOGIN, "tenant_name": "t"}}
    assert client.post(SOURCES, polling).status_code == 201


def test_a_datasource_as_it_is_shown(client: Client) -> None:
    body = {"name": "shown", "driver": "fake_datasource", "config": {"username": "u", "password": "canary-19"}}
    created = client.post(SOURCES, body).json()
    assert set(created) == SHOWN
    assert created["config"] == {"username": "u", "password": "<hidden>"}
    assert (created["type"], created["enabled"], created["description"]) == (None, True, None)
    assert created in client.get(SOURCES).json()["results"]
    for key in ("id", "name"):
        assert client.get(f"{SOURCES}/{created[key]}").json() == created
    gone = client.delete(f"{SOURCES}/{created['id']}")
    assert (gone.status_code, gone.json()) == (200, None)


def test_config_may_be_null_and_names_may_have_dots_and_colons(client: Client) -> None:
    body = {"name": "a.b:c", "driver": "fake_datasource", "config": None}
    assert client.post(SOURCES, body).json()["config"] == {}
    assert client.delete(f"{SOURCES}/a.b:c").status_code == 200


def test_a_datasource_may_be_created_switched_off(client: Client) -> None:
    created = client.post(SOURCES, {"name": "off", "driver": "fake_datasource", "enabled": False})
    assert (created.status_code, created.json()["enabled"]) == (201, False)


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        *[
            ({"name": name, "driver": "fake_datasource"}, 400, 400, f"Bad Request::Datasource name {name} is invalid")
            for name in ("_x", "builtin", "a-b", "a b")
        ],
        ({"name": "h", "driver": "zork"}, 400, 400, "Bad Request::Invalid driver: zork"),
        ({"name": "h"}, 400, 400, "Bad Request::"),
        ([], 400, 400, "Bad Request::"),
        (
            {"name": "h", "driver": "fake_datasource", "config": {"foo": 1}},
            *(400, 400, "Bad Request::Invalid driver options: foo"),
        ),
        (
            {"name": "h", "driver": "nova", "config": {"username": "u"}},
            *(400, 400, "Bad Request::Missing required config options: auth_url, password, project_name"),
        ),
        (
            {"name": "h", "driver": "nova", "config": {**LOGIN, "project_name": "t", "poll_time": "abc"}},
            *(400, 400, "Bad Request::config option poll_time"),
        ),
        ({"name": "f", "driver": "fake_datasource"}, 409, 409, "Conflict::Datasource already in use with name f"),
        ({"name": "h", "driver": "fake_datasource", "id": "5"}, 400, 1001, "Add item does not support user-chosen ID"),
    ],
)
def test_datasources_that_are_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    answer = client.post(SOURCES, body)
    begins(answer, status, code, text)
    assert "canary" not in answer.text
    assert client.get(f"{SOURCES}/h").status_code == 404


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", ""), ("DELETE", ""), ("POST", "?action=request-refresh"), ("GET", "/status"), ("GET", "/schema"),
        ("GET", "/tables/t/spec"), ("GET", "/actions"), ("GET", "/tables"), ("GET", "/tables/t"),
        ("GET", "/tables/t/rows"), ("PUT", "/tables/t/rows"), ("POST", "/webhook"),
    ],
)  # fmt: skip
def test_an_absent_datasource_is_answered_at_once(client: Client, verb: str, path: str) -> None:
    began = time.monotonic()
    answer = client.request(verb, f"{SOURCES}/zork{path}", [] if verb == "PUT" else {})
    begins(answer, 404, 404, "Datasource not found zork")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "text"),
    [
        ("GET", "/f/tables/zork", None, 404, "Not found"),
        ("GET", "/f/tables/zork/spec", None, 404, "Not Found::Table 'zork' for datasource 'f' has no schema "),
        ("GET", "/f/tables/zork/rows", None, 404, "Not Found::tablename 'zork' does not exist"),
        ("PUT", "/f/tables/zork/rows", [], 400, "Bad Request::datasource 'f' has no table 'zork'"),
        ("PUT", "/f/tables/fake_table/rows", ["x"], 400, "Bad Request::item 0 of the pushed list"),
        ("PUT", "/f/tables/fake_table/rows", 5, 400, "Bad Request::"),
        ("POST", "/n/webhook", {}, 400, "Bad Request::"),
        ("POST", "/f/webhook", {}, 400, "Bad Request::"),
        ("POST", "/f/tables/fake_table/webhook", {}, 400, "Bad Request::table 'fake_table' of datasource 'f' takes no"),
    ],
)
def test_what_a_datasource_does_not_have(
    client: Client, verb: str, path: str, body: Any, status: int, text: str
) -> None:
    begins(client.request(verb, SOURCES + path, body), status, status, text)


def test_what_a_datasource_tells_of_itself(client: Client) -> None:
    columns = [{"name": "id", "description": "id"}, {"name": "name", "description": "name"}]
    schema = {"table_id": "fake_table", "columns": columns}
    assert client.get(f"{SOURCES}/f/schema").json() == {"tables": [schema]}
    assert client.get(f"{SOURCES}/f/tables/fake_table/spec").json() == schema
    assert client.get(f"{SOURCES}/f/tables").json() == {"results": [{"id": "fake_table"}]}
    assert client.get(f"{SOURCES}/f/tables/fake_table").json() == {"id": "fake_table"}
    (action,) = client.get(f"{SOURCES}/f/actions").json()["results"]
    assert set(action) == {"name", "args", "description"}
    assert set(action["args"][0]) == {"name", "description"}
    status = client.get(f"{SOURCES}/f/status").json()
    assert {key for key, value in status.items() if isinstance(value, str)} == {
        *("last_updated", "last_error", "number_of_updates", "initialized"),
        *("state", "since"),  # which the original did not tell
    }
    assert (status["initialized"], status["last_error"]) == ("True", "None")
    assert "__engine" in status["subscribers"]
    assert status["subscriptions"] == []


def test_an_unreachable_cloud_is_told_by_the_status(client: Client) -> None:
    until(lambda: client.get(f"{SOURCES}/n/status").json()["last_error"] != "None", seconds=20)
    status = client.get(f"{SOURCES}/n/status").json()
    assert status["initialized"] == "False"
    assert "canary" not in status["last_error"]
    assert {"servers", "flavors"} <= {table["id"] for table in client.get(f"{SOURCES}/n/tables").json()["results"]}


@pytest.mark.parametrize("options", [{}, {"data": b""}, {"data": b"anything"}, {"json": {}}])
def test_a_refresh_does_not_look_at_the_body(client: Client, options: dict[str, Any]) -> None:
    answer = client.session.post(f"{client.url}{SOURCES}/f?action=request-refresh", timeout=10, **options)
    assert (answer.status_code, answer.json()) == (200, None)


def test_pushed_rows_replace_the_table(client: Client) -> None:
    rows = f"{SOURCES}/f/tables/fake_table/rows"
    pushed = client.put(rows, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    assert (pushed.status_code, pushed.content) == (200, b"")
    assert client.get(f"{rows}?trace=true").json() == {"results": [{"data": [1, "a"]}, {"data": [2, "b"]}]}
    for nothing in ({}, []):
        client.put(rows, [{"id": 3, "name": "c"}])
        assert client.put(rows, nothing).status_code == 200
        assert client.get(rows).json() == {"results": []}


@pytest.mark.parametrize(
    ("source", "body", "code", "text"),
    [
        ("f", {}, 1016, "Error in execution procedure::Action not found"),
        ("f", {"name": "zork"}, 1016, "Error in execution procedure::datasource 'f' has no action 'zork'"),
        ("f", {"name": "fake_act", "args": 5}, 1018, ARGUMENTS),
        ("f", {"name": "fake_act", "args": None}, 1018, ARGUMENTS),
        ("zork", {"name": "x"}, 1016, "Error in execution procedure::Service zork not found"),
    ],
)
def test_actions_that_are_refused(client: Client, source: str, body: Any, code: int, text: str) -> None:
    begins(client.post(f"{SOURCES}/{source}?action=execute", body), 400, code, text)


def test_an_action_by_its_datasource_and_by_a_policy(client: Client) -> None:
    args = {"positional": ["1"], "named": {}}
    for path, name in ((f"{SOURCES}/f", "fake_act"), ("/v1/policies/action", "f:fake_act")):
        answer = client.post(f"{path}?action=execute", {"name": name, "args": args})
        assert (answer.status_code, answer.json()) == (200, {})


def test_the_policy_of_a_datasource_takes_no_rules(client: Client) -> None:
    assert client.get("/v1/policies/f/rules").json() == {"results": []}
    refused = client.post("/v1/policies/f/rules", {"rule": "q(1)"})
    begins(refused, 400, 1019, "Rules not permitted on non persisted policies.")
    assert "f" not in {policy["name"] for policy in client.get("/v1/policies").json()["results"]}


def test_drivers(client: Client) -> None:
    listed = client.get("/v1/system/drivers").json()["results"]
    assert all(set(driver) == {"id", "description"} for driver in listed)
    shown = client.get("/v1/system/drivers/nova").json()
    assert set(shown) == {"id", "description", "config", "options", "secret", "tables"}
    assert set(shown["config"].values()) == {"required", "(optional)"}
    assert shown["secret"] == ["password", "notification_url"]
    assert all(set(table) == {"table_id", "columns"} for table in shown["tables"])
    unknown = "Driver not found zork. Either not supported or disabled by deployer in Congress config"
    begins(client.get("/v1/system/drivers/zork"), 404, 404, unknown)
