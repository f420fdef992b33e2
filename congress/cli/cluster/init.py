"""`congress-cluster init`: a commented description to begin with."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from importlib.resources import files
from pathlib import Path

from congress.cli.cluster.command import Command


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", default=Path("cluster.yaml"), help="cluster.yaml by default")


def _run(given: Namespace) -> int:
    text = files("congress.cluster.model").joinpath("example.yaml").read_text(encoding="utf-8")
    try:
        with given.file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        print(f"{given.file} is there already, and is left as it is; name another file", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{given.file} cannot be written: {error}; name another file", file=sys.stderr)
        return 1
    print(f"{given.file} is written; adapt it, then ask `congress-cluster check {given.file}`")
    return 0


COMMAND = Command("init", "write a commented description to begin with", _arguments, _run)
