"""`congress-cluster diff`: what differs between the machines and the description."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.cluster.command import Command
from congress.cli.cluster.machines import runner, takes_machines, wanted
from congress.cluster.apply.applying import Applying
from congress.cluster.apply.differing import differences


def _arguments(parser: ArgumentParser) -> None:
    takes_machines(parser)
    parser.add_argument("--expect-none", action="store_true", help="fail when there is a difference")


def _run(given: Namespace) -> int:
    what = wanted(given)
    way = runner(given, what.deployment)
    found = tuple(differences(what, Applying(what, way).state(), way))
    for line in found:
        print(line)
    if not found:
        print("no difference")
    return 1 if found and given.expect_none else 0


COMMAND = Command("diff", "show what differs between the machines and the description", _arguments, _run)
