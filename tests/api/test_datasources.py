from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.waiting import until

Fresh = Callable[[str], str]
SECRET = "canary-5ecret"  # noqa: S105 - looked for where it must not be


def create(client: Client, name: str, **config: str) -> dict[str, Any]:
    body = {"name": name, "driver": "fake_datasource", "config": config or None}
    answer = client.post("/v1/data-sources", body)
    assert answer.status_code == 201, answer.text
    item = answer.json()
    assert isinstance(item, dict)
    return item


def test_a_datasource_is_created_listed_and_deleted(client: Client, fresh: Fresh) -> None:
    name = fresh("source")
    item = create(client, name)
    assert item == {
        "id": item["id"],
        "name": name,
        "driver": "fake_datasource",
        "description": None,
        "type": None,
        "enabled": True,
        "config": {},
    }
    assert client.get(f"/v1/data-sources/{name}").json() == item
    assert client.get(f"/v1/data-sources/{item['id']}").json() == item
    assert item in client.get("/v1/data-sources").json()["results"]
    deleted = client.delete(f"/v1/data-sources/{name}")
    assert (deleted.status_code, deleted.text) == (200, "null\n")
    assert client.get(f"/v1/data-sources/{name}").status_code == 404


def test_secrets_are_hidden_in_every_answer_and_encrypted_at_rest(
    client: Client, server: ServerProcess, fresh: Fresh
) -> None:
    item = create(client, fresh("secret"), password=SECRET, username="u")
    assert item["config"] == {"password": "<hidden>", "username": "u"}
    for path in ("/v1/data-sources", f"/v1/data-sources/{item['id']}"):
        assert SECRET not in client.get(path).text
    with sqlite3.connect(server.state / "congress.sqlite") as database:
        stored = database.execute("select config from datasources where id = ?", [item["id"]]).fetchone()[0]
    assert SECRET not in stored
    assert SECRET not in server.log.read_text()
    key = server.state / "keys" / "aes_key"
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_pushed_rows_reach_rules(client: Client, fresh: Fresh) -> None:
    name = fresh("pushed")
    create(client, name)
    policy = client.policy(fresh("uses"), f"p(x) :- {name}:fake_table(id=x)")
    rows = f"/v1/data-sources/{name}/tables/fake_table/rows"
    assert client.put(rows, [{"id": 1, "name": "ä"}, {"id": 2, "name": None}]).content == b""
    assert client.get(rows).json()["results"] == [{"data": [1, "ä"]}, {"data": [2, "None"]}]
    assert client.rows(policy, "p") == [[1], [2]]
    assert client.put(rows, {}).status_code == 200
    assert client.rows(policy, "p") == []


def test_the_schema_is_shown_whole_and_by_table(client: Client, fresh: Fresh) -> None:
    name = fresh("schema")
    create(client, name)
    schema = client.get(f"/v1/data-sources/{name}/schema").json()
    spec = client.get(f"/v1/data-sources/{name}/tables/fake_table/spec").json()
    assert schema == {"tables": [spec]}
    assert [column["name"] for column in spec["columns"]] == ["id", "name"]
    assert client.get(f"/v1/data-sources/{name}/tables").json()["results"] == [{"id": "fake_table"}]
    assert client.get(f"/v1/data-sources/{name}/tables/fake_table").json() == {"id": "fake_table"}


def test_the_status_tells_of_the_datasource_and_of_each_of_its_tables(client: Client, fresh: Fresh) -> None:
    name = fresh("status")
    create(client, name)
    status = client.get(f"/v1/data-sources/{name}/status").json()
    assert set(status) == {
        "last_updated",
        "last_error",
        "number_of_updates",
        "initialized",
        "subscriptions",
        "subscribers",
        "state",
        "since",
        "tables",
    }
    assert (status["last_error"], status["state"]) == ("None", "ok")
    assert status["tables"]["fake_table"] == {
        "state": "ok",
        "rows": None,
        "last_success": "None",
        "last_error": "None",
        "age": None,
        "duration": None,
        "next_poll": None,
        "violations": 0,
    }


