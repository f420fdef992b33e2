"""Waits for a database that is not there yet, or not ready for more than a greeting, and says so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from oslo_db.exception import DBConnectionError, DBDeadlock, DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.db.session import Database, DatabaseUnavailable, shown, sqlite_file

T = TypeVar("T")

LOG = logging.getLogger(__name__)

_FIRST, _LONGEST = 0.25, 5.0
_NOT_YET = (
    "starting up",  # PostgreSQL after a crash, or just begun
    "shutting down",
    "recovery mode",
    "connection refused",
    "timeout",
    "timed out",
    "could not translate host name",
    "no route to host",
    "network is unreachable",
    "closed the connection unexpectedly",
    "lost connection to",
    "wsrep has not yet prepared node",  # Galera without a majority, or joining
    "too many connections",
    "too many clients",
)


class Stopped(Exception):  # noqa: N818 - not an error
    """The process was told to stop while it waited."""


def connect(
    url: str,
    options: Mapping[str, Any],
    stopping: threading.Event,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Database:
    """The database, as soon as it answers; `say` is told what is waited for.

    What waiting does not mend (a wrong password, no such database, a driver that is not installed) is not waited for.
    Raises DatabaseUnavailable, Stopped.
    """
    if sqlite_file(url) is not None or ":memory:" in url:
        return Database(url, options)

    def opened() -> Database:
        database = Database(url, {**options, "max_retries": 0})  # waiting is done here
        with database.engine.connect():
            return database

    try:
        return done(opened, url, stopping, say)
    except (DBError, SQLAlchemyError) as error:
        raise _unavailable(url, error) from error


def done(
    step: Callable[[], T],
    url: str,
    stopping: threading.Event,
    say: Callable[[str], None] = lambda _sentence: None,
) -> T:
    """What `step` answers; it is done again as long as it fails because the database is absent or busy, and must bear
    that. Raises Stopped, and what else `step` raises."""
    pause, tries = _FIRST, 0
    while True:
        try:
            found = step()
        except Exception as error:  # the libraries turn a lost connection even into NotImplementedError
            if not may_pass(error):
                raise
            reason = _reason(error)
        else:
            if tries:
                LOG.info("the database %s answers", shown(url))
            return found
        tries += 1
        say(f"waiting for the database {shown(url)}: {reason}")
        LOG.warning("waiting for the database %s, try %s: %s", shown(url), tries, reason)
        if stopping.wait(pause):
            raise Stopped
        pause = min(2 * pause, _LONGEST)


def may_pass(error: BaseException) -> bool:
    """Whether the database may well answer later: it is absent, or busy with somebody's locks."""
    causes = list(_causes(error))
    if any(isinstance(each, DBConnectionError | DBDeadlock) for each in causes):
        return True
    # Drivers share no classes, only the names that Python's database interface gives them.
    if not any(type(each).__name__ in ("OperationalError", "InterfaceError", "DatabaseUnavailable") for each in causes):
        return False
    text = " ".join(str(each) for each in causes).lower()
    return any(sign in text for sign in _NOT_YET)


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found


def _reason(error: BaseException) -> str:
    return str(_causes(error)[-1]).splitlines()[0][:200]


def _unavailable(url: str, error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"the database {shown(url)} cannot be used: {error}; see option `connection` in group `database`"
    )
