"""`congress explain`: why a row holds, and why it does not."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.authoring.findings import row_of
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import policy_option, world, world_options


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("row", metavar="ROW", help='the row, as a fact: error("vm-1")')
    world_options(parser)
    policy_option(parser)


def _run(given: Namespace) -> Result:
    found = world(given)
    workspace = found.workspace()
    policy, table, row = row_of(given.row, found.asked(given.policy))
    holds = workspace.holds(policy, table, row)
    answer = workspace.explain(policy, table, row) if holds else workspace.explain_absence(policy, table, row)
    data = {"policy": policy, "table": table, "row": list(row), "holds": holds, "explanation": answer.to_data()}
    return Result(answer.to_text(), data, Exit.FINE if holds else Exit.FOUND)


COMMAND = Command(
    "explain",
    "say why a row holds, or why it does not",
    _options,
    _run,
    "A row that holds is shown with its derivation. For one that does not, each rule is shown with the premise that "
    "fails; the exit code is 1 then.",
    {
        "policy": "whose row it is",
        "table": "its table",
        "row": "its cells",
        "holds": "whether it is there",
        "explanation": "why, or why not, as the API tells it",
    },
)
