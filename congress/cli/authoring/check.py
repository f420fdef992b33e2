"""`congress check`: all that is wrong with policies."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.authoring.checking import check
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import project_options, project_with_schemas


def _options(parser: ArgumentParser) -> None:
    project_options(parser)
    parser.add_argument("--strict", action="store_true", help="let warnings count as mistakes")


def _run(given: Namespace) -> Result:
    report = check(*project_with_schemas(given))
    is_bad = report.errors or (given.strict and report.warnings)
    lines = [
        f"{'' if finding.is_error else 'warning: '}{finding.problem.diagnostic}" for finding in report.findings
    ]  # fmt: skip
    lines.append(
        f"{_counted(report.policies, 'policy', 'policies')}: "
        f"{_counted(report.errors, 'mistake')}, {_counted(report.warnings, 'warning')}"
    )
    data = {
        "policies": report.policies,
        "errors": report.errors,
        "warnings": report.warnings,
        "findings": [finding.to_data() for finding in report.findings],
    }
    return Result("\n".join(lines), data, Exit.FOUND if is_bad else Exit.FINE)


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


COMMAND = Command(
    "check",
    "say all that is wrong with policies",
    _options,
    _run,
    "Each mistake is told with its place, its code and a way out. Exits with 1 when there is one.",
    {
        "policies": "how many there are",
        "errors": "how many mistakes",
        "warnings": "how many warnings",
        "findings": "each with `policy`, `file`, `line`, `column`, `severity`, `code`, `message`, `hint`",
    },
)
