"""`congress-cluster lab`: a control plane on this machine, to be broken."""

from __future__ import annotations

import subprocess
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import congress
from congress.cli.cluster.command import Command, takes_description
from congress.cluster.lab.faults import report
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import faults
from congress.cluster.lab.faults.rounds import rounds
from congress.cluster.lab.laboratory import DEFAULT, Laboratory, remove
from congress.cluster.lab.provision import Environments
from congress.cluster.lab.status import status
from congress.cluster.lab.up import rehearsed_in, up

OPENSTACK = ".venv-lab"
CHECKOUT = Path(congress.__file__).parents[1]


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    _action(actions.add_parser("up", help="start all of it, on namespaces of this machine"), _up, _up_arguments)
    _action(actions.add_parser("status", help="say what runs where, and whether it works"), _status)
    _action(actions.add_parser("faults", help="break it in every way while clients work"), _faults, _faults_arguments)
    _action(actions.add_parser("run", help="run a command in a node"), _run_there, _run_arguments)
    _action(actions.add_parser("down", help="stop it and remove what it wrote"), _down)


def _action(
    parser: ArgumentParser, run: Callable[[Namespace], int], more: Callable[[ArgumentParser], None] | None = None
) -> None:
    parser.add_argument("--directory", type=Path, default=DEFAULT, help=f"where it keeps its files ({DEFAULT})")
    parser.set_defaults(act=run)
    if more is not None:
        more(parser)


def _up_arguments(parser: ArgumentParser) -> None:
    takes_description(parser)
    parser.add_argument(
        "--openstack",
        type=Path,
        default=next((path for path in (Path(OPENSTACK), CHECKOUT / OPENSTACK) if path.exists()), Path(OPENSTACK)),
        help="the Python environment with keystone, as requirements/lab.txt has it, here or beside Congress",
    )
    parser.add_argument("--boot-seconds", type=float, default=5.0, help="from a node's power to its first process")


def _faults_arguments(parser: ArgumentParser) -> None:
    names = ", ".join(fault.name for fault in faults())
    parser.add_argument("--only", metavar="NAME", action="append", help=f"one of {names}; may be given several times")
    parser.add_argument("--times", type=int, default=1, help="how often each is done (once)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep all results there; what it has is not done again"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write a page about all results, in Markdown")


def _run_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("node", help="its name, or `clients` for the place of clients")
    parser.add_argument("command", nargs=REMAINDER, help="a shell without it")


def _say(text: str) -> None:
    print(text, flush=True)


def _up(given: Namespace) -> int:
    environments = Environments(Path(sys.prefix), given.openstack.resolve())
    up(given.description, given.directory.resolve(), environments, given.boot_seconds, _say)
    return 0


def _status(given: Namespace) -> int:
    laboratory = Laboratory(given.directory.resolve())
    _, deployment = rehearsed_in(laboratory)
    for line in status(laboratory, deployment):
        _say(line)
    return 0


def _faults(given: Namespace) -> int:
    wanted = [fault for fault in faults() if given.only is None or fault.name in given.only]
    if unknown := set(given.only or ()) - {fault.name for fault in faults()}:
        print(f"there is no fault {', '.join(sorted(unknown))}; see --help", file=sys.stderr)
        return 2
    laboratory = Laboratory(given.directory.resolve())
    with laboratory.alone():
        _say(report.heading())
        found = rounds(laboratory, wanted, given.times, given.json, _told)
    _say(report.summary(found))
    if given.page is not None:
        given.page.write_text(report.page(found))
    return 0 if report.good(found) else 1


def _told(result: Result) -> None:
    _say("\n".join((report.row(result), *report.details(result))))


def _run_there(given: Namespace) -> int:
    laboratory = Laboratory(given.directory.resolve())
    prefix = laboratory.outside() if given.node == "clients" else laboratory.entering(given.node)
    words = [word for word in given.command if word != "--"] or ["bash"]
    return subprocess.run([*prefix, *words], check=False).returncode  # noqa: S603 - what the user wants


def _down(given: Namespace) -> int:
    _say(remove(given.directory.resolve()))
    return 0


def _run(given: Namespace) -> int:
    status: int = given.act(given)
    return status


COMMAND = Command("lab", "run a description on this machine, and break it", _arguments, _run)
