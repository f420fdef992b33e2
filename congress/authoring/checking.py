"""What is wrong with a project: the diagnostics of its policies, and what its manifest forgot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from congress.authoring import loading
from congress.authoring.project import PolicySource, Project
from congress.authoring.schemas import Schemas
from congress.datalog import CODES, Diagnostic
from congress.engine.checking import CODES as ENGINE_CODES
from congress.engine.checking import UNDEFINED_TABLE, Problem
from congress.errors import CongressError
from congress.policies.parameters import declared

REFUSED = "refused-by-the-engine"
OWN_CODES = {
    REFUSED: "Policies that read well one by one, and that the engine refuses together; the message says why.",
}
ALL_CODES = {**CODES, **ENGINE_CODES, **OWN_CODES}
"""Every code that `congress check` and the language server tell, with its meaning in one line."""


class Finding(NamedTuple):
    """A problem in a policy of the project."""

    policy: str
    problem: Problem

    @property
    def is_error(self) -> bool:
        return self.problem.severity == "error"

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data; `line` and `column` count from 1, null where there is no place."""
        found = self.problem.diagnostic
        return {
            "policy": self.policy,
            "file": found.source_name,
            "line": found.span.line if found.span else None,
            "column": found.span.column if found.span else None,
            "severity": self.problem.severity,
            "code": found.code,
            "message": found.message,
            "hint": found.hint,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in the order of the project's policies and of their lines."""

    policies: int
    statements: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        return sum(finding.is_error for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


def check(project: Project, schemas: Schemas) -> Report:
    """All that is wrong with the policies, each thing once."""
    report = read_through(project, schemas)
    if report.errors:
        return report
    return replace(report, findings=(*report.findings, *_refused(project, schemas)))


def read_through(project: Project, schemas: Schemas) -> Report:
    """The same as far as it can be told without evaluating anything, which is what somebody who types waits for."""
    workspace = loading.prepared(project, schemas)
    checked = workspace.check_texts(loading.texts(project))
    findings = [
        Finding(source.name, problem)
        for source, found in zip(project.policies, checked, strict=True)
        for problem in sorted(found.problems, key=_place)
        if not _is_parameter(source, problem.diagnostic)
    ]
    return Report(len(project.policies), sum(len(each.statements) for each in checked), tuple(findings))


def _is_parameter(source: PolicySource, found: Diagnostic) -> bool:
    """Whether the table that nothing fills is that of a parameter: its value may be an empty list."""
    if found.code != UNDEFINED_TABLE or found.span is None:
        return False
    written = source.text[found.span.start : found.span.end].partition("(")[0].removeprefix(f"{source.name}:")
    return written.split()[-1] in {parameter.table for parameter in declared(source.parameters)}


def _place(problem: Problem) -> int:
    return problem.diagnostic.span.start if problem.diagnostic.span else 0


def _refused(project: Project, schemas: Schemas) -> Iterator[Finding]:
    """What only loading tells; there is no such thing as long as all checks are complete."""
    try:
        loading.enforce(loading.prepared(project, schemas), project)
    except CongressError as error:
        source = project.policies[0]
        yield Finding(source.name, Problem("error", Diagnostic(REFUSED, str(error), None, "", source.origin)))
