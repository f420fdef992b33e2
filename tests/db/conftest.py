"""Database servers, one of each kind for all tests of a module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import MariaDb, PostgreSql


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDb]:
    server = MariaDb()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSql]:
    server = PostgreSql()
    try:
        yield server.start()
    finally:
        server.stop()
