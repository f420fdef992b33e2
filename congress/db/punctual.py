"""Connections for what must be done in time: a database that does not answer is an error after so many seconds.

Each statement is a transaction of its own. So a process that stands still between two statements holds no lock that
others would wait for, and what depends on the row it changes says so in the statement's condition.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from oslo_db.sqlalchemy import exc_filters
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import Session

from congress.db.watchdog import Watchdog


def connect(url: str, seconds: float) -> Engine:
    """An engine for a few threads; nothing is connected yet. Errors are those of oslo.db and SQLAlchemy."""
    backend = make_url(url).get_backend_name()
    engine = sqlalchemy.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        connect_args=_arguments(backend, seconds),
        pool_recycle=3600,
        **({} if backend == "sqlite" else {"pool_size": 2, "max_overflow": 2, "pool_timeout": seconds}),
    )
    exc_filters.register_engine(engine)
    if backend == "sqlite":
        sqlalchemy.event.listen(engine, "connect", _prepare_sqlite)
    elif backend in ("mysql", "mariadb"):
        sqlalchemy.event.listen(engine, "connect", _prepare_mysql)
    elif backend == "postgresql":
        Watchdog(engine, 1.5 * seconds)
    return engine


@contextmanager
def statements(engine: Engine) -> Iterator[Session]:
    """A session whose statements take effect one by one."""
    with engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
        yield session
        session.commit()


def _arguments(backend: str, seconds: float) -> dict[str, Any]:
    if backend in ("mysql", "mariadb"):
        return {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds}
    if backend == "postgresql":
        milliseconds = int(seconds * 1000)
        return {
            "connect_timeout": max(2, round(seconds)),  # less is not heeded
            "tcp_user_timeout": milliseconds,
            "options": f"-c statement_timeout={milliseconds}",
        }
    return {"timeout": seconds}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


def _prepare_mysql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'wsrep_sync_wait'")
        if cursor.fetchall():  # Galera: what was committed on any node before is seen
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
