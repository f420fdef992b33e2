"""`congress-cluster plan`: the steps that `apply` would do now, each with its reason."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from congress.cli.cluster.carrying import shown
from congress.cli.cluster.command import Command, deployed
from congress.cli.cluster.machines import reaching, takes_machines
from congress.cluster.plan.desired import desired
from congress.cluster.plan.planner import plan
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step
from congress.cluster.secrets import mark


def _arguments(parser: ArgumentParser) -> None:
    takes_machines(parser)
    parser.add_argument("--from-nothing", action="store_true", help="for machines with nothing on them; asks nobody")
    parser.add_argument("--expect-none", action="store_true", help="fail when there is something to do")
    parser.add_argument("--conditions", action="store_true", help="show what each step presumes and brings about")
    parser.add_argument("--json", action="store_true", help="one JSON object for each step")


def _run(given: Namespace) -> int:
    steps = tuple(plan(desired(deployed(given), mark), State())) if given.from_nothing else reaching(given).plan()
    for number, step in enumerate(steps, 1):
        print(json.dumps(_json(step)) if given.json else shown(step, number, conditions=given.conditions))
    if not given.json:
        print(f"{len(steps)} steps" if steps else "nothing to do: everything is as described")
    return 1 if steps and given.expect_none else 0


def _json(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "reason": step.reason,
        "needs": [str(condition) for condition in step.before],
        "then": [str(condition) for condition in step.after],
        "within": step.within,
    }


COMMAND = Command("plan", "say which steps would make the machines as described, and why", _arguments, _run)
