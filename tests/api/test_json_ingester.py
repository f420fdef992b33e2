"""Group json_ingester of a configuration file, as OpenStack Congress had it: files in, documents and requests out.

Against a real PostgreSQL, in which roles.sql was run, a real server and a web server that stands for the cloud's API.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError

from tests.api.server_process import Client, ServerProcess
from tests.databases import PostgreSql, program
from tests.datasources.answering import Answering, Asked, Said
from tests.waiting import until

ROLES = Path(__file__).parents[2] / "etc" / "json_ingesters" / "roles.sql"
COMPUTE = """\
name: _compute
api_endpoint: !ref compute_endpoint
poll_interval: 0.5
allow_exec_api: true
tables:
  servers:
    gin_index: true
    poll: {api_path: servers/detail, api_method: get, jsonpath: "$.servers[:]"}
"""
CVE = """\
name: _cve
tables:
  vulnerabilities:
    webhook: {record_jsonpath: $, id_jsonpath: $.id}
"""
CONFIG = """\
[DEFAULT]
auth_strategy = noauth
[json_ingester]
enable = True
config_path = {place}
config_reusables_path = {place}/reusables/values.yaml
db_connection = {database}
[actions]
rate = 0
failures = 0
"""
HELD = "5"
"""The server whose request gets no answer until the test says so."""


class Cloud:
    """The API: `servers` are its documents, `stopped` what it was asked to do, as often as it was."""

    def __init__(self) -> None:
        self.servers = [{"id": str(number), "status": "ERROR"} for number in range(12)]
        self.stopped: list[str] = []
        self.release = threading.Event()

    def __call__(self, asked: Asked) -> Any:
        if asked.method == "GET":
            return {"servers": self.servers} if asked.path == "/v2.1/servers/detail" else None
        server = asked.path.split("/")[3]
        assert json.loads(asked.body) == {"os-stop": None}
        self.stopped.append(server)
        if server == HELD:
            self.release.wait(120)
        return Said({}, 202)


@pytest.fixture(scope="module")
def database() -> Iterator[URL]:
    """One in which the roles are; its URL is that of the owner."""
    with PostgreSql() as server:
        url = make_url(server.create())
        for _twice in range(2):
            arranged(url)
        with create_engine(url).begin() as owner:
            for statement in (
                "ALTER ROLE congress_ingester LOGIN PASSWORD 'canary-ingester'",
                "CREATE ROLE anne LOGIN IN ROLE congress_author",
                "ALTER ROLE anne SET ROLE congress_author",
                "CREATE ROLE rob LOGIN IN ROLE congress_reader",
            ):
                owner.execute(text(statement))
        yield url


def arranged(url: URL) -> None:
    where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username), "-d", str(url.database)]
    command = [program("psql"), "-v", "ON_ERROR_STOP=1", "-q", "-f", str(ROLES), *where]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def ask(url: URL, who: str, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(url.set(username=who))
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def cloud() -> Iterator[tuple[Cloud, str]]:
    answer = Cloud()
    with Answering(answer) as service:
        yield answer, f"{service.url}/v2.1"
        answer.release.set()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, database: URL, cloud: tuple[Cloud, str]
) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("ingesters")
    (place / "nova.yaml").write_text(COMPUTE)
    (place / "cve.yaml").write_text(CVE)
    (place / "broken.yaml").write_text("name: _broken\ntables: {t: {}}\n")
    (place / "reusables").mkdir()
    (place / "reusables" / "values.yaml").write_text(f"compute_endpoint: {cloud[1]}\n")
    shown = database.set(drivername="postgresql", username="congress_ingester", password="canary-ingester")  # noqa: S106
    (place / "congress.conf").write_text(
        CONFIG.format(place=place, database=shown.render_as_string(hide_password=False))
    )
    process = ServerProcess(place / "state", "--config-file", str(place / "congress.conf")).start()
    yield process
    process.close()


def test_each_file_is_a_datasource_and_a_broken_one_keeps_nobody_from_working(server: ServerProcess) -> None:
    client = Client(server.url)
    found = {one["name"]: one for one in client.get("/v1/data-sources").json()["results"]}
    assert set(found) == {"_compute", "_cve"}
    assert {one["driver"] for one in found.values()} == {"json"}
    assert "broken.yaml: tables.t: give one of poll and webhook" in server.log.read_text()
    assert "canary-ingester" not in json.dumps(found)


def test_documents_arrive_in_postgresql_and_in_rules(server: ServerProcess, database: URL) -> None:
    client = Client(server.url)
    counted = "SELECT count(*), min(d->>'status') FROM _compute.servers"
    until(lambda: there(database) and ask(database, "rob", counted) == [(12, "ERROR")], seconds=60)
    index = "SELECT indexname FROM pg_indexes WHERE schemaname = '_compute' AND indexname LIKE '%gin%'"
    assert ask(database, "rob", index) == [("__servers_d_gin_idx",)]
    rows = "/v1/data-sources/_compute/tables/servers/rows"
    until(lambda: len(client.get(rows).json()["results"]) == 12, seconds=60)


def there(url: URL, table: str = "_compute.servers") -> bool:
    return bool(ask(url, "congress", f"SELECT to_regclass('{table}') IS NOT NULL")[0][0])


def test_a_webhook_is_at_the_address_that_it_had(server: ServerProcess, database: URL) -> None:
    client = Client(server.url)
    webhook = "/v1/data-sources/_cve/tables/vulnerabilities/webhook"
    for score in (5, 9):
        assert client.post(webhook, {"id": "CVE-1", "score": score}).status_code == 200
    assert client.post(webhook, {"score": 1}).status_code == 400
    kept = "SELECT _key, d->>'score' FROM _cve.vulnerabilities"
    until(
        lambda: there(database, "_cve.vulnerabilities") and ask(database, "rob", kept) == [("CVE-1", "9")], seconds=60
    )


@pytest.mark.parametrize(
    ("who", "statement"),
    [
        ("rob", "DELETE FROM _compute.servers"),
        ("rob", "CREATE VIEW _compute.mine AS SELECT 1"),
        ("anne", "INSERT INTO _compute.servers VALUES ('{}', 'k')"),
        ("anne", "CREATE SCHEMA mine"),
        ("anne", "CREATE TABLE public.mine (a text)"),
        ("congress_ingester", "CREATE TABLE public.mine (a text)"),
    ],
)
def test_nobody_may_do_more_than_the_role_says(server: ServerProcess, database: URL, who: str, statement: str) -> None:
    until(lambda: there(database), seconds=60)
    with pytest.raises(ProgrammingError, match="permission denied"):
        ask(database, who, statement)


def states(client: Client) -> Counter[str]:
    return Counter(entry["state"] for entry in client.get("/v1/actions").json()["results"])


def test_each_request_of_a_view_is_sent_once_though_the_server_is_killed_in_the_middle(
    server: ServerProcess, database: URL, cloud: tuple[Cloud, str]
) -> None:
    answer, url = cloud
    until(lambda: there(database), seconds=60)
    ask(
        database,
        "anne",
        "CREATE VIEW _compute._exec_api AS SELECT "  # noqa: S608 - a test's own words
        f"'{url}' AS endpoint, 'servers/' || (d->>'id') || '/action' AS path, 'POST' AS method, "
        "'{\"os-stop\": null}' AS body, '' AS parameters, '' AS headers "
        "FROM _compute.servers WHERE d->>'status' = 'ERROR'",
    )
    until(lambda: HELD in answer.stopped, lambda: server.log.read_text()[-3000:], seconds=90)
    server.kill()
    answer.release.set()
    server.start()
    client = Client(server.url)
    everybody = {one["id"] for one in answer.servers}
    until(lambda: set(answer.stopped) == everybody, lambda: str(states(client)), seconds=120)
    until(lambda: states(client) == {"done": 11, "unknown": 1}, lambda: str(states(client)), seconds=120)
    (left,) = [one for one in client.get("/v1/actions").json()["results"] if one["state"] == "unknown"]
    assert f"servers/{HELD}/action" in json.dumps(left)
    answer.servers.append({"id": "late", "status": "ERROR"})
    until(lambda: "late" in answer.stopped, lambda: str(states(client)), seconds=90)
    assert Counter(answer.stopped) == dict.fromkeys([*everybody, "late"], 1)


def test_what_was_made_is_not_made_again_and_may_be_changed(server: ServerProcess) -> None:
    client = Client(server.url)
    rules = client.get("/v1/policies/json_ingester/rules").json()["results"]
    assert [one["rule"].partition(" :-")[0].partition("(")[0] for one in rules] == ["execute[_compute:call"]
    assert client.request("PATCH", "/v1/policies/json_ingester", {"enforcement": "propose"}).status_code == 200
    assert client.request("DELETE", "/v1/data-sources/_cve").status_code == 200
    server.kill()
    server.start()
    client = Client(server.url)
    assert client.get("/v1/policies/json_ingester").json()["enforcement"] == "propose"
    assert len(client.get("/v1/policies/json_ingester/rules").json()["results"]) == 1
    assert {one["name"] for one in client.get("/v1/data-sources").json()["results"]} == {"_compute", "_cve"}
