"""Runs tests of policies, tells all that is other than wanted and why, and which rules no test made use of."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from congress import datalog
from congress.authoring import loading, rows
from congress.authoring.cases import Case
from congress.authoring.findings import printed
from congress.authoring.parameters import with_values
from congress.authoring.project import PolicySource, Project
from congress.authoring.schemas import Schemas
from congress.datalog.core import TableId
from congress.datalog.syntax.ast import Conjunction, Rule, Source
from congress.datalog.values import Row, row, row_sort_key
from congress.engine.workspace import Limits, Workspace, default_watch
from congress.errors import CongressError


class Ruled(NamedTuple):
    """A rule of the project: its policy, its canonical text, and where it stands."""

    policy: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test went: everything that is other than wanted, as text, and the rules that found something."""

    case: Case
    failures: tuple[str, ...]
    seconds: float
    used: frozenset[Ruled] = frozenset()


def rules(project: Project) -> dict[Ruled, str]:
    """The rules whose use can be seen, with the query that asks for their body. Rules of action policies are used by
    simulations only, and are left out."""
    found = {}
    for source in project.policies:
        program = datalog.parse(source.text, source=source.origin)
        for statement in program.statements if source.kind != "action" else ():
            if isinstance(statement, Rule):
                body = datalog.print_statement(Conjunction(statement.body))
                line = statement.span.line
                found[Ruled(source.name, datalog.print_statement(statement), source.origin, line)] = body
    return found


class Runner:
    """Runs tests of one project, whose policies have no mistakes."""

    def __init__(self, project: Project, schemas: Schemas, limits: Limits) -> None:
        self._project, self._schemas, self._limits = project, schemas, limits
        self.rules = rules(project)

    def run(self, case: Case) -> Outcome:
        """Never raises what the policies or the test are to blame for: that makes the test fail."""
        began = time.monotonic()
        used: frozenset[Ruled] = frozenset()
        try:
            workspace = self._load(case)
            failures = tuple(self._judge(workspace, case))
            used = frozenset(self._used(workspace))
        except CongressError as error:
            failures = (str(error),)
        return Outcome(case, failures, time.monotonic() - began, used)

    def _load(self, case: Case) -> Workspace:
        policies = [self._with_parameters(source, case) for source in self._project.policies]
        names = [source.name for source in policies]
        schemas = rows.with_inferred(self._schemas, case.rows, names)
        arranged = rows.arranged(case.rows, schemas, names, "the test's rows")
        project = replace(self._project, policies=tuple(policies))
        return loading.loaded(project, schemas, arranged, now=case.now, limits=self._limits)

    def _with_parameters(self, source: PolicySource, case: Case) -> PolicySource:
        if source.name != case.policy or not case.parameters:
            return source
        return with_values(source, {**source.values, **case.parameters})

    def _used(self, workspace: Workspace) -> Iterator[Ruled]:
        for rule, body in self.rules.items():
            if workspace.query(rule.policy, body, limits=self._limits):
                yield rule

    # -- judging

    def _judge(self, workspace: Workspace, case: Case) -> Iterator[str]:
        if case.want is not None:
            yield from self._tables(workspace, case, case.want)
        if case.query is not None:
            found = workspace.query(case.policy, case.query, limits=self._limits)
            yield from _differences("answer", found, case.answers)
        if case.simulate is not None:
            yield from _differences("answer", self._simulated(workspace, case.policy, case.simulate), case.answers)

    def _simulated(self, workspace: Workspace, policy: str, given: Any) -> Iterable[str]:
        answer = workspace.simulate(
            policy,
            given["query"],
            given["sequence"],
            given.get("action_policy", policy),
            delta=given.get("delta", False),
        )
        return answer.result

    def _tables(self, workspace: Workspace, case: Case, want: Any) -> Iterator[str]:
        wanted = {_full(table, case.policy): {row(each) for each in found} for table, found in want.items()}
        for name in workspace.defined(case.policy):
            if default_watch(TableId(case.policy, name)):
                wanted.setdefault(TableId(case.policy, name), set())
        for table, rows_wanted in wanted.items():
            found = set(workspace.rows(table.policy, table.name))
            for each in sorted(rows_wanted - found, key=row_sort_key):
                yield f"missing: {printed(str(table), each)}\n{_indented(_why_not(workspace, table, each))}"
            for each in sorted(found - rows_wanted, key=row_sort_key):
                why = workspace.explain(table.policy, table.name, each).to_text()
                yield f"unexpected: {printed(str(table), each)}\n{_indented(why)}"


def _full(table: str, policy: str) -> TableId:
    head, colon, rest = table.partition(":")
    return TableId(head, rest) if colon and "[" not in head else TableId(policy, table)


def _why_not(workspace: Workspace, table: TableId, wanted: Row) -> str:
    try:
        return workspace.explain_absence(table.policy, table.name, wanted).to_text()
    except CongressError as error:
        return str(error)


def _differences(what: str, found: Iterable[str], wanted: Iterable[str]) -> Iterator[str]:
    """Answers are compared as formulas, however they are spaced."""
    have, want = set(found), {_canonical(text) for text in wanted}
    yield from (f"missing {what}: {text}" for text in sorted(want - have))
    yield from (f"unexpected {what}: {text}" for text in sorted(have - want))


def _canonical(text: str) -> str:
    program, problems = datalog.parse_around(Source("<answer>", text))
    return text if problems or len(program.statements) != 1 else datalog.print_statement(program.statements[0])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
