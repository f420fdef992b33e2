from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.server_process import Client

Fresh = Callable[[str], str]


def simulate(client: Client, policy: str, query: str, sequence: str, switches: str = "", by: str = "action") -> Any:
    body = {"query": query, "sequence": sequence, "action_policy": by}
    answer = client.post(f"/v1/policies/{policy}?action=simulate{switches}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_simulated_row_is_seen_by_the_query_and_gone_afterwards(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("sim"), "p(x) :- q(x)", "q(1)")
    assert simulate(client, policy, "p(x)", "q+(2)") == {"result": ["p(1)", "p(2)"]}
    assert client.rows(policy, "p") == [[1]]


def test_delta_answers_only_what_changes(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("delta"), "p(x) :- q(x)", "q(1)")
    assert simulate(client, policy, "p(x)", "q+(2) q-(1)", "&delta=True") == {"result": ["p+(2)", "p-(1)"]}


def test_an_empty_sequence_makes_it_a_query(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("query"), "q(1)", "q(2)")
    item = client.get(f"/v1/policies/{policy}").json()
    assert simulate(client, item["id"], "q(x)", "") == {"result": ["q(1)", "q(2)"]}


def test_actions_are_simulated_by_their_policy(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("acted"), "p(x) :- q(x)")
    actions = client.policy(fresh("acts"), 'action("add")', f"{policy}:q+(x) :- add(x)", kind="action")
    assert simulate(client, policy, "p(x)", "add(5)", by=actions) == {"result": ["p(5)"]}


def test_a_trace_is_added_when_asked_for(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("traced"), "q(1)")
    assert "** Simulate: Querying" in simulate(client, policy, "q(x)", "q+(2)", "&trace=true")["trace"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 1004),
        ([], 1004),
        ("x", 1004),
        ({"query": "p(x)", "sequence": ""}, 1004),
        ({"query": None, "sequence": "", "action_policy": "action"}, 1004),
        ({"query": 1, "sequence": "", "action_policy": "action"}, 1004),
        ({"query": "", "sequence": "", "action_policy": "action"}, 1007),
        ({"query": "p(", "sequence": "", "action_policy": "action"}, 1007),
        ({"query": "p(x)", "sequence": "q+(", "action_policy": "action"}, 1007),
        ({"query": "p(x)", "sequence": "q(1)", "action_policy": "action"}, 1007),
        ({"query": "p(x)", "sequence": "q+(1) foo(1)", "action_policy": "action"}, 1007),
        ({"query": "p(x)", "sequence": "nope:q+(1)", "action_policy": "action"}, 1007),
        ({"query": "p(x)", "sequence": "", "action_policy": "nope"}, 1007),
        ({"query": "p(x) :- q(x) r(x)", "sequence": "", "action_policy": "action"}, 1007),
    ],
)
def test_what_cannot_be_simulated_is_refused(client: Client, body: Any, code: int) -> None:
    answer = client.post("/v1/policies/classification?action=simulate", body)
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, code), answer.text
    assert "Traceback" not in answer.text


def test_a_simulation_that_fails_half_way_leaves_nothing_behind(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("half"), "p(x) :- q(x)")
    body = {"query": "p(x)", "sequence": "q+(50) foo(1)", "action_policy": "action"}
    assert client.post(f"/v1/policies/{policy}?action=simulate", body).status_code == 400
    assert client.rows(policy, "p") == []


def test_an_unknown_policy_cannot_be_simulated(client: Client) -> None:
    body = {"query": "p(x)", "sequence": "", "action_policy": "action"}
    error = client.post("/v1/policies/nope?action=simulate", body).json()["error"]
    assert (error["error_code"], error["message"]) == (1007, "Error in simulate procedure::Unknown policy nope")


def test_a_row_is_explained_by_what_it_follows_from(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("why"), "p(x) :- q(x), not r(x)", "q(1)")
    answer = client.post(f"/v1/policies/{policy}?action=explain", {"table": "p", "row": [1]}).json()
    assert answer["holds"] is True
    assert "q(1)" in answer["text"]


def test_the_absence_of_a_row_is_explained_by_what_fails(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("whynot"), "p(x) :- q(x), not r(x)", "q(1)", "r(1)")
    answer = client.post(f"/v1/policies/{policy}?action=explain", {"table": "p", "row": [1]}).json()
    assert answer["holds"] is False
    assert "r(1)" in answer["text"]


@pytest.mark.parametrize("body", [{}, [], {"table": "p"}, {"table": 1, "row": []}, {"table": "p", "row": [[]]}])
def test_an_explanation_needs_table_and_row(client: Client, body: Any) -> None:
    answer = client.post("/v1/policies/classification?action=explain", body)
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 400)
