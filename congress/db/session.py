"""Sessions of the database: `with database.writer() as session` commits when the block ends, or undoes it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy
from oslo_db.exception import DBDeadlock, DBError
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session

from congress.errors import CongressError

LOG = logging.getLogger(__name__)
ASK_SECONDS = 10.0
SPENT_AT_ONCE = 10


class DatabaseUnavailable(CongressError):
    """The database cannot be used; the text says which and why."""


class OutcomeUnknown(CongressError):
    """The database went away during a commit and did not come back soon: the change is stored, or it is not."""


class _Context:
    """What enginefacade hangs a running transaction on; a fresh one for each block, since blocks are never nested."""


class Database:
    """One database, by its URL. `options` are oslo.db's, by their names in group `database`.

    The constructor connects, as long and as often as the options say. Raises DatabaseUnavailable.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self.url = url
        self._facade = enginefacade.transaction_context()
        try:
            if (file := sqlite_file(url)) is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
            settings = {"connection_parameters": _time_outs(url), **(options or {})}
            self._facade.configure(connection=url, sqlite_fk=True, **settings)
            self.engine: Engine = self._facade.writer.get_engine()
        except (ImportError, OSError, SQLAlchemyError, DBError) as error:
            raise DatabaseUnavailable(
                f"the database {shown(url)} cannot be used: {error}; see option `connection` in group `database`"
            ) from error
        if prepare := _PREPARE.get(self.engine.dialect.name):
            sqlalchemy.event.listen(self.engine, "connect", prepare)
            self.engine.dispose()  # the connection with which it was tried whether there is a database
        # SQLite refuses at once, without waiting, a writer who began by reading while another one wrote.
        self._one_writer = threading.Lock() if url.startswith("sqlite") else nullcontext()
        self._spent: deque[str] = deque(maxlen=10_000)

    @contextmanager
    def reader(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with _translated(), self._facade.reader.using(_Context()) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `reader`, and all that is read is of one moment."""
        with self.reader() as session:
            if self.engine.dialect.name == "postgresql":  # the others' transactions are like that anyway
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @contextmanager
    def writer(self) -> Iterator[Session]:
        """A session that is committed when the block ends; what it raises undoes the block."""
        with self._one_writer, _translated(), self._facade.writer.using(_Context()) as session:
            yield session

    @contextmanager
    def certain_writer(self, is_stored: Callable[[Session], bool | None]) -> Iterator[Session]:
        """As `writer`; when the connection breaks in the middle of the commit, `is_stored` finds out how it ended.

        It gets a new session, which is committed, and answers None to be asked again. When it answers False the lost
        commit must not happen any more, see `revision.decided`. So the block fails only when nothing was stored, or
        with OutcomeUnknown when the database stays out of reach.
        """
        is_committing = False
        try:
            with self.writer() as session:
                yield session
                is_committing = True
        except DBDeadlock:  # a commit that lost against another one: nothing is stored
            raise
        except (DBError, SQLAlchemyError):
            if not is_committing or not self.ask(is_stored):
                raise
            LOG.warning("the connection to the database broke after a commit; what was committed is there")

    def ask(self, is_stored: Callable[[Session], bool | None]) -> bool:
        """The answer of `is_stored`, as soon as the database gives one and commits what was written for it.

        Raises OutcomeUnknown.
        """
        deadline, cause = time.monotonic() + ASK_SECONDS, None
        while True:
            try:
                with self.writer() as session:
                    answer = is_stored(session)
                if answer is not None:
                    return answer
            except (DBError, SQLAlchemyError) as error:
                cause = error
            if time.monotonic() > deadline:
                raise OutcomeUnknown(
                    "the database went away while a change was committed, and whether it is stored is not known; "
                    "look before trying again"
                ) from cause
            time.sleep(0.05)

    def spend_token(self, token: str) -> None:
        """Nobody will ask for this token of `certain.writer` any more."""
        self._spent.append(token)

    def spent_tokens(self) -> list[str]:
        """Tokens that may be deleted, some of them; each is answered once."""
        found: list[str] = []
        while self._spent and len(found) < SPENT_AT_ONCE:
            found.append(self._spent.popleft())
        return found

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the few failures of the database into DBError that oslo.db leaves as they are."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        raise DBError(error) from error


SILENT_SECONDS = 60
"""How long a server that stands still is waited for. A proxy before a cluster notices it much earlier."""

_TIME_OUTS = {
    "mysql+pymysql": {"connect_timeout": 10, "read_timeout": SILENT_SECONDS, "write_timeout": SILENT_SECONDS},
    "postgresql+psycopg": {"connect_timeout": 10, "tcp_user_timeout": SILENT_SECONDS * 1000},
}


def _time_outs(url: str) -> str:
    """Parameters of the connection, as the end of an URL, as far as the URL does not set them itself."""
    parts = make_url(url)
    found = {name: value for name, value in _TIME_OUTS.get(parts.drivername, {}).items() if name not in parts.query}
    return "&".join(f"{name}={value}" for name, value in found.items())


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for other databases and for databases in memory."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnavailable(f"{error}; see option `connection` in group `database`") from error
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database)


def shown(url: str) -> str:
    """The URL without its password, for logs and messages."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "of an URL that cannot be read"


def password(url: str) -> str:
    """The password in the URL, empty when there is none."""
    try:
        return make_url(url).password or ""
    except (ArgumentError, ValueError):
        return ""


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # A write-ahead log lets readers go on during a write; synchronous=FULL keeps what was acknowledged even when the
    # machine loses power.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


IDLE_SECONDS = 5
"""How long a process that stands still in the middle of a write may keep others from writing."""

_MYSQL_VARIABLES = {
    "wsrep_sync_wait": 1,  # Galera: read what was committed on any node before
    "idle_write_transaction_timeout": IDLE_SECONDS,
    "innodb_lock_wait_timeout": 2 * IDLE_SECONDS,
}


def _prepare_mysql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES WHERE Variable_name IN %s", [list(_MYSQL_VARIABLES)])
        for name, *_value in cursor.fetchall():  # which there are depends on the product and its version
            cursor.execute(f"SET SESSION {name} = {_MYSQL_VARIABLES[name]}")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000}")
    connection.commit()


_PREPARE: Mapping[str, Callable[[Any, object], None]] = {
    "sqlite": _prepare_sqlite,
    "mysql": _prepare_mysql,
    "mariadb": _prepare_mysql,
    "postgresql": _prepare_postgresql,
}
