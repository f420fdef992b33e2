"""Writes the page about all commands: `python -m congress.cli.reference > docs/reference/commands.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from oslo_config import cfg

from congress.cli import cluster, db_manage, galera_check, lsp, manage
from congress.cli.markdown import arguments, subparsers, table
from congress.conf import default

HEAD = """\
# Commands

<!-- Written by `python -m congress.cli.reference`; a test fails when this page is out of date. -->

Programs of the service take `--config-file`, as often as there are files, and `--config-dir`; without either they read
`/etc/congress/congress.conf` if there is one. `--help` is everywhere. A message on standard error says what was wrong;
an exit status other than 0 that something was, unless the page says else.
"""


class Program(NamedTuple):
    """A program: what it is for, and its parser or its options, as far as it has some."""

    purpose: str
    parser: Callable[[], argparse.ArgumentParser] | None = None
    options: Sequence[cfg.Opt] = ()


def _with(add: Callable[[Any], None]) -> Callable[[], argparse.ArgumentParser]:
    def parser() -> argparse.ArgumentParser:
        found = argparse.ArgumentParser()
        add(found.add_subparsers())
        return found

    return parser


PROGRAMS: Mapping[str, Program] = {
    "congress": Program("For authors of policies, without a server; [a page of its own](authoring.md)."),
    "congress-server": Program(
        "The service. Without a role it plays all of them in one process. Exit status 0 after a stop by signal, 1 "
        "when it could not start.",
        options=[*default.CLI_OPTIONS, *default.ROLES],
    ),
    "congress-manage": Program("For operators, beside a server or without one.", _with(manage.add_parsers)),
    "congress-db-manage": Program(
        "The tables of the database, and the key of its secrets.", _with(db_manage.add_parsers)
    ),
    "congress-status": Program(
        "`congress-status upgrade check` says whether this program can serve the database and the configuration "
        "that are there: 0 when all is well, 1 when something needs a look, 2 when the server will not start."
    ),
    "congress-cluster": Program("Control planes: [how to make one](../control-plane.md).", cluster.make_parser),
    "congress-galera-check": Program(
        "Tells a load balancer over HTTP whether a node of Galera may be used: 200, else 503.", galera_check.make_parser
    ),
    "congress-lsp": Program("The language server for [editors](../../editors/README.md).", lsp.make_parser),
    "congress-cfg-validator-agt": Program(
        "Reads the configuration files of a host for the driver `config`; its [options](../config-validator.md) are in "
        "a file."
    ),
}


def page() -> str:
    """The whole page, as markdown."""
    return "\n".join([HEAD, *(part for name, one in PROGRAMS.items() for part in _program(name, one))])


def _program(name: str, one: Program) -> Iterator[str]:
    yield f"## `{name}`\n\n{one.purpose}\n"
    if one.options:
        rows = [(f"`--{each.name}`", str(each.help)) for each in one.options]
        yield table(("argument", "meaning"), rows)
    if one.parser is None:
        return
    parser = one.parser()
    if given := arguments(parser):
        yield given
    for action in parser._actions:
        told = {each.dest: str(each.help) for each in getattr(action, "_choices_actions", ())}
        for command, inner in subparsers(parser).items() if told else ():
            text = told.get(command, "")
            yield f"### `{name} {command}`\n\n{text[:1].upper()}{text[1:].removesuffix('.')}.\n"
            if given := arguments(inner):
                yield given


if __name__ == "__main__":
    sys.stdout.write(page())
