"""Writes the reference of `congress`: `python -m congress.cli.authoring.reference > docs/reference/authoring.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from congress.authoring import cases, project, session
from congress.authoring.checking import OWN_CODES
from congress.cli.authoring.command import EXIT_MEANINGS
from congress.cli.authoring.main import COMMANDS, parser
from congress.cli.markdown import arguments, subparsers, table
from congress.engine.checking import CODES as ENGINE_CODES

INTRODUCTION = """\
# The command line for authors of policies

<!-- Written by `python -m congress.cli.authoring.reference`; a test fails when this page is out of date. -->

[Write policies on your own machine](../authoring.md) shows how these commands are used together. None needs a server.

With `--json` a command answers with one object: `ok`, whether its exit code is 0, and the members that are listed with
it. When it could not do its work, these are `error`, `exit_code` and, for texts of the language, `codes`.
"""


def page() -> str:
    """The whole page, as markdown."""
    return "\n".join([INTRODUCTION, *_commands(), *_exit_codes(), *_files(), *_words(), *_codes()])


def _commands() -> Iterator[str]:
    given = subparsers(parser())
    for command in COMMANDS:
        one = given[command.name]
        yield f"## `congress {command.name}`\n"
        yield f"{command.summary[0].upper()}{command.summary[1:]}. {command.description}\n"
        yield "JSON: " + ", ".join(f"`{name}` ({text})" for name, text in command.members.items()) + ".\n"
        steps = subparsers(one)
        yield from _usage(one, ["NAME" for _ in steps][:1])
        for name, step in steps.items():
            yield f"### `congress {command.name} {name}`\n"
            yield f"{step.description}\n"
            yield from _usage(step)


def _usage(found: argparse.ArgumentParser, inner: Sequence[str] = ()) -> Iterator[str]:
    rows = arguments(found)
    if rows and not inner:
        yield rows


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes\n"
    yield table(("code", "meaning"), [(str(int(code)), meaning) for code, meaning in EXIT_MEANINGS.items()])


def _files() -> Iterator[str]:
    yield f"## The manifest `{project.MANIFEST}`\n"
    yield "All keys are optional. Without `policies`, all `*.congress` files of the directory belong to the project.\n"
    yield table(("key", "value"), _keys(project.SCHEMA))
    yield "## Files of tests\n"
    yield table(("key", "value"), _keys(cases.SCHEMA))
    yield "Each of `tests`:\n"
    yield table(("key", "value"), _keys(cases.SCHEMA["properties"]["tests"]["items"]))


def _keys(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"`{name}`", str(one["description"])) for name, one in schema["properties"].items()
    ]  # fmt: skip


def _words() -> Iterator[str]:
    yield "## Words of `congress repl`\n"
    rows = [(f"`{f'{name} {word.argument}'.strip()}`", word.meaning) for name, word in session.COMMANDS.items()]
    yield table(("word", "meaning"), rows)


def _codes() -> Iterator[str]:
    yield "## Codes of `congress check`\n"
    yield "Beside [those of the language](language.md):\n"
    yield table(("code", "meaning"), [(f"`{code}`", text) for code, text in {**ENGINE_CODES, **OWN_CODES}.items()])


if __name__ == "__main__":
    sys.stdout.write(page())
