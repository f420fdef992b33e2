"""`congress-cluster apply`: make the machines as described, step by step."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from congress.cli.cluster.command import Command, described
from congress.cli.cluster.machines import reaching, takes_machines
from congress.cli.cluster.plan import shown
from congress.cluster.checks.gathering import require_sound
from congress.cluster.services.registry import services


def _arguments(parser: ArgumentParser) -> None:
    takes_machines(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before the first step")
    parser.add_argument("--despite-errors", action="store_true", help="also when a check finds errors")


def _run(given: Namespace) -> int:
    if not given.despite_errors:
        require_sound(described(given), services())
    machines = reaching(given)
    if not given.yes:
        steps = machines.plan()
        for number, step in enumerate(steps, 1):
            print(shown(step, number))
        if not steps:
            print("nothing to do: everything is as described")
            return 0
        if not _agreed(len(steps)):
            print("nothing was done", file=sys.stderr)
            return 1
    number, seconds = 0, 0.0
    for number, applied in enumerate(machines.apply(), 1):
        seconds += applied.seconds
        print(f"{shown(applied.step, number)}\n      done in {applied.seconds:.1f} s", flush=True)
    print(f"{number} steps in {seconds:.0f} s" if number else "nothing to do: everything is as described")
    return 0


def _agreed(number: int) -> bool:
    try:
        return input(f"do these {number} steps? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


COMMAND = Command(
    "apply", "make the machines as described, step by step; again, it goes on from there", _arguments, _run
)
