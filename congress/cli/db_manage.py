"""`congress-db-manage`: brings the database to the form that the program needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from oslo_config import cfg

import congress.conf
from congress.conf import paths
from congress.db import migration
from congress.db.session import Database
from congress.errors import CongressError


def _upgrade(database: Database, revision: str) -> None:
    migration.upgrade(database, revision)
    print(f"at {migration.current(database)}")


def _current(database: Database, _revision: str) -> None:
    print(f"{migration.current(database) or 'none'} (needed: {migration.head(database)})")


def _history(database: Database, _revision: str) -> None:
    print("\n".join(migration.history(database)))


def _stamp(database: Database, revision: str) -> None:
    migration.stamp(database, revision)


COMMANDS: Mapping[str, tuple[Callable[[Database, str], None], str]] = {
    "upgrade": (_upgrade, "take the database to a revision, `head` if none is named"),
    "current": (_current, "show the revision of the database and the one that is needed"),
    "history": (_history, "list all revisions, newest first"),
    "stamp": (_stamp, "say that the database is at a revision, changing nothing else"),
}


def _parsers(subparsers: object) -> None:
    for name, (_function, text) in COMMANDS.items():
        parser = subparsers.add_parser(name, help=text)  # type: ignore[attr-defined]
        parser.add_argument("revision", nargs="?", default="head")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 1 when it failed."""
    conf = cfg.ConfigOpts()
    conf.register_cli_opt(cfg.SubCommandOpt("command", title="commands", handler=_parsers))
    conf.register_cli_opt(cfg.StrOpt("database-connection", help="URL of the database, instead of the configured one."))
    congress.conf.register(conf)
    try:
        conf(arguments, project="congress", prog="congress-db-manage")
        if not conf.command.name:
            conf.print_usage(sys.stderr)
            return 2
        database = Database(conf.database_connection or paths.database_url(conf))
        COMMANDS[conf.command.name][0](database, conf.command.revision)
    except (CongressError, cfg.Error) as error:
        print(f"congress-db-manage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
