"""Options of the original that a running server follows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.server_process import Client, ServerProcess

CONFIGURATION = """
[DEFAULT]
auth_strategy = noauth
disabled_drivers = cinder
custom_driver_endpoints = mine=congress.datasources.pushed:FakeDriver
enable_execute_action = false
tcp_keepalive = true
tcp_keepidle = 60
[cors]
allowed_origin = http://horizon.example
[oslo_middleware]
enable_proxy_headers_parsing = true
"""
HORIZON = {"Origin": "http://horizon.example"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("configured")
    (place / "congress.conf").write_text(CONFIGURATION)
    process = ServerProcess(place / "state", "--config-file", str(place / "congress.conf")).start()
    yield process
    process.close()


def test_a_disabled_driver_is_not_offered(client: Client) -> None:
    offered = {driver["id"] for driver in client.get("/v1/system/drivers").json()["results"]}
    assert "cinder" not in offered
    assert "nova" in offered
    assert client.get("/v1/system/drivers/cinder").json()["error"]["message"].startswith("Driver not found cinder.")
    refused = client.post("/v1/data-sources", {"name": "c", "driver": "cinder"})
    assert (refused.status_code, "Invalid driver: cinder" in refused.text) == (400, True)


def test_a_custom_driver_is_offered_under_its_name(client: Client) -> None:
    assert client.get("/v1/system/drivers/mine").status_code == 200
    assert client.post("/v1/data-sources", {"name": "own", "driver": "mine"}).status_code == 201


def test_actions_that_are_switched_off_are_only_logged(client: Client, server: ServerProcess) -> None:
    client.post("/v1/data-sources", {"name": "acting", "driver": "fake_datasource"})
    body = {"name": "acting:fake_act", "args": {"positional": ["vm-1"]}}
    answer = client.post("/v1/policies/action?action=execute", body)
    assert (answer.status_code, answer.json()) == (200, {})
    log = server.log.read_text()
    assert "action acting:fake_act is requested, enabled=False" in log
    assert "fake_act" not in log.replace("action acting:fake_act is requested", "")


def test_pages_of_another_origin_may_call_when_the_configuration_names_it(client: Client) -> None:
    allowed = client.get("/v1/policies", headers=HORIZON)
    assert allowed.headers["Access-Control-Allow-Origin"] == HORIZON["Origin"]
    assert "X-Subject-Token" in allowed.headers["Access-Control-Expose-Headers"]
    asked = {**HORIZON, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "X-Auth-Token"}
    preflight = client.request("OPTIONS", "/v1/policies", headers=asked)
    assert preflight.headers["Access-Control-Allow-Origin"] == HORIZON["Origin"]
    assert "X-Auth-Token" in preflight.headers["Access-Control-Allow-Headers"]
    stranger = client.get("/v1/policies", headers={"Origin": "http://other.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_links_name_the_address_that_a_proxy_was_called_by(client: Client) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "policy.example"}
    (version,) = client.get("/", headers=forwarded).json()["versions"]
    assert version["links"][0]["href"] == "https://policy.example/v1/"
