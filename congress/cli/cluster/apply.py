"""`congress-cluster apply`: make the machines as described, step by step."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.cluster.carrying import carry_out, takes_plan
from congress.cli.cluster.command import Command, described
from congress.cluster.checks.gathering import require_sound
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.up import remember
from congress.cluster.plan.planner import plan
from congress.cluster.services.registry import services


def _arguments(parser: ArgumentParser) -> None:
    takes_plan(parser)
    parser.add_argument("--despite-errors", action="store_true", help="also when a check finds errors")


def _run(given: Namespace) -> int:
    if not given.despite_errors:
        require_sound(described(given), services())
    nothing = "nothing to do: everything is as described"
    status = carry_out(given, lambda machines, state: plan(machines.desired, state), nothing)
    if given.lab is not None and status == 0 and not given.dry_run:
        remember(Laboratory(given.lab.resolve()), given.description)
    return status


COMMAND = Command(
    "apply", "make the machines as described, step by step; again, it goes on from there", _arguments, _run
)
