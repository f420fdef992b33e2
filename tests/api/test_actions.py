"""From a row that enters `execute[...]` to a request in the cloud, through a whole server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.cli import manage
from tests.api.server_process import Client, ServerProcess
from tests.datasources.replayed_cloud import ReplayedCloud, replayed_cloud
from tests.waiting import until


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayedCloud]:
    with replayed_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def server(state: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(state).start()
    yield process
    process.close()


@pytest.fixture
def client(server: ServerProcess) -> Client:
    return Client(server.url)


@pytest.fixture
def nova(client: Client, cloud: ReplayedCloud) -> str:
    cloud.recover()
    cloud.move_to("before")
    body = {"name": "nova", "driver": "nova", "config": {**cloud.login, "poll_time": "0"}}
    assert client.post("/v1/data-sources", body).status_code == 201
    until(lambda: client.get("/v1/data-sources/nova/status").json()["initialized"] == "True")
    return "nova"


RULE = 'execute[nova:servers.stop(id)] :- nova:servers(id=id, status="PAUSED")'


def actions(client: Client, **filters: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/actions", params=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


def policy(client: Client, name: str, *rules: str, **more: str) -> None:
    body = {"name": name, "rules": [{"rule": rule} for rule in rules], **more}
    assert client.post("/v1/policies", body).status_code == 201


def test_a_rule_stops_a_server_of_the_cloud_once(
    client: Client, server: ServerProcess, nova: str, cloud: ReplayedCloud
) -> None:
    before = len(cloud.report()["actions"])
    policy(client, "p", RULE)
    (entry,) = until(lambda: actions(client, policy="p", state="done"))
    assert (entry["datasource"], entry["action"], entry["attempts"]) == ("nova", "servers.stop", 1)
    (sent,) = cloud.report()["actions"][before:]
    assert sent["path"].endswith(f"/servers/{entry['args'][0]}/action")
    whole = client.get(f"/v1/actions/{entry['id']}").json()
    assert [event["state"] for event in whole["events"]] == ["pending", "claimed", "done"]
    (change,) = client.get("/v1/policies/p/history?table=execute[nova:servers.stop]").json()["results"]
    assert (change["change"], change["row"]) == ("entered", entry["args"])

    server.kill()
    server.start()
    again = Client(server.url)
    until(lambda: again.get("/v1/data-sources/nova/status").json()["initialized"] == "True")
    assert again.rows("p", "execute[nova:servers.stop]") == [entry["args"]]
    again.post("/v1/policies/classification/rules", {"rule": 'error("marker")'})
    until(lambda: again.get("/v1/policies/classification/history").json()["results"])
    assert len(actions(again)) == 1
    assert len(cloud.report()["actions"]) == before + 1


def test_a_proposed_action_waits_for_approval_and_says_who_gave_it(
    client: Client, nova: str, cloud: ReplayedCloud
) -> None:
    policy(client, "p", RULE, enforcement="propose")
    (entry,) = until(lambda: actions(client))
    assert entry["state"] == "proposed"
    assert client.post(f"/v1/actions/{entry['id']}/retry").status_code == 409
    decided = client.post(f"/v1/actions/{entry['id']}/approve", {"comment": "it costs money"})
    assert decided.json()["state"] in ("pending", "claimed", "done")
    until(lambda: actions(client, state="done"))
    events = client.get(f"/v1/actions/{entry['id']}").json()["events"]
    assert (events[1]["actor"], events[1]["detail"]) == ("anybody (auth_strategy is noauth)", "it costs money")


def test_a_rejected_action_is_not_done_unless_it_is_retried(client: Client, nova: str) -> None:
    policy(client, "p", RULE, enforcement="propose")
    (entry,) = until(lambda: actions(client))
    assert client.post(f"/v1/actions/{entry['id']}/reject").json()["state"] == "rejected"
    assert client.post(f"/v1/actions/{entry['id']}/approve").status_code == 409
    assert client.post(f"/v1/actions/{entry['id']}/retry").status_code == 200
    until(lambda: actions(client, state="done"))


def test_a_monitored_policy_records_and_does_nothing(client: Client, nova: str) -> None:
    policy(client, "p", RULE, enforcement="monitor")
    until(lambda: client.get("/v1/policies/p/history").json()["results"])
    assert actions(client) == []


def test_a_deleted_datasource_makes_nobody_act(client: Client, nova: str, cloud: ReplayedCloud) -> None:
    before = len(cloud.report()["actions"])
    config = {"description": "servers that are known", "columns": "id"}
    assert client.post("/v1/data-sources", {"name": "known", "driver": "push", "config": config}).status_code == 201
    servers = [[str(row[0])] for row in client.rows("nova", "servers")]
    assert client.put("/v1/data-sources/known/tables/data/rows", servers).status_code == 200
    policy(client, "p", "execute[nova:servers.stop(id)] :- nova:servers(id=id), not known:data(id)")
    assert client.delete("/v1/data-sources/known").status_code == 200
    waiting = until(lambda: [each for each in actions(client, policy="p") if each["outcome"]])
    assert {each["state"] for each in waiting} == {"pending"}
    assert waiting[0]["outcome"] == "the row follows from known, which does not exist"
    assert cloud.report()["actions"][before:] == []


def test_the_level_of_enforcement_is_shown_and_changed(client: Client) -> None:
    policy(client, "p")
    assert client.get("/v1/policies/p").json()["enforcement"] == "enforce"
    assert client.patch("/v1/policies/p", {"enforcement": "propose"}).json()["enforcement"] == "propose"
    assert client.get("/v1/policies/p").json()["enforcement"] == "propose"
    assert client.patch("/v1/policies/p", {"enforcement": "sometimes"}).status_code == 400
    assert client.post("/v1/policies", {"name": "q", "enforcement": "monitor"}).json()["enforcement"] == "monitor"
    assert client.post("/v1/policies", {"name": "r", "enforcement": "x"}).status_code == 400


def test_a_policy_of_the_library_can_be_activated_as_a_proposal(client: Client, nova: str) -> None:
    library = client.get("/v1/librarypolicies").json()["results"]
    item = next(one for one in library if one["name"] == "PauseBadFlavors")
    body = {"enforcement": "propose"}
    created = client.post(f"/v1/policies?library_policy={item['id']}", body)
    assert created.status_code == 201, created.text
    assert created.json()["enforcement"] == "propose"


def test_a_proposal_becomes_obsolete_when_its_row_leaves(client: Client) -> None:
    policy(client, "p", "execute[nobody:act(x)] :- q(x)", "q(1)", enforcement="propose")
    until(lambda: actions(client, state="proposed"))
    rules = client.get("/v1/policies/p/rules").json()["results"]
    (fact,) = [rule["id"] for rule in rules if rule["rule"] == "q(1)"]
    client.delete(f"/v1/policies/p/rules/{fact}")
    until(lambda: actions(client, state="obsolete"))


def test_an_action_of_an_unknown_datasource_fails_and_says_why(client: Client) -> None:
    policy(client, "p", "execute[nobody:act(x)] :- q(x)", "q(1)")
    (entry,) = until(lambda: actions(client, state="failed"))
    assert "nobody" in entry["outcome"]


def test_a_pause_stops_actions_within_a_second_and_shows_everywhere(
    client: Client, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--state-dir", str(state)]
    assert manage.main([*place, "pause", "--reason", "night"]) == 0
    paused_at = time.monotonic()
    assert client.get("/v1/actions").json()["paused"] is True
    until(lambda: client.get("/v1/system/status").json()["paused"])
    assert time.monotonic() - paused_at < 3
    policy(client, "p", "execute[nobody:act(x)] :- q(x)", "q(1)")
    until(lambda: actions(client, state="pending"))
    capsys.readouterr()
    assert manage.main([*place, "status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["paused"], told["reason"], told["actions"]) == (True, "night", {"pending": 1})
    assert manage.main([*place, "resume"]) == 0
    until(lambda: actions(client, state="failed"))
    assert client.get("/v1/actions").json()["paused"] is False


def test_history_is_read_in_pages_and_filtered(client: Client) -> None:
    policy(client, "p", "error(x) :- q(x)", "q(1)", 'q("a")', "q(1.0)")
    until(lambda: len(client.get("/v1/policies/p/history").json()["results"]) == 3)
    first = client.get("/v1/policies/p/history?limit=2").json()
    rest = client.get("/v1/policies/p/history", params={"limit": 2, "marker": first["next_marker"]}).json()
    assert (len(first["results"]), len(rest["results"]), "next_marker" in rest) == (2, 1, False)
    only = client.get("/v1/policies/p/history", params={"row": "[1.0]", "change": "entered"}).json()["results"]
    assert [change["row"] for change in only] == [[1.0]]
    assert client.get("/v1/policies/p/history?change=left").json()["results"] == []
    assert client.get("/v1/policies/p/history?since=2100-01-01T00:00:00").json()["results"] == []
    client.delete("/v1/policies/p")
    until(lambda: len(client.get("/v1/policies/p/history?change=left").json()["results"]) == 3)
    assert client.get("/v1/policies/nothing/history").status_code == 404


@pytest.mark.parametrize("query", ["change=x", "row=x", "since=x", "limit=0", "marker=x"])
def test_a_wrong_question_about_history_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/v1/policies/classification/history?{query}").status_code == 400


@pytest.mark.parametrize("query", ["state=x", "limit=x", "marker=x"])
def test_a_wrong_question_about_actions_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/v1/actions?{query}").status_code == 400
    assert client.get("/v1/actions/x").status_code == 404
