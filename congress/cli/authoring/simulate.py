"""`congress simulate`: what a query would answer after changes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.authoring.command import Command, Result
from congress.cli.authoring.given import policy_option, world, world_options


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help="an atom, a conjunction or a rule")
    parser.add_argument("sequence", metavar="SEQUENCE", help='the changes: p+("a") nova:servers-("s1", ...)')
    world_options(parser)
    policy_option(parser)
    parser.add_argument("--action-policy", metavar="NAME", help="the policy that describes actions (default: --policy)")
    parser.add_argument("--delta", action="store_true", help="show what comes and goes, not what there is then")
    parser.add_argument("--trace", action="store_true", help="show the steps, too")


def _run(given: Namespace) -> Result:
    found = world(given)
    policy = found.asked(given.policy)
    answer = found.workspace().simulate(
        policy, given.query, given.sequence, given.action_policy or policy, delta=given.delta, trace=given.trace
    )
    shown = "\n".join(answer.result) or ("no difference" if given.delta else "no answers")
    return Result(
        f"{answer.trace or ''}{shown}", {"result": list(answer.result), "trace": answer.trace, "delta": given.delta}
    )


COMMAND = Command(
    "simulate",
    "show what a query would answer after changes",
    _options,
    _run,
    "Rows and rules may come and go, and actions of an action policy may be taken; nothing is kept.",
    {
        "result": "answers as formulas; with `--delta`, those that come and go",
        "trace": "the steps, null without `--trace`",
        "delta": "whether `--delta` was given",
    },
)
