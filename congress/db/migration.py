"""Brings the database to the form that this version of the program needs. The steps are in `migrations/versions`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TextIO

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from congress.db.migrations import original
from congress.db.session import Database, shown, sqlite_file
from congress.errors import CongressError


class SchemaOutdated(CongressError):
    """The database has another form than this program needs; the text says which command mends it."""


class UnknownDatabase(CongressError):
    """The database is neither ours nor one of the original Congress; the text says what was found."""


class MigrationRefused(CongressError):
    """The revision cannot be reached; the text says why."""


def _config(database: Database, output: TextIO | None = None) -> Config:
    config = Config(output_buffer=output, stdout=output or io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["database"] = database
    return config


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(database))


def current(database: Database) -> str | None:
    """The revision that the database is at, None for an empty database."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head(database: Database) -> str | None:
    """The revision that this program needs."""
    return _scripts(database).get_current_head()


def is_original(database: Database) -> bool:
    """Whether the database was made by the original Congress and not taken over yet."""
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        return revision == original.REVISION and original.waits(connection)


def refuse_foreign(database: Database) -> None:
    """Raises UnknownDatabase unless the database is empty, ours, or the original's at its last revision."""
    known = {script.revision for script in _scripts(database).walk_revisions()}
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        found = _foreign(connection, revision, known)
    if found:
        raise UnknownDatabase(f"the database {shown(database.url)} is left alone: {found}")


def _foreign(connection: Connection, revision: str | None, known: set[str]) -> str | None:
    if revision in original.EARLIER:
        return (
            f"it was made by an older version of the original Congress (revision {revision}); bring it to "
            f"{original.REVISION} first, with `congress-db-manage upgrade head` of the original's last version"
        )
    if revision is not None and revision not in known:
        return f"its revision {revision} is none of ours; a newer Congress may have made it, or another program"
    tables = set(sqlalchemy.inspect(connection).get_table_names()) - {"alembic_version"}
    if revision is None and tables:
        return (
            f"it has tables ({', '.join(sorted(tables)[:5])}, ...) but no revision; "
            "give Congress a database of its own, or bring the backup back"
        )
    # Without the original's tables a first upgrade was interrupted, which can be gone on with.
    if revision == original.REVISION and "dstabledata" in tables and (lacking := original.missing(connection)):
        return f"it says it is the original's at {revision}, but lacks {', '.join(lacking)}"
    return None


def upgrade(database: Database, revision: str = "head") -> None:
    """Take the database to a revision; nothing happens when it is there already.

    Raises UnknownDatabase, MigrationRefused.
    """
    refuse_foreign(database)
    try:
        command.upgrade(_config(database), revision)
    except CommandError as error:
        raise MigrationRefused(f"{error}; `congress-db-manage history` lists the revisions") from error


def upgrade_script(database: Database, revision: str = "head") -> str:
    """The SQL that takes an empty database, or the one at `from` in `from:to`, to a revision. Raises MigrationRefused.

    The original's database cannot be taken over so: its rows are converted by the program.
    """
    if revision.startswith(f"{original.REVISION}:"):
        raise MigrationRefused(
            "taking over a database of the original converts its rows; run the upgrade without --sql"
        )
    output = io.StringIO()
    try:
        command.upgrade(_config(database, output), revision, sql=True)
    except CommandError as error:
        raise MigrationRefused(str(error)) from error
    return output.getvalue()


def stamp(database: Database, revision: str) -> None:
    """Say that the database is at a revision, without changing anything else. Raises MigrationRefused."""
    try:
        command.stamp(_config(database), revision)
    except CommandError as error:
        raise MigrationRefused(f"{error}; `congress-db-manage history` lists the revisions") from error


def stamp_script(database: Database, revision: str) -> str:
    """The SQL of `stamp`. Raises MigrationRefused."""
    output = io.StringIO()
    try:
        command.stamp(_config(database, output), revision, sql=True)
    except CommandError as error:
        raise MigrationRefused(str(error)) from error
    return output.getvalue()


def history(database: Database) -> list[str]:
    """All revisions, newest first, with a line on what each does."""
    return [f"{script.revision}: {script.doc}" for script in _scripts(database).walk_revisions()]


def branches(database: Database) -> list[str]:
    """The revisions that more than one other follows; none, in a release."""
    return [script.revision for script in _scripts(database).walk_revisions() if script.is_branch_point]


def check(database: Database) -> None:
    """Raises MigrationRefused unless the steps form one line."""
    heads = _scripts(database).get_heads()
    if len(heads) != 1:
        raise MigrationRefused(f"the migrations have {len(heads)} ends: {', '.join(heads)}; make them one line")


def revise(database: Database, message: str, *, autogenerate: bool) -> str:
    """Write a new step for developers of Congress; answers its file. Raises MigrationRefused."""
    try:
        made = command.revision(_config(database), message=message, autogenerate=autogenerate)
    except CommandError as error:
        raise MigrationRefused(str(error)) from error
    return str(made.path if not isinstance(made, list) and made else "")


def prepare(database: Database) -> None:
    """Make sure that the server can start: embedded files are upgraded, other databases only checked.

    A shared database is left to `congress-db-manage`, since other servers may be using it. Raises SchemaOutdated,
    UnknownDatabase.
    """
    if sqlite_file(database.url) is not None or ":memory:" in database.url:
        upgrade(database)
        return
    refuse_foreign(database)
    found, wanted = current(database), head(database)
    if found != wanted:
        origin = "was made by the original Congress" if is_original(database) else f"is at revision {found or 'none'}"
        raise SchemaOutdated(
            f"the database {origin}, this program needs {wanted}; "
            "back it up, then run `congress-db-manage upgrade head` with the same configuration"
        )
