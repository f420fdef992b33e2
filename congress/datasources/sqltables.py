"""Tables of any database that SQLAlchemy reaches: one query for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from oslo_config import types
from pydantic import Field, field_validator
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from congress.datalog.values import Row
from congress.datasources.contract import Column, DriverError, Option, UnknownTableGroup
from congress.datasources.mapping import ConfiguredTables, Declared, TablesOption, cell, known_type, named_columns
from congress.datasources.masking import without_logins
from congress.datasources.options import POLLING, Seconds

_PART = 5_000


class SqlColumn(Declared):
    """What the cells of one column of a query are."""

    type: str = "Scalar"
    description: str = ""

    _is_type = field_validator("type")(known_type)


class SqlTable(Declared):
    """A query, and the columns of its rows in their order."""

    query: str = Field(min_length=1)
    columns: Mapping[str, SqlColumn] = Field(min_length=1)
    of: ClassVar[None] = None
    paths: ClassVar[Mapping[str, str]] = {}

    @field_validator("columns", mode="before")
    @classmethod
    def _spelled_out(cls, raw: Any) -> Any:
        if isinstance(raw, list) and all(isinstance(name, str) for name in raw):
            return {name: {} for name in raw}
        return raw

    _are_names = field_validator("columns")(named_columns)

    def declared(self) -> tuple[Column, ...]:
        """The schema of the table."""
        return tuple(Column(name, one.description, one.type) for name, one in self.columns.items())


TABLES = TablesOption(
    "tables",
    SqlTable,
    "JSON object: table -> `query`, one SELECT, and `columns`: a list of names, or name -> `type` and `description`",
)


class SqlDriver(ConfiguredTables):
    """Each query runs in a transaction of its own that may only read and never commits."""

    id = "sql"
    description = "Tables of a database, each the rows of one query"
    declared = TABLES
    options = (
        Option(
            "connection",
            required=True,
            secret=True,
            description="The database as a URL of SQLAlchemy, such as postgresql+psycopg://user:word@host/name",
        ),
        TABLES.option,
        Option("timeout", description="Seconds that a query may take", type=Seconds(min=0.001), default="30"),
        Option(
            "max_rows",
            description="A query with more rows fails",
            type=types.Integer(min=1),
            default="1000000",
        ),
        *POLLING,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._tables = TABLES.of(config)
        self._timeout: float = self.settings["timeout"]
        self._most: int = self.settings["max_rows"]
        self._engine = _engine(self.settings["connection"])

    def close(self) -> None:
        self._engine.dispose()

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        return {group: frozenset(row for part in self.pages(group) for row in part[group])}

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        table = self._tables.get(group)
        if table is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table '{group}'")
        late = threading.Event()
        try:
            with self._engine.connect() as connection, _limited(connection, self._timeout, late):
                _read_only(connection, self._timeout)
                for part in self._parts(group, table, connection):
                    if late.is_set():  # where the database cannot be interrupted
                        raise DriverError(self._too_long())
                    yield part
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise DriverError(f"datasource '{self.name}', table {group}: {self._reason(error, late)}") from error
        except DriverError as error:
            raise DriverError(f"datasource '{self.name}', table {group}: {error}") from error

    def _parts(self, group: str, table: SqlTable, connection: Connection) -> Iterator[Mapping[str, Iterable[Row]]]:
        # The driver is told the text as it is: `:name` in a query is no parameter.
        found = connection.execution_options(stream_results=True, no_parameters=True).exec_driver_sql(table.query)
        if not found.returns_rows:
            raise DriverError("the query returns no rows; write a SELECT")
        names, wanted = tuple(found.keys()), tuple(table.columns)
        if len(names) != len(wanted):
            raise DriverError(f"the query has {len(names)} columns ({', '.join(names)}), not {', '.join(wanted)}")
        kinds = [column.type for column in table.columns.values()]
        number = 0
        for part in found.partitions(_PART):
            number += len(part)
            if number > self._most:
                raise DriverError(f"the query has more than {self._most} rows; see the option max_rows")
            yield {group: [tuple(map(_cell, row, kinds)) for row in part]}

    def _too_long(self) -> str:
        return f"the query takes more than {self._timeout:g} s; see the option timeout"

    def _reason(self, error: Exception, late: threading.Event) -> str:
        if late.is_set():
            return self._too_long()
        cause = getattr(error, "orig", None) or error
        return without_logins(" ".join(str(cause).split())[:500])


def _engine(url: str) -> Engine:
    try:
        made = make_url(url)
        options: dict[str, Any] = {}
        if made.get_backend_name() == "sqlite":
            options = {"check_same_thread": False}
        return create_engine(made, poolclass=NullPool, connect_args=options)
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        reason = " ".join(str(error).split("\n")[0].split())
        raise DriverError(f"config option connection is no URL that can be used: {without_logins(reason)}") from error


def _read_only(connection: Connection, timeout: float) -> None:
    """Let the database refuse to write, and give up by itself, where it knows how."""
    kind, milliseconds = connection.dialect.name, max(1, int(timeout * 1000))
    if kind == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
    elif kind in ("mysql", "mariadb"):
        mariadb = getattr(connection.dialect, "is_mariadb", False)
        limit = f"max_statement_time = {timeout:f}" if mariadb else f"max_execution_time = {milliseconds}"
        connection.execute(text(f"SET SESSION {limit}"))
        connection.commit()
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        connection.commit()
    elif kind == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))


@contextmanager
def _limited(connection: Connection, timeout: float, late: threading.Event) -> Iterator[None]:
    """Interrupt what takes longer, for databases that take no limit; others are slower than this by then."""
    interrupt: Callable[[], None] | None = getattr(connection.connection.driver_connection, "interrupt", None)

    def end() -> None:
        late.set()
        if interrupt is not None:
            interrupt()

    ending = threading.Timer(timeout, end)
    ending.daemon = True
    ending.start()
    try:
        yield
    finally:
        ending.cancel()


def _cell(raw: Any, kind: str) -> Any:
    if isinstance(raw, Decimal):
        return cell(int(raw) if raw == raw.to_integral_value() and raw.is_finite() else float(raw), kind)
    if isinstance(raw, date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return cell(raw.total_seconds(), kind)
    if isinstance(raw, bytes | bytearray | memoryview):
        return bytes(raw).hex()
    return cell(str(raw) if isinstance(raw, UUID) else raw, kind)
