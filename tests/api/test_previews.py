"""Beyond the original: what a change would do is told without doing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from tests.api.server_process import Client

Fresh = Callable[[str], str]


def _state(client: Client, policy: str) -> tuple[Any, ...]:
    rules = client.get(f"/v1/policies/{policy}/rules")
    rows = client.get(f"/v1/policies/{policy}/tables/error/rows")
    return rules.json(), rules.headers["X-Congress-Revision"], rows.json()


def _appeared(answer: requests.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [(each["table"], each["rows"]) for each in answer.json()["appear"]]


def test_a_rule_is_tried_and_nothing_changes(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("tried"), "q(1)", "q(2)", "error(x) :- q(x), equal(x, 2)")
    before = _state(client, policy)
    answer = client.post(f"/v1/policies/{policy}/rules?preview=true", {"rule": "error(x) :- q(x)"})
    assert answer.json() == {
        "preview": True,
        "appear": [{"policy": policy, "table": "error", "rows": [[1]]}],
        "vanish": [],
        "actions": [],
    }
    assert _state(client, policy) == before
    several = [{"rule": "error(x) :- q(x)"}, {"rule": "q(3)"}]
    answer = client.post(f"/v1/policies/{policy}/rules?preview=true", {"rules": several})
    assert _appeared(answer) == [("error", [[1], [3]])]
    many = [{"rule": "error(x) :- r(x)"}, *({"rule": f"r({number})"} for number in (5, 3, 9, 4, 7))]
    answer = client.post(f"/v1/policies/{policy}/rules?preview=true", {"rules": many})
    assert _appeared(answer) == [("error", [[3], [4], [5], [7], [9]])]
    assert _state(client, policy) == before


def test_actions_that_would_be_asked_for_are_listed(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("acting"), 'error("vm-1")')
    rule = {"rule": "execute[nova:servers.pause(x)] :- error(x)"}
    answer = client.post(f"/v1/policies/{policy}/rules?preview=true", rule)
    assert answer.json()["actions"] == [{"datasource": "nova", "action": "servers.pause", "args": ["vm-1"]}]
    answer = client.post(f"/v1/policies/{policy}/rules?preview=true", {"rule": "execute[stop(x)] :- error(x)"})
    assert answer.json()["actions"] == [{"datasource": policy, "action": "stop", "args": ["vm-1"]}]


def test_replacing_and_deleting_a_rule_are_tried(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("tried"), "error(x) :- q(x)", "q(1)", "q(2)")
    path = f"/v1/policies/{policy}/rules/" + client.get(f"/v1/policies/{policy}/rules").json()["results"][0]["id"]
    before = _state(client, policy)
    narrower = client.put(f"{path}?preview=true", {"rule": "error(x) :- q(x), equal(x, 1)"}).json()
    assert narrower["vanish"] == [{"policy": policy, "table": "error", "rows": [[2]]}]
    off = client.patch(f"{path}?preview=true", {"enabled": False}).json()
    assert off["vanish"] == [{"policy": policy, "table": "error", "rows": [[1], [2]]}]
    assert client.delete(f"{path}?preview=true").json() == off
    assert _state(client, policy) == before


def test_creating_and_deleting_a_policy_are_tried(client: Client, fresh: Fresh) -> None:
    name = fresh("planned")
    body = {"name": name, "rules": [{"rule": "error(1)"}]}
    answer = client.post("/v1/policies?preview=true", body)
    assert answer.json()["appear"] == [{"policy": name, "table": "error", "rows": [[1]]}]
    assert client.get(f"/v1/policies/{name}").status_code == 404
    assert client.post("/v1/policies?preview=true", {"name": name}).json()["appear"] == []
    client.policy(name, "error(1)")
    answer = client.delete(f"/v1/policies/{name}?preview=true")
    assert answer.json()["vanish"] == [{"policy": name, "table": "error", "rows": [[1]]}]
    assert client.rows(name, "error") == [[1]]


def test_a_library_policy_is_tried_before_it_is_activated(client: Client, fresh: Fresh) -> None:
    name = fresh("shelved")
    item = client.post("/v1/librarypolicies", {"name": name, "rules": [{"rule": "error(1)"}]}).json()
    answer = client.post(f"/v1/policies?library_policy={item['id']}&preview=true", {})
    assert _appeared(answer) == [("error", [[1]])]
    assert client.get(f"/v1/policies/{name}").status_code == 404


def test_what_would_be_refused_is_refused(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("refused"), "q(1)")
    for rule, code in (("q(1)", 1008), ("p(x) :- q(y)", 1002)):
        answer = client.post(f"/v1/policies/{policy}/rules?preview=true", {"rule": rule})
        assert answer.json()["error"]["error_code"] == code
    assert client.delete("/v1/policies/classification?preview=true").status_code == 404
    assert client.delete(f"/v1/policies/{policy}/rules/nope?preview=true").status_code == 404
