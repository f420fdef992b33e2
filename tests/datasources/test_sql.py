"""The driver sql, over SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from congress.datalog.values import Real
from congress.datasources.contract import DriverError
from congress.datasources.options import OptionInvalid
from congress.datasources.sqltables import SqlDriver
from tests.databases import PASSWORD, MariaDb, PostgreSql

SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path_factory.mktemp('sql')}/db"
        _fill(found)
        yield found
        return
    with {"postgresql": PostgreSql, "mysql": MariaDb}[request.param]() as server:
        found = server.create()
        _fill(found)
        yield found


def _fill(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE hosts (name varchar(20), room int, load_ numeric(6, 2), since date)"))
        rows = "('h1', 12, 0.50, '2026-01-02'), ('h2', NULL, 3, NULL), ('100% :x', 1, 1, NULL)"
        connection.execute(text(f"INSERT INTO hosts VALUES {rows}".replace(":x", "\\:x")))  # noqa: S608
    engine.dispose()


def driver(url: str, query: str, columns: Any, **config: str) -> SqlDriver:
    tables = {"t": {"query": query, "columns": columns}}
    return SqlDriver("db", {"connection": url, "tables": json.dumps(tables), **config})


def test_a_query_is_a_table(url: str) -> None:
    query = "SELECT name, room, load_, since FROM hosts WHERE name LIKE 'h%'"
    columns = {"host": {"type": "Str"}, "room": {}, "load": {"type": "Float"}, "since": {"description": "first day"}}
    one = driver(url, query, columns)
    assert set(one.fetch("t")["t"]) == {("h1", 12, Real(0.5), "2026-01-02"), ("h2", "None", Real(3.0), "None")}
    assert [(column.name, column.type) for column in one.configured_tables(one.config)["t"]] == [
        ("host", "Str"), ("room", "Scalar"), ("load", "Float"), ("since", "Scalar")
    ]  # fmt: skip


def test_signs_of_parameters_in_a_query_are_text(url: str) -> None:
    found = driver(url, "SELECT name FROM hosts WHERE name = '100% :x'", ["name"]).fetch("t")
    assert set(found["t"]) == {("100% :x",)}


@pytest.mark.parametrize("query", ["DELETE FROM hosts", "INSERT INTO hosts (name) VALUES ('h3')", "DROP TABLE hosts"])
def test_nothing_is_written(url: str, query: str) -> None:
    with pytest.raises(DriverError, match="datasource 'db', table t: "):
        driver(url, query, ["name"]).fetch("t")
    assert len(set(driver(url, "SELECT name FROM hosts", ["name"]).fetch("t")["t"])) == 3


def test_a_query_that_takes_too_long_ends(url: str) -> None:
    with pytest.raises(DriverError, match="datasource 'db', table t: ") as caught:
        driver(url, SLOW[url.partition(":")[0].partition("+")[0]], ["n"], timeout="0.3").fetch("t")
    assert any(
        word in str(caught.value) for word in ("takes more than 0.3 s", "statement timeout", "max_statement_time")
    )


def test_a_query_of_other_columns_or_too_many_rows_is_refused(url: str) -> None:
    with pytest.raises(DriverError, match=r"has 2 columns \(name, room\), not host"):
        driver(url, "SELECT name, room FROM hosts", ["host"]).fetch("t")
    with pytest.raises(DriverError, match="more than 2 rows; see the option max_rows"):
        driver(url, "SELECT name FROM hosts", ["host"], max_rows="2").fetch("t")


def test_errors_tell_what_the_database_says_and_no_login(url: str) -> None:
    with pytest.raises(DriverError, match=r"table t: .*nowhere") as caught:
        driver(url, "SELECT name FROM nowhere", ["name"]).fetch("t")
    assert PASSWORD not in str(caught.value)


def test_a_database_that_is_away_is_an_error_that_hides_the_login(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/db", f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1:9/x"):
        with pytest.raises(DriverError, match="datasource 'db', table t: ") as caught:
            driver(url, "SELECT 1", ["n"]).fetch("t")
        assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("url", ["nonsense", "nosuch://host/db", "oracle+nothing://x/y"])
def test_a_url_that_no_database_has_is_refused_at_once(url: str) -> None:
    with pytest.raises(DriverError, match="config option connection is no URL that can be used"):
        driver(url, "SELECT 1", ["n"])


def test_a_table_without_a_query_is_refused() -> None:
    with pytest.raises(OptionInvalid, match="config option tables: t.query"):
        driver("sqlite://", "", ["n"])
