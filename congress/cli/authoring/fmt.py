"""`congress fmt`: policy files in the one layout."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from difflib import unified_diff
from pathlib import Path

from congress.authoring.errors import InputUnusable
from congress.authoring.files import read_text
from congress.authoring.project import SUFFIX
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import project, project_options
from congress.datalog import format_text


def _options(parser: ArgumentParser) -> None:
    project_options(parser)
    parser.add_argument(
        "--check", action="store_true", help="change nothing, and exit with 1 if something would change"
    )
    parser.add_argument("--diff", action="store_true", help="show what would change, and change nothing")


def _run(given: Namespace) -> Result:
    """Files of the library, which are YAML, are left alone. Raises InputUnusable, DatalogError."""
    changed, shown = list[str](), list[str]()
    for file in _files(given):
        before = read_text(file)
        after = format_text(before, source=str(file))
        if before == after:
            continue
        changed.append(str(file))
        if given.diff:
            shown += unified_diff(
                before.splitlines(), after.splitlines(), str(file), f"{file} (formatted)", lineterm=""
            )
        elif given.check:
            shown.append(f"would reformat {file}")
        else:
            _write(file, after)
            shown.append(f"reformatted {file}")
    is_dry = given.check or given.diff
    return Result(
        "\n".join(shown), {"changed": changed, "written": not is_dry}, Exit.FOUND if changed and is_dry else Exit.FINE
    )


def _files(given: Namespace) -> list[Path]:
    found = [Path(source.origin) for source in project(given).policies]
    return [
        file for file in found if file.suffix == SUFFIX or file in given.paths and file.suffix not in (".yaml", ".yml")
    ]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputUnusable(f"{file} cannot be written: {error.strerror}") from error


COMMAND = Command(
    "fmt",
    "bring policy files into the one layout",
    _options,
    _run,
    "Comments stay where they are. Files that are formatted already are not touched.",
    {
        "changed": "files that are not in the layout",
        "written": "whether they were brought into it",
    },
)