def test_a_disabled_datasource_exists_but_does_not_run(client: Client, fresh: Fresh) -> None:
    name = fresh("disabled")
    body = {"name": name, "driver": "fake_datasource", "enabled": False}
    assert client.post("/v1/data-sources", body).json()["enabled"] is False
    assert client.get(f"/v1/data-sources/{name}/status").json()["last_error"] == "disabled"
    assert client.post(f"/v1/data-sources/{name}?action=request-refresh").status_code == 409


@pytest.mark.parametrize("action", ["request-refresh", "request_refresh"])
def test_a_refresh_needs_no_body(client: Client, fresh: Fresh, action: str) -> None:
    name = fresh("refresh")
    create(client, name)
    answer = client.request("POST", f"/v1/data-sources/{name}?action={action}", data=b"")
    assert (answer.status_code, answer.text) == (200, "null\n")


def test_actions_are_listed_and_done(client: Client, fresh: Fresh) -> None:
    name = fresh("acts")
    create(client, name)
    actions = client.get(f"/v1/data-sources/{name}/actions").json()["results"]
    assert [(action["name"], action["args"][0]["name"]) for action in actions] == [("fake_act", "server_id")]
    by_name = {"name": "fake_act", "args": {"positional": ["1"]}}
    assert client.post(f"/v1/data-sources/{name}?action=execute", by_name).json() == {}
    by_service = {"name": f"{name}:fake_act", "args": {"positional": ["1"]}}
    assert client.post("/v1/policies/classification?action=execute", by_service).json() == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1017),
        ([], 1017),
        ({"name": 1}, 1017),
        ({"name": "a"}, 1017),
        ({"name": "a:b:c"}, 1017),
        ({"name": "a:b", "args": None}, 1018),
        ({"name": "a:b", "args": []}, 1018),
        ({"name": "a:b", "args": {"positional": {}}}, 1018),
        ({"name": "nowhere:b"}, 1016),
    ],
)
def test_actions_that_cannot_be_done_are_refused(client: Client, body: Any, code: int) -> None:
    answer = client.post("/v1/policies/classification?action=execute", body)
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, code), answer.text


def test_an_action_that_the_driver_does_not_have_is_refused(client: Client, fresh: Fresh) -> None:
    name = fresh("noact")
    create(client, name)
    for body in ({}, {"name": "nope"}, {"name": "__class__"}):
        answer = client.post(f"/v1/data-sources/{name}?action=execute", body)
        assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 1016), answer.text


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"name": "_x"}, 400, "Datasource name _x is invalid."),
        ({"name": "builtin"}, 400, "is invalid."),
        ({"name": "a b"}, 400, "is invalid."),
        ({"name": ""}, 400, "violates schema"),
        ({"name": None}, 400, "violates schema"),
        ({"driver": "nope"}, 400, "Invalid driver: nope"),
        ({"driver": None}, 400, "violates schema"),
        ({"config": {"foo": "1", "bar": "1"}}, 400, "Invalid driver options: bar, foo"),
        ({"config": {"poll_time": "abc"}}, 400, "poll_time must be a number of seconds, 0 or more, not 'abc'"),
        ({"config": {"username": ["x"]}}, 400, "username must be a string, not a list"),
        ({"config": []}, 400, "violates schema"),
        ({"enabled": "no"}, 400, "violates schema"),
        ({"id": "mine"}, 400, "user-chosen ID"),
        ({"driver": "nova"}, 400, "Missing required config options: auth_url, password, project_name, username"),
        (
            {"driver": "nova", "config": {"auth_url": "x", "password": "x", "tenant_name": "x"}},
            400,
            "options: username",
        ),
        ({"name": "classification"}, 409, "Datasource already in use with name classification"),
    ],
)
def test_what_cannot_be_created_is_refused(client: Client, change: dict[str, Any], status: int, text: str) -> None:
    body = {"name": "refused", "driver": "fake_datasource"} | change
    answer = client.post("/v1/data-sources", body)
    assert (answer.status_code, text in answer.text) == (status, True), answer.text


