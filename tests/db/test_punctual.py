"""A database that does not answer is an error in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import sqlalchemy
from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.db import punctual
from tests.databases import DatabaseServer, MariaDb, PostgreSql


@contextmanager
def still(parent: psutil.Process) -> Iterator[None]:
    """A server none of whose processes does anything inside; the parent first, which then starts no others."""
    parent.suspend()
    processes = [parent, *parent.children(recursive=True)]
    try:
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # those that work in the background come and go
                process.suspend()
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_a_server_that_stands_still_is_not_waited_for(kind: str, request: pytest.FixtureRequest) -> None:
    server: DatabaseServer = request.getfixturevalue(kind)
    engine = punctual.connect(server.create(), 0.5)
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
    assert server._process is not None
    with still(psutil.Process(server._process.pid)):
        began = time.monotonic()
        with pytest.raises((DBError, SQLAlchemyError)), engine.connect() as connection:
            connection.scalar(sqlalchemy.text("SELECT 2"))
        assert time.monotonic() - began < 5
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT 3")) == 3
    engine.dispose()


def test_statements_take_effect_one_by_one(mariadb: MariaDb, postgresql: PostgreSql, tmp_path: Path) -> None:
    for url in (mariadb.create(), postgresql.create(), f"sqlite:///{tmp_path}/x.sqlite"):
        engine = punctual.connect(url, 5.0)
        with engine.connect() as first, engine.connect() as second:
            first.execute(sqlalchemy.text("CREATE TABLE seen (x INTEGER)"))
            first.execute(sqlalchemy.text("INSERT INTO seen VALUES (1)"))
            assert second.scalar(sqlalchemy.text("SELECT count(*) FROM seen")) == 1
        engine.dispose()
