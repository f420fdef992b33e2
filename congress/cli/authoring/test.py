"""`congress test`: the tests beside policies."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from congress.authoring.cases import Case, cases_from
from congress.authoring.checking import check
from congress.authoring.files import read_yaml
from congress.authoring.loading import Faulty
from congress.authoring.project import Project
from congress.authoring.schemas import Schemas
from congress.authoring.testing import Outcome, Ruled, Runner
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import project_options, project_with_schemas
from congress.cli.authoring.progress import tracked
from congress.engine.workspace import Limits


def _options(parser: ArgumentParser) -> None:
    project_options(parser)
    parser.add_argument("--tests", action="append", type=Path, default=[], metavar="FILE", help="run these, not others")
    parser.add_argument("--only", metavar="TEXT", help="run only tests whose note has this text in it")
    parser.add_argument("--coverage", action="store_true", help="list the rules that no test made use of")
    parser.add_argument("--min-coverage", type=float, metavar="PERCENT", help="fail when fewer rules were made use of")


def _run(given: Namespace) -> Result:
    project, schemas = project_with_schemas(given)
    cases = [case for case in _cases(project, given.tests) if given.only is None or given.only in case.note]
    if not cases:
        return Result("there are no tests; they stand in files such as shop_test.yaml", {"tests": []}, Exit.FOUND)
    return report(*run_cases(project, schemas, cases), given.coverage, given.min_coverage)


def run_cases(project: Project, schemas: Schemas, cases: Sequence[Case]) -> tuple[list[Outcome], list[Ruled]]:
    """How the tests went, and the rules of the project. Raises Faulty."""
    mistakes = [each.problem.diagnostic for each in check(project, schemas).findings if each.is_error]
    if mistakes:
        raise Faulty(mistakes)
    runner = Runner(project, schemas, Limits())
    return [runner.run(case) for case in tracked(cases, "testing")], list(runner.rules)


def _cases(project: Project, files: Sequence[Path]) -> list[Case]:
    names, main = [each.name for each in project.policies], project.manifest.main
    return [case for file in files or project.tests for case in cases_from(read_yaml(file), str(file), names, main)]


def report(
    outcomes: Sequence[Outcome], rules: Sequence[Ruled], list_unused: bool = False, least: float | None = None
) -> Result:
    """All failures, and how many of the rules found something in some test."""
    used = frozenset[Ruled]().union(*[outcome.used for outcome in outcomes])
    unused = [rule for rule in rules if rule not in used]
    covered = 100.0 * (len(rules) - len(unused)) / len(rules) if rules else 100.0
    failed = [outcome for outcome in outcomes if outcome.failures]
    lines = [line for outcome in failed for line in _told(outcome)]
    if list_unused or (least is not None and covered < least):
        lines += [f"{rule.file}:{rule.line}: no test makes use of {rule.text}" for rule in unused]
    lines.append(
        f"{len(outcomes) - len(failed)} passed, {len(failed)} failed; "
        f"{len(rules) - len(unused)} of {len(rules)} rules made use of ({covered:.0f} %)"
    )
    data = {
        "tests": [_data(outcome) for outcome in outcomes],
        "passed": len(outcomes) - len(failed),
        "failed": len(failed),
        "coverage": {
            "rules": len(rules),
            "used": len(rules) - len(unused),
            "percent": round(covered, 1),
            "unused": [rule._asdict() for rule in unused],
        },
    }
    is_bad = failed or (least is not None and covered < least)
    return Result("\n".join(lines), data, Exit.FOUND if is_bad else Exit.FINE)


def _told(outcome: Outcome) -> list[str]:
    head = f"FAILED {outcome.case.file}: {outcome.case.note}"
    return [head, *[f"  {line}" for failure in outcome.failures for line in failure.splitlines()], ""]


def _data(outcome: Outcome) -> dict[str, object]:
    return {
        "file": outcome.case.file,
        "note": outcome.case.note,
        "passed": not outcome.failures,
        "failures": list(outcome.failures),
        "seconds": round(outcome.seconds, 4),
    }


COMMAND = Command(
    "test",
    "run the tests beside policies",
    _options,
    _run,
    "Every failure is told with the explanation of the row that is there, or is not. Rules whose bodies hold for "
    "nothing in any test count as not made use of; those of action policies are not counted.",
    {
        "tests": "each with `file`, `note`, `passed`, `failures`, `seconds`",
        "passed": "how many passed",
        "failed": "how many failed",
        "coverage": "`rules`, `used`, `percent`, and `unused`: each with `policy`, `text`, `file`, `line`",
    },
)
