"""The datasource `congress` tells rules how the others are."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.server_process import Client
from tests.waiting import until

Fresh = Callable[[str], str]


def test_rules_see_the_state_of_every_datasource(client: Client, fresh: Fresh) -> None:
    good, off, broken, policy = fresh("good"), fresh("off"), fresh("broken"), fresh("policy")
    login = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": "p", "project_name": "x"}
    for body in (
        {"name": good, "driver": "fake_datasource"},
        {"name": off, "driver": "fake_datasource", "enabled": False},
        {"name": broken, "driver": "nova", "config": {**login, "poll_time": "1"}},
    ):
        assert client.post("/v1/data-sources", body).status_code == 201
    assert client.post("/v1/policies", {"name": policy}).status_code == 201
    rule = "trouble(n, s) :- congress:datasource_status(name=n, state=s), not equal(s, 'ok')"
    assert client.post(f"/v1/policies/{policy}/rules", {"rule": rule}).status_code == 201
    table = f"/v1/policies/{policy}/tables/trouble/rows"

    def seen() -> dict[str, str]:
        rows = [each["data"] for each in client.get(table).json()["results"]]
        return {name: state for name, state in rows if name in (good, off, broken)}

    until(lambda: seen() == {off: "disabled", broken: "unreachable"}, lambda: str(seen()), seconds=90)
    status = client.get(f"/v1/data-sources/{broken}/status").json()
    assert status["state"] == "unreachable"
    assert "unreachable" in status["tables"]["servers"]["last_error"]
    states = client.get("/v1/data-sources/congress/tables/table_status/rows").json()["results"]
    assert [good, "fake_table", "ok"] in [each["data"] for each in states]
    assert client.get("/v1/data-sources/congress/status").json()["state"] == "ok"


def test_nobody_else_can_take_its_name_or_delete_it(client: Client) -> None:
    assert client.post("/v1/data-sources", {"name": "congress", "driver": "fake_datasource"}).status_code == 409
    assert client.post("/v1/policies", {"name": "congress"}).status_code == 409
    assert client.delete("/v1/data-sources/congress").status_code == 404
    assert client.get("/v1/data-sources/congress/schema").json()["tables"][0]["table_id"] == "datasource_status"
    assert "congress" not in [each["name"] for each in client.get("/v1/data-sources").json()["results"]]
