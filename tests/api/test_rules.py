from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.refusals import says
from tests.api.server_process import Client

Fresh = Callable[[str], str]


def test_a_rule_is_kept_as_written_and_shown_reformatted_once(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("rules"))
    created = client.post(f"/v1/policies/{policy}/rules", {"rule": "p(x):-q(x),  r(x)", "name": "n", "comment": None})
    item = created.json()
    assert created.status_code == 201
    assert created.headers["Location"].endswith(f"/v1/policies/{policy}/rules/{item['id']}")
    assert item["rule"] == "p(x) :-\n  q(x),\n  r(x)"
    stored = {"rule": "p(x):-q(x),  r(x)", "id": item["id"], "comment": "", "name": "n", "enabled": True}
    assert client.get(f"/v1/policies/{policy}/rules").json()["results"] == [stored]
    assert client.get(f"/v1/policies/{policy}/rules/{item['id']}").json() == stored
    assert client.get(f"/v1/policies/{policy}/rules/{item['id']}/status").json() == {
        "name": "n",
        "id": item["id"],
        "comment": "",
        "original_str": "p(x):-q(x),  r(x)",
    }
    assert client.delete(f"/v1/policies/{policy}/rules/{item['id']}").json() == stored
    assert client.get(f"/v1/policies/{policy}/rules").json() == {"results": []}


def test_rules_change_rows_at_once(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("rows"), "p(x) :- q(x), not r(x)", "q(1)", "q(2)")
    assert client.rows(policy, "p") == [[1], [2]]
    added = client.post(f"/v1/policies/{policy}/rules", {"rule": "r(2)"}).json()
    assert client.rows(policy, "p") == [[1]]
    client.delete(f"/v1/policies/{policy}/rules/{added['id']}")
    assert client.rows(policy, "p") == [[1], [2]]


def test_a_policy_can_be_named_by_its_id(client: Client, fresh: Fresh) -> None:
    item = client.post("/v1/policies", {"name": fresh("byid")}).json()
    assert client.post(f"/v1/policies/{item['id']}/rules", {"rule": "q(1)"}).status_code == 201
    assert client.rows(item["id"], "q") == [[1]]


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        ({"rule": ""}, 400, 1002, "Empty string passed. Not a valid rule"),
        ({"rule": "  "}, 400, 1002, "Empty string passed. Not a valid rule"),
        ({"rule": "p(x) :- q(x"}, 400, 1002, "Syntax error for rule::"),
        ({"rule": "p(x) :- q(1)"}, 400, 1002, "Variable x found in head but not in body"),
        ({"rule": "p(x)"}, 400, 1002, "Fact not ground"),
        ({"rule": "p(x) :- q(x), not r(y)"}, 400, 1002, "Could not reorder rule"),
        ({"rule": "lt(1, 2)"}, 400, 1002, "Conflict with built-in tablename"),
        ({"rule": "p(1) q(1)"}, 400, 1003, "Received multiple rules"),
        ({"rule": "p(0x)"}, 400, 1002, "Syntax error for rule::"),
        ({"rule": "insert[p(1)]"}, 400, 1002, "Syntax error for rule::"),
        ({"rule": "p(" * 5000}, 400, 1002, "Syntax error for rule::"),
        ({"rule": "\u2603(1)"}, 400, 1002, "Syntax error for rule::"),
        ({}, 400, 400, "Input rule violates schema."),
        ({"rule": None}, 400, 400, "Input rule violates schema."),
        ({"rule": 1}, 400, 400, "Input rule violates schema."),
        ([], 400, 400, "Input rule violates schema."),
        ({"rule": "p(1)", "name": "n" * 256}, 400, 400, "Input rule violates schema."),
    ],
)
def test_what_is_no_rule_is_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    says(client.post("/v1/policies/classification/rules", body), status, code, text)


def test_the_same_rule_twice_is_a_conflict_whatever_the_order_of_its_body(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("twice"), "p(x) :- q(x), r(x)")
    answer = client.post(f"/v1/policies/{policy}/rules", {"rule": "p(x) :- r(x), q(x)"})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (409, 1008)
    assert answer.json()["error"]["message"].startswith("Rule already exists")


def test_unknown_rules_and_policies_are_not_found(client: Client) -> None:
    for verb, body in (("GET", None), ("POST", {"rule": "p(1)"})):
        answer = client.request(verb, "/v1/policies/nope/rules", body)
        assert (answer.status_code, answer.json()["error"]["error_code"]) == (404, 1020)
        assert "Policy ID nope does not exist" in answer.json()["error"]["message"]
    for verb in ("GET", "DELETE"):
        answer = client.request(verb, "/v1/policies/classification/rules/nope")
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Not found")


def test_unicode_in_a_rule_survives(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("unicode"), 'p("日本語 ä \U0001f600")')
    assert client.rows(policy, "p") == [["日本語 ä \U0001f600"]]


def test_a_fact_is_shown_as_written(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("fact"))
    assert client.post(f"/v1/policies/{policy}/rules", {"rule": "q('a',1)"}).json()["rule"] == "q('a',1)"
