"""Documents in PostgreSQL, where SQL can query them: a schema for each ingester, a table for each of its tables.

Each is `(d jsonb, _key text primary key)`; names, types and indexes are those of OpenStack Congress, so that its views
go on working.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from congress.datasources.contract import DriverError
from congress.datasources.masking import without_logins

EXEC_VIEW = "_exec_api"
EXEC_COLUMNS = ("endpoint", "path", "method", "body", "parameters", "headers")


class JsonExport:
    """Each method is one transaction. Raises DriverError. `schema` and the names of tables are words of letters, digits
    and underscores."""

    def __init__(self, url: str, schema: str, indexed: Mapping[str, bool]) -> None:
        try:
            made = make_url(url)
            if made.get_backend_name() != "postgresql":
                raise DriverError("config option db_connection: documents are kept in PostgreSQL only")
            # The original's URL has no driver in it, and ours is another one than SQLAlchemy's first choice.
            made = made.set(drivername="postgresql+psycopg") if made.drivername == "postgresql" else made
            self._engine = create_engine(made, poolclass=NullPool, connect_args={"connect_timeout": 10})
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise DriverError(f"config option db_connection cannot be used: {without_logins(str(error))}") from error
        self._schema, self._indexed = schema, dict(indexed)

    def replace(self, table: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Let the table hold exactly these documents."""
        rows = list(_rows(documents))
        with _told(table), self._engine.begin() as connection:
            self._prepare(connection, table)
            place = f'"{self._schema}"."{table}"'
            if rows:
                connection.execute(text("CREATE TEMP TABLE _new (k text, d jsonb) ON COMMIT DROP"))
                connection.execute(text("INSERT INTO _new VALUES (:key, CAST(:d AS jsonb))"), rows)
                connection.execute(text(f"DELETE FROM {place} WHERE _key NOT IN (SELECT k FROM _new)"))  # noqa: S608
                connection.execute(
                    text(
                        f"INSERT INTO {place} (d, _key) SELECT d, k FROM _new "  # noqa: S608
                        f"ON CONFLICT (_key) DO UPDATE SET d = EXCLUDED.d WHERE {place}.d <> EXCLUDED.d"
                    )
                )
            else:
                connection.execute(text(f"DELETE FROM {place}"))  # noqa: S608

    def upsert(self, table: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Add the documents, in place of those with the same keys."""
        rows = list(_rows(documents))
        with _told(table), self._engine.begin() as connection:
            self._prepare(connection, table)
            if rows:
                place = f'"{self._schema}"."{table}"'
                connection.execute(
                    text(
                        f"INSERT INTO {place} (d, _key) VALUES (CAST(:d AS jsonb), :key) "  # noqa: S608
                        "ON CONFLICT (_key) DO UPDATE SET d = EXCLUDED.d"
                    ),
                    rows,
                )

    def calls(self) -> list[tuple[str, ...]]:
        """The rows of the view that says which requests are wanted; none without the view."""
        with _told(EXEC_VIEW), self._engine.begin() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            name = f'"{self._schema}"."{EXEC_VIEW}"'
            if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
                return []
            found = connection.execute(text(f"SELECT {', '.join(EXEC_COLUMNS)} FROM {name}"))  # noqa: S608
            return sorted({tuple(_text(cell) for cell in row) for row in found})

    def _prepare(self, connection: Connection, table: str) -> None:
        place = f'"{self._schema}"."{table}"'
        # Two nodes may do this at the same time when one takes over from the other.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": self._schema})
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"'))
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {place} (d jsonb, _key text PRIMARY KEY)"))
        if self._indexed.get(table):
            index = f"__{table}_d_gin_idx"
            connection.execute(text(f'CREATE INDEX IF NOT EXISTS "{index}" ON {place} USING GIN (d)'))


class _told:  # noqa: N801 - reads as a word of the with statement
    """Tells what the database says as a DriverError that names the table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SQLAlchemyError):
            reason = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
            raise DriverError(f"PostgreSQL, {self._table}: {without_logins(reason)}") from error


def _rows(documents: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, str]]:
    # Text in jsonb has no zero character; all other JSON is taken.
    for one in {each["key"]: each for each in documents}.values():
        yield {"key": one["key"], "d": json.dumps(_without_zeros(one["d"]))}


def _without_zeros(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_without_zeros(name): _without_zeros(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_zeros(one) for one in value]
    return None if isinstance(value, float) and value - value != 0 else value


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, sort_keys=True)
