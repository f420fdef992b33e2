"""`congress eval`: what policies find in given rows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.authoring.findings import printed, watched
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import World, policy_option, world, world_options


def _options(parser: ArgumentParser) -> None:
    world_options(parser)
    policy_option(parser)
    parser.add_argument("--query", metavar="TEXT", help="an atom, a conjunction or a rule; its answers are shown")
    parser.add_argument("--fail", action="store_true", help="exit with 1 when anything is found")


def _run(given: Namespace) -> Result:
    found = world(given)
    result = _watched(found, given.policy) if given.query is None else _answers(found, given.policy, given.query)
    is_found = any(result.data.get("answers", ()) or result.data.get("tables", {}).values())
    return Result(result.text, result.data, Exit.FOUND if given.fail and is_found else Exit.FINE)


def _answers(found: World, policy: str | None, query: str) -> Result:
    answers = found.workspace().query(found.asked(policy), query, limits=found.limits)
    return Result("\n".join(answers) or "no answers", {"answers": list(answers)})


def _watched(found: World, policy: str | None) -> Result:
    names = [each.name for each in found.project.policies]
    tables = watched(found.workspace(), names if policy is None else [found.asked(policy)])
    lines = [printed(table, row) for table, rows in tables.items() for row in rows]
    lines.append(
        ", ".join(f"{table}: {len(rows)}" for table, rows in tables.items())
        or "no policy defines error, warning or execute[...]; ask with --query"
    )
    return Result("\n".join(lines), {"tables": {table: list(map(list, rows)) for table, rows in tables.items()}})


COMMAND = Command(
    "eval",
    "show what policies find in given rows",
    _options,
    _run,
    "Without --query, all rows of the tables error, warning and execute[...].",
    {
        "tables": "`policy:table` -> rows; without `--query`",
        "answers": "the answers as formulas; with `--query`",
    },
)
