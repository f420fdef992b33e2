"""Two servers over one database: whichever a client asks, it can have what it wrote at the other one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from congress.db import migration
from congress.db.session import Database
from tests.api.server_process import Client, ServerProcess
from tests.databases import MariaDb


@pytest.fixture(scope="module")
def replicas(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Client]]:
    """Servers that look at the database once in ten minutes, and have no bus to be told by."""
    place = tmp_path_factory.mktemp("replicas")
    servers: list[ServerProcess] = []
    try:
        url = mariadb.create()
        migration.upgrade(Database(url))
        for name in ("a", "b"):
            configuration = place / f"{name}.conf"
            configuration.write_text(
                f"[DEFAULT]\nauth_strategy = noauth\ndatasource_sync_period = 600\n[database]\nconnection = {url}\n"
            )
            options = ("--config-file", str(configuration), "--node-id", name, "--api", "--policy-engine")
            servers.append(ServerProcess(place / name, *options).start())
        yield [Client(server.url) for server in servers]
    finally:
        for server in servers:
            server.close()


def _after(answer: requests.Response) -> dict[str, str]:
    return {"X-Congress-Min-Revision": answer.headers["X-Congress-Revision"]}


def test_who_names_the_revision_reads_what_was_written_elsewhere(replicas: list[Client]) -> None:
    a, b = replicas
    created = a.post("/v1/policies", {"name": "p", "rules": [{"rule": "error(x) :- q(x)"}, {"rule": "q(1)"}]})
    rows = b.get("/v1/policies/p/tables/error/rows", headers=_after(created))
    assert [row["data"] for row in rows.json()["results"]] == [[1]]
    assert int(rows.headers["X-Congress-Revision"]) >= int(created.headers["X-Congress-Revision"])
    inserted = b.post("/v1/policies/p/rules", {"rule": "q(2)"})
    rows = a.get("/v1/policies/p/tables/error/rows", headers=_after(inserted))
    assert [row["data"] for row in rows.json()["results"]] == [[1], [2]]


def test_a_session_with_cookies_never_sees_what_is_older(replicas: list[Client]) -> None:
    a, b = replicas
    session = requests.Session()
    created = session.post(f"{a.url}/v1/policies", json={"name": "kept", "rules": [{"rule": "q(1)"}]})
    rows = session.get(f"{b.url}/v1/policies/kept/tables/q/rows")
    assert [row["data"] for row in rows.json()["results"]] == [[1]]
    assert int(rows.headers["X-Congress-Revision"]) >= int(created.headers["X-Congress-Revision"])
    assert "Set-Cookie" not in session.get(f"{b.url}/v1/policies/kept").headers


def test_a_change_that_does_not_go_with_what_another_server_took_is_refused(replicas: list[Client]) -> None:
    a, b = replicas
    created = a.post("/v1/policies", {"name": "conflict"})
    assert b.get("/v1/policies/conflict", headers=_after(created)).status_code == 200
    assert a.post("/v1/policies/conflict/rules", {"rule": "p(x) :- r(x), not s(x)"}).status_code == 201
    recursive = b.post("/v1/policies/conflict/rules", {"rule": "s(x) :- r(x), not p(x)"})
    arity = b.post("/v1/policies/conflict/rules", {"rule": "r(1, 2)"})
    assert (recursive.status_code, arity.status_code) == (400, 400)
    assert b.post("/v1/policies", {"name": "conflict"}).status_code == 409
    assert a.post("/v1/data-sources", {"name": "clash", "driver": "fake_datasource"}).status_code == 201
    assert b.post("/v1/policies", {"name": "clash"}).status_code == 409
    assert b.post("/v1/data-sources", {"name": "conflict", "driver": "fake_datasource"}).status_code == 409


def test_writers_at_both_servers_lose_nothing(replicas: list[Client]) -> None:
    a, _b = replicas
    assert a.post("/v1/policies", {"name": "busy"}).status_code == 201
    statuses: list[int] = []

    def write(client: Client, who: int) -> None:
        for number in range(20):
            answer = requests.post(
                f"{client.url}/v1/policies/busy/rules", json={"rule": f"q({who}, {number})"}, timeout=60
            )
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=write, args=(client, who)) for who, client in enumerate(replicas * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert statuses == [201] * 80
    last = a.post("/v1/policies/busy/rules", {"rule": "done(1)"})
    for client in replicas:
        rows = client.get("/v1/policies/busy/tables/q/rows", headers=_after(last)).json()["results"]
        assert len(rows) == 80
