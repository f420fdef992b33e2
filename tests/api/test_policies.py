from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.refusals import says
from tests.api.server_process import Client

Fresh = Callable[[str], str]


def test_a_fresh_server_has_the_two_system_policies(client: Client) -> None:
    found = {item["name"]: item for item in client.get("/v1/policies").json()["results"]}
    assert (found["classification"]["abbreviation"], found["classification"]["kind"]) == ("class", "nonrecursive")
    assert (found["action"]["abbreviation"], found["action"]["kind"]) == ("actio", "action")


@pytest.mark.parametrize("name", ["classification", "action"])
def test_system_policies_cannot_be_deleted(client: Client, name: str) -> None:
    answer = client.delete(f"/v1/policies/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"Cannot delete system-maintained policy {name}"


def test_a_policy_is_created_shown_and_deleted(client: Client, fresh: Fresh) -> None:
    name = fresh("policy")
    created = client.post("/v1/policies", {"name": name, "description": "ä", "kind": None, "abbreviation": None})
    assert created.status_code == 201
    item = created.json()
    assert created.headers["Location"] == f"{client.url}/v1/policies/{item['id']}"
    assert item == {
        "id": item["id"],
        "name": name,
        "owner_id": "user",
        "description": "ä",
        "abbreviation": name[:5],
        "kind": "nonrecursive",
        "enforcement": "enforce",
    }
    assert client.get(f"/v1/policies/{name}").json() == item
    assert client.get(f"/v1/policies/{item['id']}").json() == item
    assert client.get(f"/v1/policies/{name}/status").json() == {"name": name, "id": item["id"]}
    assert client.delete(f"/v1/policies/{item['id']}").json() == item
    assert client.get(f"/v1/policies/{name}").status_code == 404


def test_a_policy_with_rules_is_created_whole(client: Client, fresh: Fresh) -> None:
    name = fresh("whole")
    rules = [{"rule": "p(x) :- q(x), not r(x)", "comment": "c", "name": "n"}, {"rule": "q(1)"}, {"rule": "q(1)"}]
    created = client.post("/v1/policies", {"name": name, "rules": rules}).json()
    assert created["rules"] == [
        {"rule": "p(x) :-\n  q(x),\n  not r(x)", "comment": "c", "name": "n"},
        {"rule": "q(1)", "comment": "", "name": None},
    ]
    assert client.rows(name, "p") == [[1]]


def test_one_bad_rule_leaves_no_policy_behind(client: Client, fresh: Fresh) -> None:
    name = fresh("bad")
    answer = client.post("/v1/policies", {"name": name, "rules": [{"rule": "q(1)"}, {"rule": "p(x) :- "}]})
    assert answer.json()["error"]["error_code"] == 1002
    assert client.get(f"/v1/policies/{name}").status_code == 404
    assert client.get(f"/v1/policies/{name}/tables").status_code == 404


@pytest.mark.parametrize("name", ["a.b", "a:b"])
def test_dots_and_colons_are_allowed_in_names(client: Client, name: str) -> None:
    assert client.post("/v1/policies", {"name": name}).status_code == 201
    assert client.delete(f"/v1/policies/{name}").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        ({}, 400, 1010, "A name must be provided"),
        ([], 400, 1010, "A name must be provided"),
        ("x", 400, 1010, "A name must be provided"),
        ({"name": None}, 400, 1010, "A name must be provided"),
        ({"name": 1}, 400, 400, "must be a string"),
        ({"name": ""}, 400, 400, "is not a valid tablename"),
        ({"name": "a-b"}, 400, 400, "is not a valid tablename"),
        ({"name": "1"}, 400, 400, "is not a valid tablename"),
        ({"name": "builtin"}, 400, 400, "is not a valid tablename"),
        ({"name": "a b"}, 400, 400, "is not a valid tablename"),
        ({"name": "ü"}, 400, 400, "is not a valid tablename"),
        ({"name": "n" * 256}, 400, 400, "is not a valid tablename"),
        ({"name": "x", "kind": "delta"}, 400, 400, "Unknown kind of policy: delta"),
        ({"name": "x", "rules": [], "kind": "delta"}, 400, 400, "Input policy item violates schema."),
        ({"name": "x", "kind": 1}, 400, 400, "must be a string"),
        ({"name": "x", "description": []}, 400, 400, "must be a string"),
        ({"name": "x", "abbreviation": "toolong"}, 400, 1022, "abbreviation must be a string"),
        ({"name": "x", "abbreviation": 1}, 400, 1022, "abbreviation must be a string"),
        ({"name": "x", "rules": 1}, 400, 400, "Input policy item violates schema."),
        ({"name": "x", "rules": [{}]}, 400, 400, "Input policy item violates schema."),
        ({"name": "x", "rules": [{"rule": 1}]}, 400, 400, "Input policy item violates schema."),
        ({"name": "x", "rules": [], "description": None}, 400, 400, "Input policy item violates schema."),
        ({"name": "x", "rules": [{"rule": "p("}]}, 400, 1002, "Syntax error for rule::"),
        ({"name": "x", "rules": [{"rule": "p(1) q(1)"}]}, 400, 1003, "Received multiple rules"),
        ({"name": "classification"}, 409, 409, "Policy with name classification already exists"),
    ],
)
def test_what_cannot_be_created_is_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    says(client.post("/v1/policies", body), status, code, text)


@pytest.mark.parametrize(
    ("verb", "path", "status", "code", "text"),
    [
        ("GET", "/v1/policies/nope", 404, 404, "Not Found::No policy found with name or id nope"),
        ("GET", "/v1/policies/nope/status", 404, 404, "No policy found"),
        ("GET", "/v1/policies/nope/tables", 404, 404, "Not found"),
        ("GET", "/v1/policies/nope/changes", 404, 404, "No policy found"),
        ("DELETE", "/v1/policies/nope", 404, 404, "Policy Name or ID 'nope' does not exist"),
        ("PUT", "/v1/policies/classification", 501, 501, "Method not supported"),
        ("POST", "/v1/policies/classification", 400, 400, "Missing required action parameter."),
        ("POST", "/v1/policies/classification?action=fly", 501, 501, "Method not supported"),
        (
            "POST",
            "/v1/policies/classification?action=simulate&action=execute",
            400,
            400,
            "Action parameter may not be provided multiple times.",
        ),
        ("POST", "/v1/policies?library_policy=nope", 404, 404, "No policy found with policy id nope"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    client: Client, verb: str, path: str, status: int, code: int, text: str
) -> None:
    says(client.request(verb, path, {}), status, code, text)


def test_names_that_differ_in_case_are_two_names(client: Client, fresh: Fresh) -> None:
    name = fresh("case")
    lower, upper = client.policy(name, "q(1)"), client.policy(name.upper(), "q(2)")
    assert (client.rows(lower, "q"), client.rows(upper, "q")) == ([[1]], [[2]])
