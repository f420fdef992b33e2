"""What is pushed is stored and found again, whatever its size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from congress.db import datasources, migration, models
from congress.db.datasources import DatasourceRecord, Pushed
from congress.db.session import Database
from tests.databases import DatabaseServer

CELLS = st.text("aß𝒩\"\\%'", max_size=12) | st.integers(-5, 5)
PUSHES = st.lists(st.lists(st.lists(CELLS, max_size=2), max_size=6), min_size=1, max_size=5)


def prepared(url: str) -> Database:
    """A database with one datasource."""
    database = Database(url)
    migration.upgrade(database)
    with database.writer() as session:
        datasources.add(session, DatasourceRecord("1", "sent", "push", None, True, {}, ()))
    return database


@pytest.fixture(params=["mariadb", "postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return prepared(f"sqlite:///{tmp_path}/congress.sqlite")
    server: DatabaseServer = request.getfixturevalue(request.param)
    return prepared(server.create())


def found(database: Database) -> Pushed | None:
    with database.reader() as session:
        return datasources.pushed_table(session, "1", "data")


def parts(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(models.PushedPart)) or 0


def test_more_is_stored_than_a_database_takes_in_one_statement(database: Database) -> None:
    long: list[Any] = [[number, "x" * 100] for number in range(200_000)]  # MariaDB takes 16 MiB
    with database.writer() as session:
        assert datasources.store_pushed(session, "1", "data", long) == 1
    assert found(database) == Pushed(long, version=1)
    assert parts(database) > 16

    with database.writer() as session:
        assert datasources.replace_pushed(session, "1", "data", long[1:], 1) == 2
    assert found(database) == Pushed(long[1:], version=2)

    with database.writer() as session:
        assert datasources.replace_pushed(session, "1", "data", [], 1) is None  # somebody else was faster
    assert found(database) == Pushed(long[1:], version=2)

    with database.writer() as session:
        assert datasources.store_pushed(session, "1", "data", [["short"]]) == 3
    assert found(database) == Pushed([["short"]], version=3)
    assert parts(database) == 0


def test_a_datasource_goes_with_all_that_was_pushed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasources, "PART", 3)
    with database.writer() as session:
        datasources.store_pushed(session, "1", "data", [["a", "b"]])
    assert parts(database) > 1
    with database.writer() as session:
        datasources.remove(session, "1")
    assert parts(database) == 0
    assert found(database) is None


@given(pushes=PUSHES, size=st.integers(1, 9))
def test_the_last_push_is_found(pushes: list[list[Any]], size: int) -> None:
    database = prepared("sqlite://")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasources, "PART", size)
        for number, objects in enumerate(pushes):
            with database.writer() as session:
                if number % 2:
                    assert datasources.replace_pushed(session, "1", "data", objects, number) == number + 1
                else:
                    assert datasources.store_pushed(session, "1", "data", objects) == number + 1
            assert found(database) == Pushed(objects, version=number + 1)
    database.close()
