"""Beyond the original: rules are edited in place, switched off and on, inserted together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import Client, ServerProcess

Fresh = Callable[[str], str]


def _rules(client: Client, policy: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/v1/policies/{policy}/rules").json()["results"]
    return found


def test_several_rules_are_inserted_in_their_order(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("several"), "q(1)")
    rules = [{"rule": "p(x) :- r(x)", "name": "first"}, {"rule": "r(x) :- q(x)"}, {"rule": "q(2)"}]
    answer = client.post(f"/v1/policies/{policy}/rules", {"rules": rules})
    assert answer.status_code == 201
    added = answer.json()["rules"]
    assert [rule["name"] for rule in added] == ["first", None, None]
    assert [rule["id"] for rule in _rules(client, policy)][1:] == [rule["id"] for rule in added]
    assert client.rows(policy, "p") == [[1], [2]]


def test_one_bad_rule_keeps_all_of_them_out(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("several"), "q(1)")
    for bad, code in (("p(x) :- q(y)", 1002), ("q(1)", 1008)):
        answer = client.post(f"/v1/policies/{policy}/rules", {"rules": [{"rule": "q(2)"}, {"rule": bad}]})
        assert answer.json()["error"]["error_code"] == code
    assert [rule["rule"] for rule in _rules(client, policy)] == ["q(1)"]
    assert client.rows(policy, "q") == [[1]]


def test_a_rule_is_replaced_and_keeps_id_and_place(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("replaced"), "p(x) :- q(x)", "q(1)", "q(2)")
    rule = _rules(client, policy)[0]
    path = f"/v1/policies/{policy}/rules/{rule['id']}"
    answer = client.put(path, {"rule": "p(x) :- q(x), not equal(x, 1)", "comment": "narrower"})
    assert answer.status_code == 200
    assert answer.json() == rule | {"rule": "p(x) :- q(x), not equal(x, 1)", "comment": "narrower"}
    assert _rules(client, policy)[0] == answer.json()
    assert client.rows(policy, "p") == [[2]]


@pytest.mark.parametrize(("text", "status", "code"), [("p(x) :- q(y)", 400, 1002), ("q(1)", 409, 1008)])
def test_a_replacement_that_is_refused_changes_nothing(
    client: Client, fresh: Fresh, text: str, status: int, code: int
) -> None:
    policy = client.policy(fresh("replaced"), "p(x) :- q(x)", "q(1)")
    before = _rules(client, policy)
    answer = client.put(f"/v1/policies/{policy}/rules/{before[0]['id']}", {"rule": text})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (status, code)
    assert _rules(client, policy) == before
    assert client.rows(policy, "p") == [[1]]


def test_a_rule_that_is_switched_off_has_no_effect_until_it_is_switched_on(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("switched"), "p(x) :- q(x)", "q(1)")
    path = f"/v1/policies/{policy}/rules/{_rules(client, policy)[0]['id']}"
    assert client.patch(path, {"enabled": False}).json()["enabled"] is False
    assert client.get(f"/v1/policies/{policy}/tables/p/rows").status_code == 404
    assert [rule["rule"] for rule in _rules(client, policy)] == ["p(x) :- q(x)", "q(1)"]
    assert client.get(f"/v1/policies/{policy}/rules?enabled=false").json()["results"] == [client.get(path).json()]
    assert client.patch(path, {"enabled": True, "comment": "back"}).json()["comment"] == "back"
    assert client.rows(policy, "p") == [[1]]


def test_rules_that_are_switched_off_stay_so_over_a_restart(own_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(own_server.url)
    client.policy("kept", "p(1)")
    off = client.post("/v1/policies/kept/rules", {"rule": "p(2)", "enabled": False}).json()
    assert own_server.terminate() == 0
    client = Client(own_server.start().url)
    assert client.rows("kept", "p") == [[1]]
    assert client.patch(f"/v1/policies/kept/rules/{off['id']}", {"enabled": True}).status_code == 200
    assert client.rows("kept", "p") == [[1], [2]]
    assert client.delete(f"/v1/policies/kept/rules/{off['id']}").status_code == 200
    assert client.rows("kept", "p") == [[1]]


def test_a_rule_that_is_switched_off_must_be_a_rule(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("off"))
    answer = client.post(f"/v1/policies/{policy}/rules", {"rule": "p(x) :- ", "enabled": False})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 1002)


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_changes_of_what_is_not_there_are_not_found(client: Client, verb: str) -> None:
    for path, code in (("/v1/policies/classification/rules/nope", 404), ("/v1/policies/nope/rules/nope", 1020)):
        answer = client.request(verb, path, {"rule": "p(1)"})
        assert (answer.status_code, answer.json()["error"]["error_code"]) == (404, code)


def test_a_policy_is_described_anew(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("described"), "p(1)")
    before = client.get(f"/v1/policies/{policy}").json()
    answer = client.patch(f"/v1/policies/{policy}", {"description": "what it is for", "abbreviation": "desc"})
    assert answer.json() == before | {"description": "what it is for", "abbreviation": "desc"}
    assert client.get(f"/v1/policies/{before['id']}").json() == answer.json()
    assert client.get(f"/v1/policies/{policy}/tables/p/rows?trace=true").json()["trace"].startswith("desc  : ")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "action"}, 1013),
        ({"owner_id": "somebody"}, 1012),
        ({"name": "another"}, 400),
        ({"abbreviation": "too long"}, 1022),
        ({"colour": "red"}, 400),
        ({}, 400),
    ],
)
def test_what_of_a_policy_is_fixed_stays(client: Client, change: dict[str, str], code: int) -> None:
    before = client.get("/v1/policies/classification").json()
    answer = client.patch("/v1/policies/classification", change)
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, code)
    assert client.get("/v1/policies/classification").json() == before
