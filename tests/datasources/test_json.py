"""The driver json: documents of an API and of a webhook, for rules and in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from congress.datasources import ingesterfiles
from congress.datasources.contract import ArgumentsInvalid, BadPushedData, DriverError, Unchanged, UnknownAction
from congress.datasources.ingesters import read_ingester
from congress.datasources.jsondocuments import JsonDriver
from congress.datasources.runner import DatasourceRunner
from tests import canaries
from tests.databases import PostgreSql
from tests.datasources.answering import Answering, Asked, Said

SAMPLES = Path(__file__).parents[2] / "etc" / "json_ingesters"
INGESTER = """\
name: _compute
api_endpoint: {url}/v2.1
api_default_headers: {{X-Mine: hello}}
allow_exec_api: true
poll_interval: 7
tables:
  servers:
    poll: {{api_path: servers/detail, api_method: get, jsonpath: "$.servers[:]"}}
  flavors:
    gin_index: false
    poll: {{api_path: /flavors, jsonpath: "$.flavors[*]"}}
  alarms:
    webhook: {{record_jsonpath: $.payload, id_jsonpath: $.id}}
"""


class Api:
    """The documents that an API has, and what it was asked to do."""

    def __init__(self) -> None:
        self.servers: list[Any] = [{"id": "1", "name": "web", "tags": ["a", "b"]}, {"id": "2", "name": "db\0"}]
        self.done: list[Asked] = []

    def __call__(self, asked: Asked) -> Any:
        if asked.method != "GET":
            self.done.append(asked)
            return Said({}, 200)
        answers = {"/v2.1/servers/detail": {"servers": self.servers}, "/v2.1/flavors": {"flavors": []}}
        return answers.get(asked.path)


@pytest.fixture
def api() -> Iterator[tuple[str, Api]]:
    answer = Api()
    with Answering(answer) as service:
        yield service.url, answer


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSql]:
    with PostgreSql() as server:
        yield server


def driver(tmp_path: Path, url: str, **config: str) -> JsonDriver:
    (tmp_path / "nova.yaml").write_text(INGESTER.format(url=url))
    return JsonDriver("compute", {"ingester": str(tmp_path / "nova.yaml"), **config})


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        found = connection.execute(text(query))
        rows = [tuple(row) for row in found] if found.returns_rows else []
    engine.dispose()
    return rows


def test_documents_are_rows_whole_or_by_their_paths(tmp_path: Path, api: tuple[str, Api]) -> None:
    tables = {
        "servers": {"columns": {"id": "id", "name": "name"}},
        "tags": {"of": "servers", "rows": "tags[*]", "columns": {"id": "../id", "tag": "$"}},
    }
    one = driver(tmp_path, api[0], tables=json.dumps(tables))
    found = one.fetch("servers")
    assert set(found["tags"]) == {("1", "a"), ("1", "b")}
    assert ("1", "web") in found["servers"]
    assert {
        name: [column.name for column in columns] for name, columns in one.configured_tables(one.config).items()
    } == {
        "servers": ["id", "name"],
        "tags": ["id", "tag"],
        "flavors": ["_key", "d"],
        "alarms": ["_key", "d"],
        "_exec_api": ["endpoint", "path", "method", "body", "parameters", "headers"],
    }
    whole = driver(tmp_path, api[0]).fetch("servers")["servers"]
    assert {json.loads(str(d))["id"] for _key, d in whole} == {"1", "2"}
    assert one.settings["poll_times"]["servers"] == 7


def test_polled_tables_in_postgresql_hold_what_the_api_has(
    tmp_path: Path, api: tuple[str, Api], postgresql: PostgreSql
) -> None:
    database = postgresql.create()
    one = driver(tmp_path, api[0], db_connection=database)
    one.fetch("servers")
    one.fetch("flavors")
    assert ask(database, "SELECT d->>'name' FROM _compute.servers ORDER BY 1") == [("db\ufffd",), ("web",)]
    columns = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'servers' ORDER BY 1"
    assert ask(database, columns) == [("_key", "text"), ("d", "jsonb")]
    indexes = ask(database, "SELECT indexname FROM pg_indexes WHERE schemaname = '_compute' ORDER BY 1")
    assert indexes == [("__servers_d_gin_idx",), ("flavors_pkey",), ("servers_pkey",)]
    api[1].servers = api[1].servers[:1]
    one.fetch("servers")
    assert ask(database, "SELECT d->>'name' FROM _compute.servers") == [("web",)]
    api[1].servers = []
    one.fetch("servers")
    assert ask(database, "SELECT count(*) FROM _compute.servers") == [(0,)]


def test_notifications_are_documents_by_their_ids(tmp_path: Path, api: tuple[str, Api], postgresql: PostgreSql) -> None:
    database = postgresql.create()
    one = driver(tmp_path, api[0], db_connection=database)
    with pytest.raises(Unchanged):
        one.fetch("alarms")
    known = one.received("alarms", {"payload": {"id": "a", "n": 1}}, [])
    known = one.received("alarms", {"payload": {"id": 7, "n": 2}}, known)
    known = one.received("alarms", {"payload": {"id": "a", "n": 3}}, known)
    rows = one.translate("alarms", known)["alarms"]
    assert set(rows) == {("a", '{"id": "a", "n": 3}'), ("7", '{"id": 7, "n": 2}')}
    one.fetch("alarms")
    assert ask(database, "SELECT _key, d->>'n' FROM _compute.alarms ORDER BY 1") == [("7", "2"), ("a", "3")]


@pytest.mark.parametrize(
    "payload", [None, {}, {"payload": {}}, {"payload": {"id": {}}}, {"payload": {"id": "x" * 2713}}, {"payload": []}]
)
def test_a_notification_without_a_record_or_an_id_is_refused(tmp_path: Path, payload: Any) -> None:
    with pytest.raises(BadPushedData):
        driver(tmp_path, "http://127.0.0.1:9").received("alarms", payload, [])


def test_a_view_wants_requests_and_the_action_sends_them(
    tmp_path: Path, api: tuple[str, Api], postgresql: PostgreSql
) -> None:
    url, cloud = api
    database = postgresql.create()
    one = driver(tmp_path, url, db_connection=database)
    assert set(one.fetch("_exec_api")["_exec_api"]) == set()
    one.fetch("servers")
    ask(
        database,
        "CREATE VIEW _compute._exec_api AS SELECT "  # noqa: S608
        f"'{url}/v2.1' AS endpoint, 'servers/' || (d->>'id') || '/action' AS path, 'POST' AS method, "
        '\'{"os-stop": null}\' AS body, \'{"force": 1}\' AS parameters, \'{"X-Why": "policy"}\' AS headers '
        "FROM _compute.servers WHERE d->>'name' = 'web'",
    )
    [wanted] = one.fetch("_exec_api")["_exec_api"]
    one.execute("call", wanted, {})
    [asked] = cloud.done
    assert (asked.method, asked.path, asked.query) == ("POST", "/v2.1/servers/1/action", {"force": "1"})
    assert json.loads(asked.body) == {"os-stop": None}
    assert (asked.headers["x-why"], asked.headers["x-mine"]) == ("policy", "hello")


@pytest.mark.parametrize(
    "call",
    [
        {"endpoint": "file:///etc", "method": "POST"},
        {"endpoint": "http://x", "method": "BREW"},
        {"endpoint": "http://x", "method": "POST", "body": "{"},
        {"endpoint": "http://x", "method": "POST", "headers": "[]"},
        {"where": "http://x"},
    ],
)
def test_a_call_that_is_none_is_refused_for_good(tmp_path: Path, call: dict[str, str]) -> None:
    with pytest.raises(ArgumentsInvalid):
        driver(tmp_path, "http://127.0.0.1:9").execute("call", [], call)


def test_only_an_ingester_that_says_so_makes_calls(tmp_path: Path) -> None:
    file = tmp_path / "quiet.yaml"
    file.write_text("name: q\ntables: {t: {webhook: {id_jsonpath: $.id}}}\n")
    quiet = JsonDriver("q", {"ingester": str(file)})
    with pytest.raises(UnknownAction, match="does not say allow_exec_api"):
        quiet.execute("call", [], {})
    runner = DatasourceRunner("q", quiet, lambda _updates: None)
    assert runner.poll()
    assert set(runner.states()) == {"t"}


def test_a_token_of_keystone_goes_to_the_ingesters_api_only(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Any:
        if asked.path == "/v3/auth/tokens":
            token = {
                "methods": ["password"],
                "expires_at": "2099-01-01T00:00:00.000000Z",
                "issued_at": "2026-01-01T00:00:00Z",
            }
            return Said({"token": token}, 201, {"X-Subject-Token": "canary-token"})
        return {"things": []}

    with Answering(answer) as service, Answering(answer) as other:
        canaries.ignore(service.url)
        (tmp_path / "reusables.yaml").write_text(
            f"login: {{type: keystone, config: {{auth_url: '{service.url}/v3', username: u, password: canary-word, "
            "project_name: p, user_domain_name: Default, project_domain_name: Default}}\n"
        )
        (tmp_path / "i.yaml").write_text(
            f"name: i\nallow_exec_api: true\napi_endpoint: {service.url}/api\nauthentication: !ref login\n"
            "tables: {things: {poll: {api_path: things}}}\n"
        )
        config = {"ingester": str(tmp_path / "i.yaml"), "reusables": str(tmp_path / "reusables.yaml")}
        one = JsonDriver("i", config)
        one.fetch("things")
        one.execute("call", [f"{other.url}/", "x", "POST"], {})
        assert service.asked[-1].headers["x-auth-token"] == "canary-token"
        assert "x-auth-token" not in other.asked[-1].headers


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name: a b\ntables: {}", "name: "),
        ("name: a\ntables: {t: {}}", "tables.t: give one of poll and webhook"),
        ("name: a\ntables: {t: {poll: {api_path: x}}}", "table t is polled: api_endpoint is missing"),
        ("name: a\napi_endpoint: ftp://x\ntables: {t: {poll: {api_path: x}}}", "api_endpoint: "),
        ("name: a\ntables: {t: {webhook: {id_jsonpath: '$['}}}", "tables.t.webhook.id_jsonpath: "),
        ("name: !ref nothing\n", "!ref nothing: the file of reusable values has no such name"),
        ("- 1\n", "the file: "),
        ("a: [\n", "cannot be read"),
    ],
)
def test_a_wrong_description_says_where(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "i.yaml").write_text(content)
    with pytest.raises(DriverError) as caught:
        read_ingester(str(tmp_path / "i.yaml"))
    assert said in str(caught.value)


def test_an_ingester_of_the_configuration_is_found_by_its_name(
    tmp_path: Path, api: tuple[str, Api], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ingesterfiles, "_configured", ingesterfiles.IngesterFiles())
    (tmp_path / "values").write_text(f"url: {api[0]}/v2.1\n")
    (tmp_path / "a.yaml").write_text(
        "name: _compute\napi_endpoint: !ref url\n"
        "tables: {servers: {poll: {api_path: servers/detail, jsonpath: $.servers}}}"
    )
    (tmp_path / "b.yaml").write_text("name: _compute\ntables: {t: {webhook: {id_jsonpath: $.id}}}")
    (tmp_path / "c.yaml").write_text("name: _broken\n")
    with pytest.raises(DriverError, match="there is no ingester _compute among those of group json_ingester"):
        JsonDriver("_compute", {"ingester": "_compute"})
    ingesterfiles.configure(ingesterfiles.scan(str(tmp_path), str(tmp_path / "values"), None))
    assert set(ingesterfiles.configured().paths) == {"_compute"}
    assert "b.yaml has the name _compute, as" in caplog.text
    assert "c.yaml: tables: Field required" in caplog.text
    assert len(set(JsonDriver("_compute", {"ingester": "_compute"}).fetch("servers")["servers"])) == 1


def test_the_documents_go_to_the_database_of_the_configuration_unless_the_datasource_names_one(
    tmp_path: Path, api: tuple[str, Api], postgresql: PostgreSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, another = postgresql.create(), postgresql.create()
    monkeypatch.setattr(ingesterfiles, "_configured", ingesterfiles.IngesterFiles(database=database))
    counted = "SELECT count(*) FROM _compute.servers"
    driver(tmp_path, api[0]).fetch("servers")
    assert ask(database, counted) == [(2,)]
    driver(tmp_path, api[0], db_connection=another).fetch("servers")
    assert ask(another, counted) == [(2,)]


def test_a_database_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="config option db_connection: documents are kept in PostgreSQL only"):
        driver(tmp_path, "http://127.0.0.1:9", db_connection="mysql://u:canary@h/d")


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_samples_are_ingesters(sample: Path) -> None:
    found = read_ingester(str(sample), str(SAMPLES / "reusables" / "reusables.yaml"))
    assert found.name.startswith("_") and found.tables


def test_there_is_a_sample_for_each_service_of_the_original() -> None:
    names = {path.stem for path in SAMPLES.glob("*.yaml")}
    assert names == {
        "cinderv3", "cve", "glance", "heat", "keystone", "magnum", "masakari", "mistral", "monasca", "neutron",
        "neutron-fwaas", "nova", "tacker", "zun",
    }  # fmt: skip
