"""Brings the database to the form that this version of the program needs. The steps are in `migrations/versions`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from congress.db.session import Database, sqlite_file
from congress.errors import CongressError


class SchemaOutdated(CongressError):
    """The database has another form than this program needs; the text says which command mends it."""


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["database"] = database
    return config


def current(database: Database) -> str | None:
    """The revision that the database is at, None for an empty database."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head(database: Database) -> str | None:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config(database)).get_current_head()


def upgrade(database: Database, revision: str = "head") -> None:
    """Take the database to a revision; nothing happens when it is there already."""
    command.upgrade(_config(database), revision)


def stamp(database: Database, revision: str) -> None:
    """Say that the database is at a revision, without changing anything else."""
    command.stamp(_config(database), revision)


def history(database: Database) -> list[str]:
    """All revisions, newest first, with a line on what each does."""
    scripts = ScriptDirectory.from_config(_config(database))
    return [f"{script.revision}: {script.doc}" for script in scripts.walk_revisions()]


def prepare(database: Database) -> None:
    """Make sure that the server can start: embedded files are upgraded, other databases only checked.

    A shared database is left to `congress-db-manage`, since other servers may be using it. Raises SchemaOutdated.
    """
    if sqlite_file(database.url) is not None or ":memory:" in database.url:
        upgrade(database)
        return
    found, wanted = current(database), head(database)
    if found != wanted:
        raise SchemaOutdated(
            f"the database is at revision {found or 'none'}, this program needs {wanted}; "
            "run `congress-db-manage upgrade head` with the same configuration"
        )
