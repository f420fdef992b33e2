"""Databases that the original Congress made are taken over, with everything in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import PendingRollbackError

from congress.cli import db_manage
from congress.datasources.secrets import Secrets
from congress.db import datasources, librarypolicies, migration, models, policies, rules
from congress.db.migrations import original
from congress.db.session import Database
from tests.api.server_process import Client, ServerProcess
from tests.databases import MariaDb, PostgreSql
from tests.db import originals
from tests.db.originals import EXPECTED


@pytest.fixture(params=["mariadb", "postgresql", "sqlite"])
def left(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    """The URL of a database that the original left."""
    url = mariadb.load(originals.DUMP)
    if request.param == "mariadb":
        return url
    if request.param == "sqlite":
        return originals.copied(url, f"sqlite:///{tmp_path}/congress.sqlite")
    server: PostgreSql = request.getfixturevalue("postgresql")
    return originals.copied(url, server.create())


def manage(url: str, *command: str) -> int:
    return db_manage.main(["--database-connection", url, *command])


def test_everything_in_it_is_kept(left: str, tmp_path: Path) -> None:
    assert manage(left, "upgrade", "head") == 0
    secrets = Secrets(originals.keys(tmp_path / "keys"))
    with Database(left).reader() as session:
        found = {each.name: each for each in policies.every(session)}
        texts = {name: {rule.id: rule for rule in rules.of_policy(session, each.id)} for name, each in found.items()}
        sources = {each.name: each for each in datasources.every(session)}
        library = {each.name: each for each in librarypolicies.every(session)}
        pushed = datasources.pushed_table(session, sources["doctor"].id, "events")
        gone = {row.id: row.name for row in session.scalars(sa.select(models.DeletedPolicy))}
        gone_rules = {row.rule for row in session.scalars(sa.select(models.DeletedRule))}
    assert set(found) == {"classification", "action", *(each["name"] for each in EXPECTED["policies"])}
    for each in EXPECTED["policies"]:
        policy = found[each["name"]]
        for field in ("id", "owner_id", "description", "abbreviation", "kind"):
            assert getattr(policy, field) == each[field]
        stored = texts[each["name"]]
        assert {i: (r.rule, r.comment, r.name) for i, r in stored.items()} == {
            rule["id"]: (rule["rule"], rule["comment"], rule["name"]) for rule in each["rules_as_served"]
        }
    for each in EXPECTED["datasources"]:
        source = sources[each["name"]]
        clear = {k: secrets.decrypt(v) if k in source.encrypted else v for k, v in source.config.items()}
        assert (source.id, source.driver, source.description, source.enabled, clear) == (
            each["id"],
            each["driver"],
            each["description"],
            each["enabled"],
            each["config"],
        )
    assert sources["nova"].encrypted == ("password",)
    for each in EXPECTED["library_policies"]:
        item = library[each["name"]]
        assert (item.id, item.kind, item.description, list(item.rules)) == (
            each["id"],
            each["kind"],
            each["description"],
            each["rules"],
        )
    assert pushed is not None
    assert len(pushed.rows or []) == 4
    assert "nœud-é" in {row[2] for row in pushed.rows or []}
    assert gone == {each["id"]: each["name"] for each in EXPECTED["deleted_policies"]}
    assert gone_rules == {'allowed("mallory")', "ghost(1)", "ghoul(x) :- ghost(x)"}


def test_its_tables_become_exactly_ours(left: str) -> None:
    migration.upgrade(Database(left))
    with Database(left).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.Base.metadata) == []


def test_the_upgrade_can_be_repeated(left: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage(left, "current") == 0
    assert capsys.readouterr().out.endswith("made by the original Congress\n")
    for _ in range(2):
        assert manage(left, "upgrade", "head") == 0
    with Database(left).reader() as session:
        assert len(policies.every(session)) == 5


def test_a_downgrade_is_refused(left: str, capsys: pytest.CaptureFixture[str]) -> None:
    manage(left, "upgrade")
    before = originals.tables(left)
    assert manage(left, "downgrade", original.REVISION) == 1
    assert "restore the backup" in capsys.readouterr().err
    assert originals.tables(left) == before


def test_the_server_serves_what_the_original_served(left: str, tmp_path: Path) -> None:
    manage(left, "upgrade")
    config = tmp_path / "congress.conf"
    config.write_text(
        "[DEFAULT]\nauth_strategy = noauth\nbind_host = 127.0.0.1\n"
        f"encryption_key_path = {originals.keys(tmp_path / 'keys')}\n[database]\nconnection = {left}\n"
    )
    server = ServerProcess(tmp_path / "state", "--config-file", str(config)).start()
    try:
        served(Client(server.url))
        used(Client(server.url))
        assert "cannot be decrypted" not in server.log.read_text()
    finally:
        server.close()


def served(client: Client) -> None:
    def results(path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(path).json()["results"]
        return found

    after = EXPECTED["api_after_restart"]
    by_name: Callable[[dict[str, Any]], str] = lambda item: str(item["name"])  # noqa: E731
    for path, expected in (("policies", after["policies"]), ("data-sources", after["datasources"])):
        shown = sorted(results(f"/v1/{path}"), key=by_name)
        for item, wanted in zip(shown, sorted(expected, key=by_name), strict=True):
            assert {key: item[key] for key in wanted} == wanted
    for policy in EXPECTED["policies"]:
        shown_rules = {rule["id"]: rule for rule in results(f"/v1/policies/{policy['name']}/rules")}
        for rule in policy["rules_as_served"]:
            assert {key: shown_rules[rule["id"]][key] for key in rule} == rule
            status = client.get(f"/v1/policies/{policy['name']}/rules/{rule['id']}").json()
            assert "error" not in status
    for table, rows in EXPECTED["rows_after_restart"].items():
        policy, _, name = table.partition(":")
        kind = "data-sources" if policy == "doctor" else "policies"
        # The original lost the letters that are not ASCII when it read pushed rows back.
        wanted_rows = sorted([_spelled(cell) for cell in row] for row in rows)
        got = sorted(row["data"] for row in results(f"/v1/{kind}/{policy}/tables/{name}/rows"))
        assert got == wanted_rows, table
    simulation = EXPECTED["simulate_after_restart"]
    asked = dict(simulation["request"])
    answer = client.post(f"/v1/policies/{asked.pop('policy')}?action=simulate&delta=true", asked)
    assert answer.json()["result"] == simulation["response"]["result"]


def used(client: Client) -> None:
    """What came from the original can be changed and removed like what was made here."""
    assert client.post("/v1/policies/compliance/rules", {"rule": 'owner("vm4", "dave")'}).status_code == 201
    assert ["vm4"] in client.rows("reaction", "alarm")
    [allowed] = [each for each in EXPECTED["policies"][0]["rules_as_served"] if each["rule"] == 'allowed("alice")']
    assert client.delete(f"/v1/policies/compliance/rules/{allowed['id']}").status_code == 200
    assert ["vm1"] in client.rows("compliance", "error")
    details = {"hostname": "compute9", "status": "down", "monitor": "m", "monitor_event_id": "9"}
    events = [{"id": "9", "time": "2026-01-05T00:00:00Z", "type": "compute.host.down", "details": details}]
    assert client.put("/v1/data-sources/doctor/tables/events/rows", events).status_code == 200
    assert ["compute9"] in client.rows("reaction", "down")
    for source in EXPECTED["datasources"]:
        status = client.get(f"/v1/data-sources/{source['name']}/status").json()
        assert "decrypt" not in status["last_error"]
    for name in ("neutron", "doctor"):
        assert client.delete(f"/v1/data-sources/{name}").status_code == 200
    for name in ("what_if", "reaction"):
        assert client.delete(f"/v1/policies/{name}").status_code == 200
    assert {item["name"] for item in client.get("/v1/policies").json()["results"]} >= {"compliance"}


def test_without_the_key_of_the_original_the_datasources_that_need_it_say_so(mariadb: MariaDb, tmp_path: Path) -> None:
    url = mariadb.load(originals.DUMP)
    manage(url, "upgrade")
    config = tmp_path / "congress.conf"
    config.write_text(f"[DEFAULT]\nauth_strategy = noauth\nbind_host = 127.0.0.1\n[database]\nconnection = {url}\n")
    server = ServerProcess(tmp_path / "state", "--config-file", str(config)).start()
    try:
        client = Client(server.url)
        assert "bring back the key file" in client.get("/v1/data-sources/nova/status").json()["last_error"]
        assert ["vm2"] in client.rows("compliance", "error")
        assert len(client.get("/v1/data-sources/doctor/tables/events/rows").json()["results"]) == 4
    finally:
        server.close()


def _spelled(cell: Any) -> Any:
    return "nœud-é" if cell == "nud-" else cell


def test_a_server_does_not_start_before_the_upgrade(mariadb: MariaDb) -> None:
    url = mariadb.load(originals.DUMP)
    with pytest.raises(migration.SchemaOutdated, match="made by the original Congress.*congress-db-manage upgrade"):
        migration.prepare(Database(url))
    assert originals.is_untouched(url)


@pytest.mark.parametrize("offset", range(4))
def test_an_upgrade_that_is_interrupted_anywhere_can_be_run_again(left: str, offset: int) -> None:
    """Each run is stopped a few statements after the last one, until one comes to its end."""
    reached = offset
    while _is_stopped(left, reached):
        reached += 4
    assert reached > 5
    _is_whole(left)


@pytest.mark.parametrize("statement", range(1, 90, 6))
def test_one_interruption_of_an_upgrade_does_no_harm(mariadb: MariaDb, statement: int) -> None:
    url = mariadb.load(originals.DUMP)
    _is_stopped(url, statement)
    migration.upgrade(Database(url))
    _is_whole(url)


def _is_stopped(url: str, statement: int) -> bool:
    """Upgrade, but die before the so-maniest statement that changes something; whether it came to that."""
    database, count = Database(url), 0

    def stop(_connection: object, _cursor: object, text: str, *_more: object) -> None:
        nonlocal count
        if not text.lstrip().upper().startswith(("SELECT", "SHOW", "DESCRIBE", "PRAGMA")):
            if count == statement:
                raise KeyboardInterrupt
            count += 1

    sa.event.listen(database.engine, "before_cursor_execute", stop)
    try:
        migration.upgrade(database)
    except (KeyboardInterrupt, PendingRollbackError):
        return True
    finally:
        database.close()
    return False


def _is_whole(url: str) -> None:
    with Database(url).reader() as session:
        assert len(policies.every(session)) == 5
        assert session.scalar(sa.select(sa.func.count()).select_from(models.Rule)) == 15
        assert session.scalar(sa.select(sa.func.count()).select_from(models.DeletedRule)) == 3
        assert session.scalar(sa.select(sa.func.count()).select_from(models.DeletedPolicy)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(models.PushedTable)) == 1
    with Database(url).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.Base.metadata) == []
    assert originals.tables(url) == {*models.Base.metadata.tables, "alembic_version"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE alembic_version SET version_num = 'aabe895bbd4d'", "older version of the original Congress"),
        ("UPDATE alembic_version SET version_num = 'feedbeef'", "none of ours"),
        ("DROP TABLE alembic_version", "no revision"),
        ("DROP TABLE policies", "lacks policies"),
        ("ALTER TABLE policy_rules DROP COLUMN policy_name", "lacks policy_rules.policy_name"),
    ],
)
def test_a_database_that_is_neither_is_left_alone(
    mariadb: MariaDb, change: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = mariadb.load(originals.DUMP)
    with mariadb.admin().connect() as connection:
        connection.execute(sa.text(f"USE {sa.make_url(url).database}"))
        connection.execute(sa.text(change))
    before = originals.tables(url)
    assert manage(url, "upgrade", "head") == 1
    assert said in capsys.readouterr().err
    assert originals.tables(url) == before


def test_a_failing_upgrade_on_postgresql_changes_nothing(mariadb: MariaDb, postgresql: PostgreSql) -> None:
    url = originals.copied(mariadb.load(originals.DUMP), postgresql.create())
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE datasources SET config = 'no json' WHERE name = 'nova'"))
    with pytest.raises(original.RowUnreadable, match="datasource nova is not JSON"):
        migration.upgrade(Database(url))
    assert originals.is_untouched(url)
