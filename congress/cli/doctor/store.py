"""Looks at the database: does it answer, soon, is it of this version, and what time is it there?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import sqlalchemy
from oslo_config import cfg
from oslo_db.exception import DBError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from congress.cli.doctor.findings import Finding
from congress.conf import paths
from congress.db import migration, punctual
from congress.db.session import Database, DatabaseUnavailable, shown, sqlite_file
from congress.errors import CongressError

SECONDS = 5.0
SLOW_SECONDS = 0.1
SKEW_SECONDS = 2.0
_TIME = {"mysql": "SELECT UNIX_TIMESTAMP(NOW(6))", "postgresql": "SELECT extract(epoch FROM clock_timestamp())"}


def look(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """Whether a server could start on the database."""
    part, url = "database", paths.database_url(conf)
    try:
        file = sqlite_file(url)
    except DatabaseUnavailable as error:
        yield Finding(part, "wrong", str(error), "correct `connection` in group `database`")
        return
    if file is not None and not file.exists():
        said = f"there is no file {file} yet"
        yield Finding(part, "attention", said, "the first start of a server makes it; else see --state-dir")
        return
    try:
        took = _round_trip(url)
    except (DBError, SQLAlchemyError, OSError, ImportError) as error:
        advice = "is it running, may this machine reach it, are user and password right?"
        yield Finding(part, "wrong", f"{shown(url)} does not answer: {str(error).splitlines()[0]}", advice)
        return
    yield from _version(url)
    if took > SLOW_SECONDS:
        said = f"a round trip takes {took * 1000:.0f} ms"
        yield Finding(part, "attention", said, "every write takes several of them: look at network and load")


def look_at_clock(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """Whether this machine's clock is that of the database. Nothing depends on it, but logs and records show it."""
    part, url = "clock", paths.database_url(conf)
    question = _TIME.get(make_url(url).get_backend_name().replace("mariadb", "mysql"))
    if question is None:
        yield Finding(part, "well", "the database is a file of this machine, so there is one clock")
        return
    engine = punctual.connect(url, SECONDS)
    try:
        with engine.connect() as connection:
            before = time.time()
            there = float(connection.execute(sqlalchemy.text(question)).scalar_one())
            after = time.time()
    except (DBError, SQLAlchemyError, OSError) as error:
        said = f"the database does not tell the time: {str(error).splitlines()[0]}"
        yield Finding(part, "attention", said, "mend the database first")
        return
    finally:
        engine.dispose()
    yield skewed((before + after) / 2 - there, after - before)


def skewed(skew: float, uncertain: float) -> Finding:
    """What it means that this machine is so many seconds ahead of the database, give or take `uncertain`."""
    if abs(skew) > SKEW_SECONDS + uncertain:
        said = f"this machine is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} the database"
        return Finding("clock", "attention", said, "let both follow the same time servers (chronyc tracking)")
    return Finding("clock", "well", f"within {max(abs(skew), 0.1):.1f} s of the database's")


def _round_trip(url: str) -> float:
    engine = punctual.connect(url, SECONDS)
    try:
        with engine.connect() as connection:
            began = time.perf_counter()
            connection.execute(sqlalchemy.text("SELECT 1"))
            return time.perf_counter() - began
    finally:
        engine.dispose()


def _version(url: str) -> Iterator[Finding]:
    database = Database(url, {"max_retries": 0})
    try:
        migration.refuse_foreign(database)
        found, wanted = migration.current(database), migration.head(database)
    except CongressError as error:
        yield Finding("database", "wrong", str(error), "see docs/migration.md")
        return
    finally:
        database.close()
    if found == wanted:
        yield Finding("database", "well", f"{shown(url)}, revision {found}")
    else:
        said = f"{shown(url)} is at revision {found or 'none'}, this program needs {wanted}"
        yield Finding("database", "wrong", said, "back it up, then run congress-db-manage upgrade head")
