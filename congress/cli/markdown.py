"""Tables for the reference pages of commands: of anything, and of the arguments of a parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, a line for each row."""
    lines = [head, ["---" for _ in head], *rows]
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


def subparsers(found: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """The commands of a parser by name."""
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def arguments(found: argparse.ArgumentParser) -> str:
    """A table of the arguments of a parser; empty when it has none."""
    rows = [_row(action) for action in found._actions if not isinstance(action, _LEFT_OUT)]
    return table(("argument", "meaning"), [row for row in rows if row[1] != argparse.SUPPRESS]) if rows else ""


_LEFT_OUT = (argparse._HelpAction, argparse._SubParsersAction)


def _row(action: argparse.Action) -> tuple[str, str]:
    name = ", ".join(action.option_strings)
    if action.choices is not None:
        value = "|".join(map(str, action.choices))
    else:
        value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
    shown = f"{name} {value}".strip() if name else f"{value}{' ...' if action.nargs == '*' else ''}"
    return f"`{shown}`", str(action.help or "") % {"default": action.default, "prog": "congress"}
