"""`congress-db-manage`: brings the database to the form that the program needs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from oslo_config import cfg

import congress.conf
from congress.conf import paths
from congress.datasources import registry, rotation
from congress.datasources.secrets import Secrets
from congress.db import migration
from congress.db.session import Database
from congress.errors import CongressError


def _upgrade(database: Database, conf: cfg.ConfigOpts) -> None:
    revision = _target(conf)
    if conf.command.sql:
        print(migration.upgrade_script(database, revision), end="")
        return
    if migration.is_original(database):
        print("taking over a database of the original Congress; there is no way back but its backup")
    migration.upgrade(database, revision)
    print(f"at {migration.current(database)}")


def _target(conf: cfg.ConfigOpts) -> str:
    given = conf.command
    if given.delta is not None:
        return f"+{given.delta}"
    return str(given.revision or "head")


def _downgrade(_database: Database, _conf: cfg.ConfigOpts) -> None:
    raise migration.MigrationRefused(
        "a database is never taken back: what newer tables hold would be lost. Stop Congress and restore the backup "
        "that was made before the upgrade"
    )


def _current(database: Database, _conf: cfg.ConfigOpts) -> None:
    origin = ", made by the original Congress" if migration.is_original(database) else ""
    print(f"{migration.current(database) or 'none'} (needed: {migration.head(database)}){origin}")


def _history(database: Database, _conf: cfg.ConfigOpts) -> None:
    print("\n".join(migration.history(database)))


def _branches(database: Database, _conf: cfg.ConfigOpts) -> None:
    print("\n".join(migration.branches(database)) or "none")


def _check(database: Database, _conf: cfg.ConfigOpts) -> None:
    migration.check(database)
    print(f"one line of migrations, up to {migration.head(database)}")


def _stamp(database: Database, conf: cfg.ConfigOpts) -> None:
    revision = conf.command.revision or "head"
    if conf.command.sql:
        print(migration.stamp_script(database, revision), end="")
    else:
        migration.stamp(database, revision)


def _revision(database: Database, conf: cfg.ConfigOpts) -> None:
    if conf.command.sql:
        raise migration.MigrationRefused("a new step is Python, not SQL; leave --sql away")
    print(migration.revise(database, conf.command.message or "", autogenerate=conf.command.autogenerate))


def _rotate(database: Database, conf: cfg.ConfigOpts) -> None:
    drivers = registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)
    number = rotation.rotate(database, Secrets(paths.key_dir(conf), create=False), drivers)
    print(f"{number} secrets are encrypted with a new key in {paths.key_dir(conf)}; aes_key.old holds the one before")


class Command(NamedTuple):
    """A command, what its help says, and the arguments it takes."""

    run: Callable[[Database, cfg.ConfigOpts], None]
    help: str
    arguments: tuple[str, ...] = ()


COMMANDS: Mapping[str, Command] = {
    "current": Command(_current, "show the revision of the database and the one that is needed"),
    "history": Command(_history, "list all revisions, newest first"),
    "branches": Command(_branches, "list the revisions that more than one other follows"),
    "check_migration": Command(_check, "check that the migrations form one line"),
    "upgrade": Command(
        _upgrade, "take the database to a revision, `head` if none is named", ("delta", "sql", "revision", "engine")
    ),
    "downgrade": Command(_downgrade, "refused: restore a backup", ("delta", "sql", "revision", "engine")),
    "stamp": Command(_stamp, "say that the database is at a revision, changing nothing else", ("sql", "revision")),
    "revision": Command(
        _revision, "write a new migration, for developers of Congress", ("message", "autogenerate", "sql")
    ),
    "rotate-keys": Command(_rotate, "encrypt all secrets of datasources with a new key"),
}

_ARGUMENTS: Mapping[str, Callable[[ArgumentParser], Any]] = {
    "delta": lambda parser: parser.add_argument("--delta", type=int, help="so many revisions further"),
    "sql": lambda parser: parser.add_argument("--sql", action="store_true", help="print SQL instead of running it"),
    "revision": lambda parser: parser.add_argument("revision", nargs="?"),
    "engine": lambda parser: parser.add_argument("--mysql-engine", help="taken for old scripts; always InnoDB"),
    "message": lambda parser: parser.add_argument("-m", "--message"),
    "autogenerate": lambda parser: parser.add_argument("--autogenerate", action="store_true"),
}


def add_parsers(subparsers: Any) -> None:
    """Give each command a parser of its own."""
    for name, command in COMMANDS.items():
        parser = subparsers.add_parser(name, help=command.help)
        for argument in command.arguments:
            _ARGUMENTS[argument](parser)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 1 when it failed."""
    conf = cfg.ConfigOpts()
    conf.register_cli_opt(cfg.SubCommandOpt("command", title="commands", handler=add_parsers))
    conf.register_cli_opt(cfg.StrOpt("database-connection", help="URL of the database, instead of the configured one."))
    conf.register_cli_opt(cfg.StrOpt("database-engine", help="Taken for old scripts; the URL says it."))
    congress.conf.register(conf)
    try:
        conf(arguments, project="congress", prog="congress-db-manage")
        database = Database(conf.database_connection or paths.database_url(conf))
        try:
            COMMANDS[conf.command.name].run(database, conf)
        finally:
            database.close()
    except (CongressError, cfg.Error) as error:
        print(f"congress-db-manage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
