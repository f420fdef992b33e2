"""What a database holds from other times does not keep the server from starting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from congress.db import datasources, migration, policies, rules
from congress.db.datasources import DatasourceRecord
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.db.session import Database
from tests.api.server_process import Client, ServerProcess

Start = Callable[..., ServerProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server, after the one before it was stopped."""
    servers: list[ServerProcess] = []

    def started(*options: str) -> ServerProcess:
        if servers:
            servers[-1].terminate()
        servers.append(ServerProcess(tmp_path / "state", *options).start())
        return servers[-1]

    yield started
    for server in servers:
        server.close()


def store_both(place: Path) -> None:
    """A policy with a rule and a datasource, both called `twin`, and a policy that follows neither."""
    database = Database(f"sqlite:///{place}/state/congress.sqlite")
    migration.upgrade(database)
    with database.writer() as session:
        for number, name in (("1", "twin"), ("2", "other")):
            policies.add(session, PolicyRecord(f"policy-{number}", name, "t", "", "user", "nonrecursive"))
            rules.add(session, f"policy-{number}", [RuleRecord(f"rule-{number}", "p(1)", "", None, True)])
        datasources.add(session, DatasourceRecord("datasource-1", "twin", "fake_datasource", None, True, {}, ()))
    database.close()


def test_a_policy_and_a_datasource_of_one_name_do_not(tmp_path: Path, start: Start) -> None:
    store_both(tmp_path)
    server = start()
    client = Client(server.url)
    assert "policy policy-1 is set aside" in server.log.read_text()
    assert client.rows("other", "p") == [[1]]
    path = "/v1/data-sources/twin/tables/fake_table/rows"
    assert client.put(path, [{"id": "a", "name": "b"}]).status_code == 200
    client.policy("uses", "p(x) :- twin:fake_table(id=x)")
    assert client.rows("uses", "p") == [["a"]]
    answer = client.post("/v1/policies/policy-1/rules", {"rule": "p(2)"})
    assert 400 <= answer.status_code < 500, answer.text
    answer = client.patch("/v1/policies/policy-1", {"description": "new"})
    assert answer.status_code < 500, answer.text
    assert [item["rule"] for item in client.get("/v1/policies/policy-1/rules").json()["results"]] == ["p(1)"]
    assert client.delete("/v1/policies/policy-1").status_code == 200
    assert client.get("/v1/data-sources/twin").status_code == 200
    assert "is set aside" not in start().log.read_text()


def test_a_datasource_without_a_driver_does_not_unless_the_command_line_says_that_it_is_deleted(
    tmp_path: Path, start: Start
) -> None:
    database = Database(f"sqlite:///{tmp_path}/state/congress.sqlite")
    migration.upgrade(database)
    with database.writer() as session:
        datasources.add(session, DatasourceRecord("1", "lost", "ceilometer", None, True, {"username": "u"}, ()))
        datasources.store_pushed(session, "1", "meters", [["a"]])
        datasources.add(session, DatasourceRecord("2", "kept", "fake_datasource", None, True, {}, ()))
    database.close()

    server = start()
    client = Client(server.url)
    assert "datasource lost: driver ceilometer is not available" in server.log.read_text()
    assert "driver ceilometer is not available" in client.get("/v1/data-sources/lost/status").json()["last_error"]
    assert client.get("/v1/data-sources/lost/tables").json() == {"results": []}
    assert client.get("/v1/data-sources/lost/schema").status_code == 200

    server = start("--delete-missing-driver-datasources")
    client = Client(server.url)
    assert "datasource lost is deleted: there is no driver ceilometer" in server.log.read_text()
    assert [item["name"] for item in client.get("/v1/data-sources").json()["results"]] == ["kept"]

    assert "lost" not in start().log.read_text()
