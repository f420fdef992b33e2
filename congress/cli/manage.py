"""`congress-manage`: stops and resumes actions, says how things are and what is wrong, renews the library."""

from __future__ import annotations

import getpass
import json
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from oslo_config import cfg
from oslo_db.exception import DBError

import congress.conf
from congress.cli.doctor import bundle, examination, findings
from congress.conf import paths
from congress.db import migration
from congress.db.session import Database
from congress.errors import CongressError
from congress.policies import library
from congress.policies.actions.ledger import Ledger
from congress.policies.library import Library


def _pause(database: Database, conf: cfg.ConfigOpts) -> None:
    changed = Ledger(database).pause(actor=_who(), reason=conf.command.reason)
    print("actions are paused everywhere" if changed else "actions were paused already")


def _resume(database: Database, conf: cfg.ConfigOpts) -> None:
    changed = Ledger(database).resume(actor=_who(), reason=conf.command.reason)
    print("actions go on; those that waited are done if their rows still hold" if changed else "actions go on already")


def _status(database: Database, conf: cfg.ConfigOpts) -> None:
    ledger = Ledger(database)
    control, counts = ledger.control(), ledger.counts()
    at = None if control.at is None else control.at.replace(tzinfo=UTC).isoformat()
    if conf.command.json:
        told = {"paused": control.paused, "by": control.actor, "reason": control.reason, "at": at, "actions": counts}
        print(json.dumps(told))
        return
    if control.paused:
        print(f"actions: paused since {at} by {control.actor}" + (f": {control.reason}" if control.reason else ""))
    else:
        print("actions: not paused" + (f"; resumed {at} by {control.actor}" if control.actor else ""))
    for state, number in sorted(counts.items()):
        print(f"  {state}: {number}")


def _library(database: Database, conf: cfg.ConfigOpts) -> None:
    given, shelf = conf.command, Library(database)
    items = library.in_files(library.directories(conf.policy_library_path))
    missing = [each.name for each in shelf.differences(items) if each.missing] if given.add_missing else []
    if wanted := {*given.add, *missing}:
        changed = shelf.take(items, wanted)
        print(f"the library has now, as files have it: {', '.join(changed)}" if changed else "nothing changed")
    elif given.add_missing:
        print("nothing is missing")
    else:
        differences = shelf.differences(items)
        for each in differences:
            print(f"{each.name}: " + ("missing" if each.missing else "other than in the files"))
        print(f"{len(items)} policies in files, {len(differences)} of them missing or other in the library")


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _doctor(conf: cfg.ConfigOpts) -> int:
    found = examination.examine(conf)
    print(json.dumps(findings.as_json(found)) if conf.command.json else findings.as_text(found))
    return findings.STATUS[findings.worst(found)]


def _bundle(conf: cfg.ConfigOpts) -> int:
    file = Path(conf.command.output or f"congress-debug-{socket.gethostname()}-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz")
    for name, size in bundle.write(conf, file, [Path(each) for each in conf.command.log]):
        print(f"{size:>10} {name}")
    print(f"wrote {file}; look into it before you send it")
    return 0


def _stored(run: Callable[[Database, cfg.ConfigOpts], None]) -> Callable[[cfg.ConfigOpts], int]:
    """A command that needs the database, at this program's revision."""

    def command(conf: cfg.ConfigOpts) -> int:
        database = Database(paths.database_url(conf))
        try:
            found, wanted = migration.current(database), migration.head(database)
            if found != wanted:
                raise migration.SchemaOutdated(
                    f"the database is at revision {found or 'none'}, this program needs {wanted}; see that both are of "
                    "one version, and that --config-file or --state-dir lead to the database of the server"
                )
            run(database, conf)
        finally:
            database.close()
        return 0

    return command


COMMANDS: Mapping[str, tuple[Callable[[cfg.ConfigOpts], int], str]] = {
    "pause": (_stored(_pause), "stop all actions at every node, within a second"),
    "resume": (_stored(_resume), "let actions go on"),
    "status": (_stored(_status), "say whether actions are paused, and how many are in which state"),
    "library": (
        _stored(_library),
        "say which policies of this version the library lacks or has otherwise, and take them in",
    ),
    "doctor": (
        _doctor,
        "look at configuration, database, clock, broker, processes and datasources, and say what is wrong; "
        "the exit status is 0 when all is well, 1 when something wants attention, 2 when something is wrong",
    ),
    "debug-bundle": (_bundle, "write what helps others to find a fault into an archive, without secrets"),
}


def add_parsers(subparsers: Any) -> None:
    """Give each command a parser of its own."""
    for name, (_run, text) in COMMANDS.items():
        parser: ArgumentParser = subparsers.add_parser(name, help=text)
        if name in ("status", "doctor"):
            parser.add_argument("--json", action="store_true", help="for programs")
        elif name == "debug-bundle":
            parser.add_argument("--output", metavar="FILE", help="where to, a .tar.gz; by default into this directory")
            parser.add_argument(
                "--add-log", dest="log", action="append", default=[], metavar="FILE", help="a log whose end is added"
            )
        elif name == "library":
            parser.add_argument(
                "--add",
                action="append",
                default=[],
                metavar="NAME",
                help="take in this one, whatever is there of its name",
            )
            parser.add_argument("--add-missing", action="store_true", help="take in all that are missing")
        else:
            parser.add_argument("--reason", default="", help="why, for those who wonder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 1 when it failed, and what `doctor` says of its own."""
    conf = cfg.ConfigOpts()
    conf.register_cli_opt(cfg.SubCommandOpt("command", title="commands", handler=add_parsers))
    congress.conf.register(conf)
    try:
        conf(arguments, project="congress", prog="congress-manage")
        return COMMANDS[conf.command.name][0](conf)
    except (CongressError, DBError, OSError, cfg.Error) as error:
        print(f"congress-manage: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
