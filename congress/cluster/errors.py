"""What can be wrong with a description of a control plane."""

from __future__ import annotations

from dataclasses import dataclass

from congress.errors import CongressError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (file, line from 1, field as in `clusters.control.nodes[2]`), what, and what to
    write instead."""

    file: str
    line: int
    field: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.what}; {self.instead}"


class DescriptionError(CongressError):
    """A description that means nothing; `problems` has all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class UnsoundError(CongressError):
    """A description in which checks find errors; `findings` has the text of each."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        advice = "mend them; `congress-cluster check --explain CODE` says why"
        count = "1 error" if len(findings) == 1 else f"{len(findings)} errors"
        super().__init__("\n".join((*findings, f"{count} in the description: {advice}")))
