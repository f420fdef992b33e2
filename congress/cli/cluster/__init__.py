"""`congress-cluster`: one description to a control plane whose answer to failures is known. One module a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from congress.cli.cluster.command import Command
from congress.cli.cluster.parsing import Parser
from congress.errors import CongressError


def commands() -> tuple[Command, ...]:
    """What the modules of this package add, in the order of the names."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = [module.COMMAND for module in modules if hasattr(module, "COMMAND")]
    return tuple(sorted(found, key=lambda command: command.name))


def make_parser() -> Parser:
    """What the command takes, with the parser of each of its commands."""
    parser = Parser(prog="congress-cluster", description="One description in, a verified control plane out.")
    subparsers = parser.add_subparsers(metavar="command")
    for command in commands():
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help)
        command.arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 when all is well, 1 when not, 2 for a call that makes no sense."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if "run" not in given:
        parser.print_help(sys.stderr)
        return 2
    try:
        status: int = given.run(given)
    except CongressError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        # A file that the user named; what goes wrong with machines comes as a CongressError.
        print(f"{error.filename or 'congress-cluster'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return status
