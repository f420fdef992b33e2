"""How commands that change machines show their plan, ask, and carry it out."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable

from congress.cli.cluster.machines import reaching, takes_machines
from congress.cluster.apply.applying import Applying
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step

Planned = Callable[[Applying, State], Iterable[Step]]


def takes_plan(parser: ArgumentParser) -> None:
    """Add the machines, and what is done with the plan."""
    takes_machines(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before the first step")
    parser.add_argument("--dry-run", action="store_true", help="show the steps, and do none")


def carry_out(given: Namespace, planned: Planned, nothing: str, absent: Iterable[str] = ()) -> int:
    """Show the steps, ask, do them. `nothing`: what is said when there are none; `absent`: nodes that are given up."""
    machines = reaching(given, absent)
    state = machines.state()
    steps = tuple(planned(machines, state))
    if not steps:
        print(nothing)
        return 0
    if given.dry_run or not given.yes:
        for number, step in enumerate(steps, 1):
            print(shown(step, number))
    if given.dry_run:
        return 0
    if not given.yes and not _agreed(len(steps)):
        print("nothing was done", file=sys.stderr)
        return 1
    seconds = 0.0
    for number, applied in enumerate(machines.carry_out(steps, state), 1):
        seconds += applied.seconds
        print(f"{shown(applied.step, number)}\n      done in {applied.seconds:.1f} s", flush=True)
    print(f"{len(steps)} steps in {seconds:.0f} s")
    return 0


def shown(step: Step, number: int, *, conditions: bool = False) -> str:
    """A step for people."""
    lines = [f"{number:4}. {step.name}", f"      {step.reason}"]
    if conditions:
        lines += [f"      needs: {condition}" for condition in step.before]
        lines += [f"      then:  {condition}" for condition in step.after]
    return "\n".join(lines)


def _agreed(number: int) -> bool:
    try:
        return input(f"do these {number} steps? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
