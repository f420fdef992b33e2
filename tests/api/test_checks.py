"""What editors ask: is this right, and what could stand here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.server_process import Client


@pytest.fixture(scope="module")
def alarms(client: Client) -> Client:
    config = {"description": "alarms", "columns": "host,state"}
    assert client.post("/v1/data-sources", {"name": "alarms", "driver": "push", "config": config}).status_code == 201
    return client


def check(client: Client, policy: str, text: str, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/policies/{policy}/check", {"text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_mistake_is_told_with_its_place_code_and_way_out(alarms: Client, fresh: Callable[[str], str]) -> None:
    text = "ok(x) :- alarms:data(host=x)\nerror(x) :-\n  alarms:data(hst=x)"
    told = check(alarms, alarms.policy(fresh("checked")), text)
    assert told["accepted"] is False
    (problem,) = told["diagnostics"]
    assert text[problem.pop("start") : problem.pop("end")] == "hst=x"
    assert problem.pop("message")
    assert problem == {
        "severity": "error", "code": "unknown-column", "hint": "did you mean host?", "line": 3, "column": 15,
    }  # fmt: skip


def test_statements_come_apart_and_can_be_inserted_as_they_are(alarms: Client, fresh: Callable[[str], str]) -> None:
    policy = alarms.policy(fresh("checked"))
    told = check(alarms, policy, "// both\nerror(x) :- down(x). down(x) :- alarms:data(host=x)")
    assert told["accepted"] is True
    rules = [{"rule": each["text"]} for each in told["statements"]]
    assert alarms.post(f"/v1/policies/{policy}/rules", {"rules": rules}).status_code == 201
    assert check(alarms, policy, "down(x) :- alarms:data(host=x)")["diagnostics"][0]["code"] == "rule-exists"


def test_a_rule_may_be_replaced_by_itself(alarms: Client, fresh: Callable[[str], str]) -> None:
    policy = alarms.policy(fresh("checked"), "p(1, 2)")
    rule = alarms.get(f"/v1/policies/{policy}/rules").json()["results"][0]["id"]
    assert check(alarms, policy, "p(1)")["accepted"] is False
    assert check(alarms, policy, "p(1)", replaces=rule)["accepted"] is True
    assert check(alarms, policy, "p(1, 2)", replaces=rule)["accepted"] is True
    assert alarms.rows(policy, "p") == [[1, 2]]


def test_a_check_is_about_a_policy_that_takes_rules(alarms: Client, fresh: Callable[[str], str]) -> None:
    body = {"text": "p(1)"}
    assert alarms.post("/v1/policies/nobody/check", body).status_code == 404
    assert alarms.post("/v1/policies/alarms/check", body).status_code == 400
    policy = alarms.policy(fresh("checked"))
    assert alarms.post(f"/v1/policies/{policy}/check", {**body, "replaces": "nothing"}).status_code == 404
    assert alarms.post(f"/v1/policies/{policy}/check", {}).status_code == 400


def test_the_vocabulary_names_tables_columns_and_builtins(alarms: Client, fresh: Callable[[str], str]) -> None:
    policy = alarms.policy(fresh("words"), "error(x) :- alarms:data(host=x), mine(x)")
    answer = alarms.get(f"/v1/policies/{policy}/vocabulary")
    words = answer.json()
    tables = {each["name"]: each["tables"] for each in words["datasources"]}
    assert [column["name"] for column in tables["alarms"][0]["columns"]] == ["host", "state"]
    assert {each["name"]: each["tables"] for each in words["policies"]}[policy] == ["error", "mine"]
    assert {"name": "lt", "signature": "lt(x, y)", "description": "x is smaller than y"} in words["builtins"]
    seen = {"If-None-Match": answer.headers["ETag"]}
    assert alarms.get(f"/v1/policies/{policy}/vocabulary", headers=seen).status_code == 304


def test_a_driver_tells_all_that_a_form_needs(client: Client) -> None:
    options = {each["name"]: each for each in client.get("/v1/system/drivers/nova").json()["options"]}
    assert options["password"]["secret"] is True
    assert options["poll_time"]["takes"] == "a number of seconds, 0 or more"
    assert options["poll_time"]["default"] == "10"
    required = {name for name, option in options.items() if option["required"]}
    config = client.get("/v1/system/drivers/nova").json()["config"]
    assert required == {name for name, need in config.items() if need == "required"}


def test_rows_are_found_by_a_text_and_counted(alarms: Client) -> None:
    rows = [[f"host-{number}", "DOWN" if number % 2 else "up"] for number in range(10)]
    assert alarms.put("/v1/data-sources/alarms/tables/data/rows", rows).status_code == 200
    path = "/v1/data-sources/alarms/tables/data/rows"
    first = alarms.get(f"{path}?text=down&limit=2").json()
    assert [row["data"][0] for row in first["results"]] == ["host-1", "host-3"]
    assert first["total"] == 5
    second = alarms.get(path, params={"text": "down", "limit": 2, "marker": first["next_marker"]}).json()
    assert [row["data"][0] for row in second["results"]] == ["host-5", "host-7"]
    assert second["total"] == 5
    assert "total" not in alarms.get(path).json()
