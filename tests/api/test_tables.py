from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from tests.api.server_process import Client

Fresh = Callable[[str], str]


def test_tables_of_a_policy_include_foreign_ones(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("tables"), "p(x) :- nowhere:q(x), not r(x)", "execute[nova:stop(x)] :- p(x)")
    answer = client.get(f"/v1/policies/{policy}/tables").json()
    assert sorted(table["id"] for table in answer["results"]) == ["nowhere:q", "p", "r"]
    assert client.get(f"/v1/policies/{policy}/tables/p").json() == {"id": "p"}
    missing = client.get(f"/v1/policies/{policy}/tables/nope")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "Not found")


def test_a_table_without_columns_holds_one_empty_row(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("nullary"), "p() :- q(1)", "q(1)", "r() :- q(2)")
    assert client.rows(policy, "p") == [[]]
    assert client.rows(policy, "r") == []


def test_what_would_be_executed_can_be_listed(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("acts"), "execute[nova:servers.pause(x)] :- q(x)", 'q("a")')
    assert client.rows(policy, "execute[nova:servers.pause]") == [["a"]]


def test_values_keep_their_types(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("types"), 'p(1, "1", 1.5)')
    assert client.rows(policy, "p") == [[1, "1", 1.5]]


@pytest.mark.parametrize("path", ["/v1/policies/classification/tables/nope/rows", "/v1/policies/nope/tables/p/rows"])
def test_rows_of_unknown_tables_are_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Not Found::table '")


@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_a_trace_tells_how_rows_were_found(client: Client, fresh: Fresh, value: str) -> None:
    policy = client.policy(fresh("trace"), "q(1)")
    answer = client.get(f"/v1/policies/{policy}/tables/q/rows?trace={value}").json()
    assert answer["results"] == [{"data": [1]}]
    assert ": Call: q(" in answer["trace"]
    assert "trace" not in client.get(f"/v1/policies/{policy}/tables/q/rows?trace=no").json()


def test_rows_of_a_policy_cannot_be_replaced(client: Client) -> None:
    answer = client.put("/v1/policies/classification/tables/p/rows", [])
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 400)


@pytest.mark.parametrize("verb", ["GET", "PUT", "POST", "DELETE", "PATCH"])
def test_single_rows_have_no_address(client: Client, verb: str) -> None:
    answer = client.request(verb, "/v1/policies/classification/tables/p/rows/0", {})
    assert (answer.status_code, answer.json()["error"]["message"]) == (501, "Method not supported")


def test_changes_of_error_tables_are_told_in_order(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("changes"), "error(x) :- q(x), not excused(x)")
    before = client.get(f"/v1/policies/{policy}/changes").json()["latest"]
    client.post(f"/v1/policies/{policy}/rules", {"rule": "q(1)"})
    client.post(f"/v1/policies/{policy}/rules", {"rule": "excused(1)"})
    found = client.get(f"/v1/policies/{policy}/changes?since={before}").json()["results"]
    assert [(each["table"], each["inserted"], each["deleted"]) for each in found] == [
        ("error", [[1]], []),
        ("error", [], [[1]]),
    ]
    assert found[0]["sequence"] < found[1]["sequence"]
    assert found[0]["milliseconds"] >= 0
    assert client.get(f"/v1/policies/{policy}/changes?since={found[-1]['sequence']}&wait=0.01").json()["results"] == []


@pytest.mark.parametrize("query", ["since=x", "since=-1", "wait=nan", "wait=inf"])
def test_changes_want_numbers(client: Client, query: str) -> None:
    assert client.get(f"/v1/policies/classification/changes?{query}").status_code == 400


def test_many_who_wait_for_changes_leave_threads_for_others(client: Client) -> None:
    path = "/v1/policies/classification/changes?wait=5"
    waiting = [threading.Thread(target=Client(client.url).get, args=(path,)) for _ in range(20)]
    for thread in waiting:
        thread.start()
    started = time.monotonic()
    for _ in range(20):
        assert client.get("/v1/policies").status_code == 200
    assert time.monotonic() - started < 4
    for thread in waiting:
        thread.join(10)
