from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from congress.cli import db_manage
from congress.db import bundles, changelog, migration, models, policies, violations
from congress.db.session import Database, DatabaseUnavailable


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/deep/congress.sqlite")


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    migration.upgrade(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.Base.metadata) == []


def test_an_upgrade_can_be_repeated(database: Database) -> None:
    for _ in range(2):
        migration.prepare(database)
        assert migration.current(database) == migration.head(database)


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory(str(Path(models.__file__).with_name("migrations")))
    assert len(scripts.get_heads()) == 1


def test_the_command_upgrades_and_tells_the_revision(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/congress.sqlite"
    assert db_manage.main(["--database-connection", url, "current"]) == 0
    assert capsys.readouterr().out.startswith("none (needed: ")
    assert db_manage.main(["--database-connection", url, "upgrade", "head"]) == 0
    capsys.readouterr()
    assert db_manage.main(["--database-connection", url, "current"]) == 0
    head = migration.head(Database(url))
    assert capsys.readouterr().out == f"{head} (needed: {head})\n"


def test_a_write_that_fails_is_undone(database: Database) -> None:
    migration.upgrade(database)
    record = policies.PolicyRecord("1", "a", "a", "", "user", "nonrecursive")
    with pytest.raises(RuntimeError), database.writer() as session:
        policies.add(session, record)
        raise RuntimeError
    with database.reader() as session:
        assert policies.every(session) == []


@pytest.mark.parametrize("url", ["nonsense", "mysql+nosuchdriver://u:canary-database@h/d", "sqlite:////proc/none/x.sqlite"])
def test_a_database_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="option `connection`") as caught:
        Database(url)
    assert "canary" not in str(caught.value)


def test_what_was_recorded_before_knows_its_end_after_the_upgrade(database: Database) -> None:
    migration.upgrade(database, "r0009")
    names = ("number", "entered", "publication", "at")
    rest = {"digest": "d", "policy": "p", "table_name": "error", "row": "[1]", "epoch": 1, "revision": 7, "tick": 0}
    before = sqlalchemy.table("row_changes", *(sqlalchemy.column(name) for name in (*names, *rest, "node")))
    with database.engine.begin() as connection:
        for number, entered in ((1, True), (2, False), (3, True)):
            at = f"2026-01-0{number} 00:00:00.000000"
            change = dict(zip(names, (number, entered, number, at), strict=True))
            connection.execute(before.insert().values(**change, **rest, node="a"))
    migration.upgrade(database)
    with database.reader() as session:
        latest, first = violations.violations(session, violations.Wanted(policy="p", table="error"), 10)
        assert changelog.reach(session) == (3, 0)
    assert (latest.opened.number, latest.closed) == (3, None)
    assert first.closed is not None
    assert (first.opened.number, first.closed.number) == (1, 2)


def test_policies_of_before_belong_to_no_bundle_after_the_upgrade(database: Database) -> None:
    migration.upgrade(database, "r0010")
    names = ("id", "name", "abbreviation", "description", "owner_id", "kind", "created_at")
    before = sqlalchemy.table("policies", *(sqlalchemy.column(name) for name in names))
    values = ("1", "old", "old", "", "user", "nonrecursive", "2026-01-01 00:00:00.000000")
    with database.engine.begin() as connection:
        connection.execute(before.insert().values(dict(zip(names, values, strict=True))))
    migration.upgrade(database)
    with database.reader() as session:
        (record,) = policies.every(session)
        assert (record.name, record.bundle) == ("old", None)
        assert (bundles.versions(session), bundles.current(session)) == ([], {})
    with database.engine.begin() as connection:  # a server of before may go on beside the new ones
        connection.execute(before.insert().values(dict(zip(names, ("2", "new", *values[2:]), strict=True))))
