"""`congress`: the command line of those who write policies. Needs no server."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

from congress.authoring.errors import InputUnusable, QuestionUnclear, ServerUnusable
from congress.cli.authoring import bench, bundle, check, deps, evaluate, explain, fmt, repl, simulate, test
from congress.cli.authoring.command import EXIT_MEANINGS, Command, Exit, json_option
from congress.datalog import DatalogError
from congress.engine.errors import InvalidRow, LimitExceeded, UnknownPolicy, UnknownTable
from congress.errors import CongressError

COMMANDS: tuple[Command, ...] = (
    check.COMMAND,
    fmt.COMMAND,
    evaluate.COMMAND,
    explain.COMMAND,
    test.COMMAND,
    simulate.COMMAND,
    bench.COMMAND,
    deps.COMMAND,
    repl.COMMAND,
    bundle.COMMAND,
)

_CODES: tuple[tuple[tuple[type[CongressError], ...], Exit], ...] = (
    ((QuestionUnclear, UnknownPolicy, UnknownTable, InvalidRow), Exit.USAGE),
    ((ServerUnusable,), Exit.SERVER),
    ((LimitExceeded,), Exit.LIMIT),
    ((InputUnusable, CongressError), Exit.INPUT),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    meanings = "\n".join(f"  {code.value}  {text}" for code, text in EXIT_MEANINGS.items())
    found = argparse.ArgumentParser(
        prog="congress",
        description="Checks, evaluates, tests and packs policies, without a server.",
        epilog=f"exit codes:\n{meanings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(
            command.name, help=command.summary, description=f"{command.summary}. {command.description}".strip()
        )
        json_option(one)
        command.options(one)
        one.set_defaults(run=command.run)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is one of `Exit`."""
    logging.basicConfig(level=logging.WARNING, format="congress: %(message)s", stream=sys.stderr)
    given = parser().parse_args(arguments)
    try:
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except KeyboardInterrupt:
        print("congress: interrupted", file=sys.stderr)
        return 130
    return code


def _run(given: argparse.Namespace) -> int:
    try:
        result = given.run(given)
    except CongressError as error:
        return _failed(given, error)
    _show(given, result.text, {"ok": result.code == Exit.FINE, **result.data})
    return int(result.code)


def _show(given: argparse.Namespace, text: str, data: dict[str, Any]) -> None:
    if given.json:
        print(json.dumps(data, ensure_ascii=False, indent=2))
    elif text:
        print(text.removesuffix("\n"))


def _failed(given: argparse.Namespace, error: CongressError) -> int:
    code = next(code for kinds, code in _CODES if isinstance(error, kinds))
    if given.json:
        told: dict[str, Any] = {"ok": False, "error": str(error), "exit_code": int(code)}
        if isinstance(error, DatalogError):
            told["codes"] = list(error.codes)
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(f"congress {given.command}: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
