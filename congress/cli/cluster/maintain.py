"""`congress-cluster maintain`: take a node out for work on it, and let it take part again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.cluster.carrying import carry_out, takes_plan
from congress.cli.cluster.command import Command
from congress.cluster.daytwo.rolling import maintain, resume


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("node", help="its name in the description")
    parser.add_argument("--over", action="store_true", help="the work is over: let it take part again")
    takes_plan(parser)


def _run(given: Namespace) -> int:
    planned, state = (resume, "takes part") if given.over else (maintain, "runs nothing")
    return carry_out(
        given,
        lambda machines, now: planned(machines.desired, now, given.node),
        f"nothing to do: {given.node} {state} already",
    )


COMMAND = Command("maintain", "take a node out for work on it, or let it take part again", _arguments, _run)
