"""Sessions of the database: `with database.writer() as session` commits when the block ends, or undoes it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy
from oslo_db.exception import DBError
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session

from congress.errors import CongressError

LOG = logging.getLogger(__name__)
ASK_SECONDS = 10.0
ASK_AGAIN_SECONDS = 0.5


class DatabaseUnavailable(CongressError):
    """The database cannot be used; the text says which and why."""


class OutcomeUnknown(CongressError):
    """The database went away during a commit and did not come back soon: the change is stored, or it is not."""


class Unsettled(OutcomeUnknown):
    """Whether an earlier change is stored is not known yet; until then nothing else is changed."""

    def __init__(self) -> None:
        super().__init__("whether an earlier change is stored is not known yet; nothing was changed, try again soon")


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
            self._facade.configure(connection=url, sqlite_fk=True, **(options or {}))
            self.engine: Engine = self._facade.writer.get_engine()
        except (ImportError, OSError, SQLAlchemyError, DBError) as error:
            raise DatabaseUnavailable(
                f"the database {shown(url)} cannot be used: {error}; see option `connection` in group `database`"
            ) from error
        if url.startswith("sqlite"):
            sqlalchemy.event.listen(self.engine, "connect", _prepare_sqlite)
        # SQLite refuses at once, without waiting, a writer who began by reading while another one wrote.
        self._one_writer = threading.Lock() if url.startswith("sqlite") else nullcontext()
        self._closed = threading.Event()

    @contextmanager
    def reader(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with _translated(), self._facade.reader.using(_Context()) as session:
            yield session

    @contextmanager
    def writer(self) -> Iterator[Session]:
        """A session that is committed when the block ends; what it raises undoes the block."""
        with self._one_writer, _translated(), self._facade.writer.using(_Context()) as session:
            yield session

    @contextmanager
    def certain_writer(self, is_stored: Callable[[Session], bool]) -> Iterator[Session]:
        """As `writer`; when the connection breaks in the middle of the commit, `is_stored` finds out how it ended.

        It gets a new session and has to wait, by a locking read, for whatever the lost one may still hold. So the block
        fails only when nothing was stored, or with OutcomeUnknown when the database stays out of reach.
        """
        is_committing = False
        try:
            with self.writer() as session:
                yield session
                is_committing = True
        except (DBError, SQLAlchemyError):
            if not is_committing or not self._ask(is_stored):
                raise
            LOG.warning("the connection to the database broke after a commit; what was committed is there")

    def _ask(self, is_stored: Callable[[Session], bool]) -> bool:
        deadline = time.monotonic() + ASK_SECONDS
        while True:
            try:
                with self.writer() as session:
                    return is_stored(session)
            except (DBError, SQLAlchemyError) as error:
                if time.monotonic() > deadline:
                    raise OutcomeUnknown(
                        "the database went away while a change was committed, and whether it is stored is not known; "
                        "look before trying again"
                    ) from error
                time.sleep(0.05)

    def eventually(self, do: Callable[[], None]) -> None:
        """Do something in a thread of its own, again and again until the database does not fail it."""
        threading.Thread(target=self._try, args=(do,), name="database-again", daemon=True).start()

    def _try(self, do: Callable[[], None]) -> None:
        while not self._closed.is_set():
            try:
                do()
            except (DBError, SQLAlchemyError) as error:
                LOG.warning("the database is still out of reach: %s", error)
                self._closed.wait(ASK_AGAIN_SECONDS)
            except Exception:  # nobody else would tell
                LOG.exception("what is stored could not be taken up; start the server again")
                return
            else:
                return

    def close(self) -> None:
        """Give all connections back."""
        self._closed.set()
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the few failures of the database into DBError that oslo.db leaves as they are."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        raise DBError(error) from error


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