def test_policies_and_datasources_share_their_names(client: Client, fresh: Fresh) -> None:
    name = fresh("shared")
    create(client, name)
    assert client.post("/v1/data-sources", {"name": name, "driver": "fake_datasource"}).status_code == 409
    assert client.post("/v1/policies", {"name": name}).status_code == 409
    assert client.get(f"/v1/policies/{name}/rules").json() == {"results": []}
    refused = client.post(f"/v1/policies/{name}/rules", {"rule": "p(1)"})
    assert (refused.status_code, refused.json()["error"]["error_code"]) == (400, 1019)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/status"),
        ("GET", "/schema"),
        ("GET", "/actions"),
        ("GET", "/tables"),
        ("GET", "/tables/t"),
        ("GET", "/tables/t/spec"),
        ("GET", "/tables/t/rows"),
        ("PUT", "/tables/t/rows"),
        ("POST", "?action=request-refresh"),
    ],
)
def test_unknown_datasources_are_not_found(client: Client, verb: str, path: str) -> None:
    answer = client.request(verb, f"/v1/data-sources/nope{path}", [])
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Datasource not found nope")


def test_unknown_tables_are_not_found(client: Client, fresh: Fresh) -> None:
    name = fresh("notable")
    create(client, name)
    spec = client.get(f"/v1/data-sources/{name}/tables/x/spec")
    assert spec.json()["error"]["message"] == f"Not Found::Table 'x' for datasource '{name}' has no schema "
    assert client.get(f"/v1/data-sources/{name}/tables/x").json()["error"]["message"] == "Not found"
    rows = client.get(f"/v1/data-sources/{name}/tables/x/rows")
    assert (rows.status_code, rows.json()["error"]["message"]) == (404, "Not Found::tablename 'x' does not exist")
    assert client.put(f"/v1/data-sources/{name}/tables/x/rows", []).status_code == 400


@pytest.mark.parametrize("body", [1, "x", {"a": 1}, [1], ["x"], [None]])
def test_rows_of_the_wrong_shape_are_refused(client: Client, fresh: Fresh, body: Any) -> None:
    name = fresh("shape")
    create(client, name)
    answer = client.put(f"/v1/data-sources/{name}/tables/fake_table/rows", body)
    assert answer.status_code == 400, answer.text


def test_a_cloud_that_cannot_be_reached_is_told_by_the_status(client: Client, fresh: Fresh) -> None:
    name = fresh("far")
    config = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": SECRET, "project_name": "p"}
    assert client.post("/v1/data-sources", {"name": name, "driver": "nova", "config": config}).status_code == 201
    assert client.get(f"/v1/data-sources/{name}/status").json()["initialized"] == "False"
    assert client.delete(f"/v1/data-sources/{name}").status_code == 200


def test_secrets_stay_out_of_the_most_talkative_log(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state", "--debug").start()
    try:
        client = Client(server.url)
        config = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": SECRET, "project_name": "p"}
        client.post("/v1/data-sources", {"name": "far", "driver": "nova", "config": config})
        until(
            lambda: client.get("/v1/data-sources/far/status").json()["last_error"] != "None",
            "the poll neither succeeded nor failed",
            seconds=20,
        )
        assert SECRET not in client.get("/v1/data-sources/far/status").text
        assert SECRET not in server.log.read_text()
    finally:
        server.close()


def test_rules_outlive_the_datasource_they_refer_to(client: Client, fresh: Fresh) -> None:
    name = fresh("goes")
    create(client, name)
    policy = client.policy(fresh("stays"), f"p(x) :- {name}:fake_table(id=x)", f"error(x) :- {name}:fake_table(x, y)")
    rows = f"/v1/data-sources/{name}/tables/fake_table/rows"
    client.put(rows, [{"id": 1, "name": "a"}])
    assert client.rows(policy, "p") == client.rows(policy, "error") == [[1]]
    client.delete(f"/v1/data-sources/{name}")
    assert client.rows(policy, "error") == []
    assert client.get(f"/v1/policies/{policy}/tables/p/rows").status_code == 404  # what its columns are is not known
    rules = client.get(f"/v1/policies/{policy}/rules").json()["results"]
    assert len(rules) == 2
    create(client, name)
    assert client.get(rows).json() == {"results": []}
    client.put(rows, [{"id": 2, "name": "a"}])
    assert client.rows(policy, "p") == client.rows(policy, "error") == [[2]]
    for rule in rules:
        assert client.delete(f"/v1/policies/{policy}/rules/{rule['id']}").status_code == 200
