"""`congress-cluster upgrade`: the newest packages, on one node after the other."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.cluster.carrying import carry_out, takes_plan
from congress.cli.cluster.command import Command
from congress.cluster.daytwo.rolling import upgrade


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("round", help="a name for this time; with the same name an interrupted round goes on")
    takes_plan(parser)


def _run(given: Namespace) -> int:
    return carry_out(
        given,
        lambda machines, state: upgrade(machines.desired, state, given.round),
        f"nothing to do: round {given.round} is over",
    )


COMMAND = Command("upgrade", "install the newest packages on one node after the other", _arguments, _run)
