"""MariaDB and PostgreSQL hold exactly our tables too, and the commands work on every kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from congress.cli import db_manage
from congress.db import migration, models, policies
from congress.db.migrations import original
from congress.db.session import Database
from tests.databases import MariaDb, PostgreSql


@pytest.fixture(params=["mariadb", "mariadb-utf8mb3", "postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    kind, _, charset = request.param.partition("-")
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/congress.sqlite"
    server: MariaDb | PostgreSql = request.getfixturevalue(kind)
    return server.create(f"CHARACTER SET {charset}" if charset else "")


def test_an_empty_database_gets_exactly_our_tables(url: str) -> None:
    migration.upgrade(Database(url))
    with Database(url).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.Base.metadata) == []


def test_names_differ_by_case_and_may_hold_any_character(url: str) -> None:
    database = Database(url)
    migration.upgrade(database)
    with database.writer() as session:
        for number, name in enumerate(("error", "Error", "𝒩ame")):
            policies.add(session, policies.PolicyRecord(str(number), name, "a", "😀", "user", "nonrecursive"))
    with database.reader() as session:
        assert {each.name for each in policies.every(session)} == {"error", "Error", "𝒩ame"}


def test_the_printed_sql_makes_the_same_tables(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert db_manage.main(["--database-connection", url, "upgrade", "head", "--sql"]) == 0
    script = capsys.readouterr().out
    engine = Database(url).engine
    with engine.begin() as connection:
        assert not sa.inspect(connection).get_table_names()
        for statement in script.split(";\n"):
            lines = [line for line in statement.splitlines() if line and not line.startswith("--")]
            if lines and lines[0] not in ("BEGIN", "COMMIT"):
                connection.exec_driver_sql("\n".join(lines))
    database = Database(url)
    assert migration.current(database) == migration.head(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.Base.metadata) == []


def test_an_upgrade_can_go_step_by_step(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("--database-connection", url)
    steps = len(migration.history(Database(url)))
    for _ in range(steps):
        assert db_manage.main([*command, "upgrade", "--delta", "1"]) == 0
    assert migration.current(Database(url)) == migration.head(Database(url))
    assert capsys.readouterr().out.splitlines()[0] == f"at {original.REVISION}"
