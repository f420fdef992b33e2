"""Databases of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.db import migration
from congress.db.session import Database
from tests.databases import MariaDb, PostgreSql


@pytest.fixture(params=["sqlite", "mariadb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with our tables and nothing in them."""
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path}/congress.sqlite"
    else:
        server: MariaDb | PostgreSql = request.getfixturevalue(request.param)
        found = server.create()
    database = Database(found)
    migration.upgrade(database)
    database.close()
    return found
