"""Every kind of policy over HTTP: accepted, shown, usable, and harmless to the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from congress.policies.content import KINDS
from tests.api.server_process import Client, ServerProcess

Fresh = Callable[[str], str]
HOLDING_RULES = [kind for kind in KINDS if kind != "database"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_created_in_any_case_of_letters_and_shown(client: Client, fresh: Fresh, kind: str) -> None:
    name = fresh("kind")
    created = client.post("/v1/policies", {"name": name, "kind": kind.title()})
    assert (created.status_code, created.json()["kind"]) == (201, kind)
    assert client.get(f"/v1/policies/{name}").json()["kind"] == kind


@pytest.mark.parametrize("kind", HOLDING_RULES)
def test_kinds_with_rules_take_evaluate_simulate_and_drop_them(client: Client, fresh: Fresh, kind: str) -> None:
    name = client.policy(fresh("rules"), "q(1)", kind=kind)
    rule = client.post(f"/v1/policies/{name}/rules", {"rule": "p(x) :- q(x), not r(x)"})
    assert rule.status_code == 201, rule.text
    assert client.rows(name, "p") == [[1]]
    asked = {"query": "p(x)", "sequence": "q+(2) r+(1)", "action_policy": "action"}
    answer = client.post(f"/v1/policies/{name}?action=simulate&delta=true&trace=true", asked).json()
    assert answer["result"] == ["p+(2)", "p-(1)"] and answer["trace"]
    assert client.rows(name, "p") == [[1]]
    assert client.delete(f"/v1/policies/{name}/rules/{rule.json()['id']}").status_code == 200
    tables = [table["id"] for table in client.get(f"/v1/policies/{name}/tables").json()["results"]]
    assert tables == ["q"]
    assert client.delete(f"/v1/policies/{name}").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_of_any_kind_is_read_by_another_and_disturbs_none(client: Client, fresh: Fresh, kind: str) -> None:
    other = client.policy(fresh("read"), "q(1)", "q(2)", kind=kind)
    reader = client.policy(fresh("reader"), f"p(x) :- {other}:q(x), not done(x)", "done(2)")
    assert client.rows(reader, "p") == [[1]]
    assert client.post(f"/v1/policies/{reader}/rules", {"rule": "done(1)"}).status_code == 201
    assert client.rows(reader, "p") == []


def test_a_database_holds_facts_and_refuses_rules(client: Client, fresh: Fresh) -> None:
    name = client.policy(fresh("facts"), "q(1)", kind="database")
    assert client.post(f"/v1/policies/{name}/rules", {"rule": "q(2)"}).status_code == 201
    refused = client.post(f"/v1/policies/{name}/rules", {"rule": "p(x) :- q(x)"})
    assert (refused.status_code, refused.json()["error"]["error_code"]) == (400, 1002)
    assert "holds facts only" in refused.json()["error"]["message"]
    assert client.rows(name, "q") == [[1], [2]]
    whole = {"name": fresh("facts"), "kind": "database", "rules": [{"rule": "q(1)"}, {"rule": "p(x) :- q(x)"}]}
    assert client.post("/v1/policies", whole).json()["error"]["error_code"] == 1002
    assert client.get(f"/v1/policies/{whole['name']}").status_code == 404


def test_a_policy_of_kind_z3_computes_with_32_bits(client: Client, fresh: Fresh) -> None:
    name = client.policy(
        fresh("z3"), "n(2147483647)", "n(1)", "next(y) :- n(x), builtin:plus(x, 1, y)", "e(1, 2)", "e(2, 3)",
        "r(x, y) :- e(x, y)", "r(x, z) :- r(x, y), e(y, z)", kind="z3",
    )  # fmt: skip
    assert client.rows(name, "next") == [[-2147483648], [2]]
    assert client.rows(name, "r") == [[1, 2], [1, 3], [2, 3]]
    bare = client.post(f"/v1/policies/{name}/rules", {"rule": "p(x) :- n(x), lt(x, 2)"})
    assert (bare.status_code, bare.json()["error"]["error_code"]) == (400, 1002)
    assert "write builtin:lt(x, 2)" in bare.json()["error"]["message"]
    assert client.post(f"/v1/policies/{name}/rules", {"rule": "n(1.5)"}).status_code == 201
    assert client.rows(name, "next") == [[-2147483648], [2]]


def test_a_policy_called_a_datasource_takes_its_name_from_datasources(client: Client, fresh: Fresh) -> None:
    name = client.policy(fresh("called"), "q(1)", kind="datasource")
    asked = {"name": name, "driver": "fake_datasource"}
    assert client.post("/v1/data-sources", asked).status_code == 409
    assert client.get(f"/v1/data-sources/{name}").status_code == 404
    assert client.delete(f"/v1/policies/{name}").status_code == 200
    assert client.post("/v1/data-sources", asked).status_code == 201


def test_every_kind_survives_a_restart(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    for kind in KINDS:
        client.policy(f"kept_{kind}", "q(1)", *(["p(x) :- q(x)"] if kind != "database" else []), kind=kind)
    own_server.kill()
    client = Client(own_server.start().url)
    kinds = {item["name"]: item["kind"] for item in client.get("/v1/policies").json()["results"]}
    for kind in KINDS:
        assert kinds[f"kept_{kind}"] == kind
        assert client.rows(f"kept_{kind}", "p" if kind != "database" else "q") == [[1]]
    assert "set aside" not in Path(own_server.log).read_text()
