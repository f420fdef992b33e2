from __future__ import annotations

from tests.api.server_process import Client


def test_drivers_are_listed_with_their_descriptions(client: Client) -> None:
    found = {item["id"]: item["description"] for item in client.get("/v1/system/drivers").json()["results"]}
    assert {"nova", "neutronv2", "keystonev3", "glancev2", "cinder", "fake_datasource", "push"} <= set(found)
    assert all(found.values())


def test_a_driver_tells_its_options_secrets_and_tables(client: Client) -> None:
    nova = client.get("/v1/system/drivers/nova").json()
    assert nova["config"]["auth_url"] == "required"
    assert nova["config"]["poll_time"] == "(optional)"
    assert nova["secret"] == ["password", "notification_url"]
    servers = next(table for table in nova["tables"] if table["table_id"] == "servers")
    assert servers["columns"][0]["name"] == "id"


def test_an_unknown_driver_is_not_found(client: Client) -> None:
    answer = client.get("/v1/system/drivers/nope")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Driver not found nope.")


def test_drivers_cannot_be_created(client: Client) -> None:
    assert client.post("/v1/system/drivers", {}).status_code == 501
    assert client.delete("/v1/system/drivers/nova").status_code == 501
