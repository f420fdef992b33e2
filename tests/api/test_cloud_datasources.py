"""A whole server over a replayed cloud: datasources are created, polled, fail and recover."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.api.server_process import Client
from tests.datasources.replayed_cloud import ReplayedCloud, replayed_cloud
from tests.waiting import until


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayedCloud]:
    with replayed_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def nova(client: Client, cloud: ReplayedCloud, fresh: Callable[[str], str]) -> str:
    """A datasource that polls on request only; its name."""
    cloud.recover()
    cloud.move_to("before")
    name = fresh("nova")
    body = {"name": name, "driver": "nova", "config": {**cloud.login, "poll_time": "0"}}
    assert client.post("/v1/data-sources", body).status_code == 201
    until(lambda: status(client, name)["initialized"] == "True", seconds=20)
    return name


def status(client: Client, name: str) -> dict[str, str]:
    return dict(client.get(f"/v1/data-sources/{name}/status").json())


def refresh(client: Client, name: str) -> None:
    """Have the datasource polled once more and wait for the end of that poll."""
    polls = status(client, name)["number_of_updates"]
    client.post(f"/v1/data-sources/{name}?action=request-refresh")
    until(lambda: status(client, name)["number_of_updates"] != polls, seconds=20)


def names(client: Client, name: str) -> set[str]:
    rows = client.get(f"/v1/data-sources/{name}/tables/servers/rows").json()["results"]
    return {row["data"][1] for row in rows}


def test_rules_see_the_tables_of_the_cloud(client: Client, nova: str, fresh: Callable[[str], str]) -> None:
    policy = client.policy(fresh("p"), f"paused(name) :- {nova}:servers(name=name, status='PAUSED')")
    assert len(client.rows(policy, "paused")) == 1


def test_a_refresh_shows_what_changed_in_the_cloud(client: Client, nova: str, cloud: ReplayedCloud) -> None:
    before = names(client, nova)
    cloud.move_to("after")
    refresh(client, nova)
    assert names(client, nova) - before == {"lab-ml-stray"}


def test_rows_stay_while_the_cloud_is_out_of_reach_and_the_status_says_so(
    client: Client, nova: str, cloud: ReplayedCloud
) -> None:
    before = names(client, nova)
    cloud.fail("nova")
    refresh(client, nova)
    assert "unreachable" in status(client, nova)["last_error"]
    assert names(client, nova) == before
    cloud.recover()
    refresh(client, nova)
    assert status(client, nova)["last_error"] == "None"


def test_a_datasource_with_a_wrong_password_says_so_in_its_status(
    client: Client, cloud: ReplayedCloud, fresh: Callable[[str], str]
) -> None:
    name = fresh("nova")
    config = {**cloud.login, "password": "canary-7731", "poll_time": "0"}
    client.post("/v1/data-sources", {"name": name, "driver": "nova", "config": config})
    until(lambda: status(client, name)["last_error"] != "None", seconds=20)
    assert "the login as admin was refused" in status(client, name)["last_error"]
    assert "canary-7731" not in status(client, name)["last_error"]


def test_an_action_reaches_the_cloud(client: Client, nova: str, cloud: ReplayedCloud) -> None:
    body = {"name": "servers.pause", "args": {"positional": ["some-server"]}}
    assert client.post(f"/v1/data-sources/{nova}?action=execute", body).status_code == 200
    assert cloud.report()["actions"][-1]["path"] == "/v2.1/servers/some-server/action"


def test_a_deleted_datasource_leaves_the_cloud_alone(client: Client, nova: str, cloud: ReplayedCloud) -> None:
    assert client.delete(f"/v1/data-sources/{nova}").status_code == 200
    assert client.get(f"/v1/data-sources/{nova}/status").status_code == 404
