"""`congress-cluster lab`: a control plane on this machine, to be broken."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from congress.cli.cluster.command import Command
from congress.cluster.lab.laboratory import DEFAULT, remove
from congress.cluster.lab.provision import Environments
from congress.cluster.lab.up import up

EXAMPLE = Path("examples/small.yaml")


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    _action(actions.add_parser("up", help="start all of it, on namespaces of this machine"), _up, _up_arguments)
    _action(actions.add_parser("down", help="stop it and remove what it wrote"), _down)


def _action(
    parser: ArgumentParser, run: Callable[[Namespace], int], more: Callable[[ArgumentParser], None] | None = None
) -> None:
    parser.add_argument("--directory", type=Path, default=DEFAULT, help=f"where it keeps its files ({DEFAULT})")
    parser.set_defaults(act=run)
    if more is not None:
        more(parser)


def _up_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("description", type=Path, nargs="?", default=EXAMPLE, help=f"{EXAMPLE} by default")
    parser.add_argument(
        "--openstack",
        type=Path,
        default=Path(".venv-lab"),
        help="the Python environment with keystone, as requirements/lab.txt has it",
    )
    parser.add_argument("--boot-seconds", type=float, default=5.0, help="from a node's power to its first process")


def _say(text: str) -> None:
    print(text, flush=True)


def _up(given: Namespace) -> int:
    environments = Environments(Path(sys.prefix), given.openstack.resolve())
    up(given.description, given.directory.resolve(), environments, given.boot_seconds, _say)
    return 0


def _down(given: Namespace) -> int:
    _say(remove(given.directory.resolve()))
    return 0


def _run(given: Namespace) -> int:
    status: int = given.act(given)
    return status


COMMAND = Command("lab", "run a description on this machine, and break it", _arguments, _run)
