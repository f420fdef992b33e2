"""A project in a workspace: its policies in force over the rows that are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from congress import datalog
from congress.authoring import schemas as tables
from congress.authoring.project import PolicySource, Project
from congress.authoring.rows import Rows
from congress.authoring.schemas import Schemas
from congress.datalog.core import TableId
from congress.datalog.diagnostics import DatalogError
from congress.engine.workspace import Limits, Text, Transaction, Workspace


class Faulty(DatalogError):
    """The policies have mistakes and cannot be evaluated; `diagnostics` are those of `congress check`."""


def prepared(
    project: Project, schemas: Schemas, *, watch: Callable[[TableId], bool] | None = None, limits: Limits | None = None
) -> Workspace:
    """A workspace with the project's datasources and its policies, still without their statements."""
    workspace = Workspace(watch=watch, limits=limits)
    with workspace.transaction() as change:
        for name, columns in tables.names(schemas).items():
            change.set_datasource(name, columns)
        for source in project.policies:
            change.create_policy(source.name, source.kind, source.abbreviation)
            change.insert_rules(source.name, source.facts)
    return workspace


def texts(project: Project) -> list[Text]:
    """The policies' texts, as they are checked."""
    return [Text(source.name, source.text, source.origin) for source in project.policies]


def loaded(
    project: Project,
    schemas: Schemas,
    rows: Rows | None = None,
    *,
    now: str | None = None,
    watch: Callable[[TableId], bool] | None = None,
    limits: Limits | None = None,
) -> Workspace:
    """The project over these rows, at this time (`YYYY-MM-DD hh:mm:ss`). Raises Faulty, LimitExceeded."""
    workspace = prepared(project, schemas, watch=watch, limits=limits)
    problems = [
        problem.diagnostic for checked in workspace.check_texts(texts(project)) for problem in checked.problems
        if problem.severity == "error" and problem.diagnostic.code != "rule-exists"
    ]  # fmt: skip
    if problems:
        raise Faulty(problems)
    enforce(workspace, project)
    if now is not None:
        workspace.tick(now)
    if rows:
        with workspace.transaction() as change:
            fill(change, rows, {source.name: source for source in project.policies})
    return workspace


def enforce(workspace: Workspace, project: Project) -> None:
    """Give a prepared workspace the statements of the policies. Raises what the engine has against them."""
    with workspace.transaction() as change:
        for source in project.policies:
            change.insert_rules(source.name, statements(source))


def statements(source: PolicySource) -> Sequence[str]:
    """The statements of a policy's text, each once, without those that its parameters make."""
    found = dict.fromkeys(map(datalog.print_statement, datalog.parse(source.text, source=source.origin).statements))
    return [text for text in found if text not in source.facts]


def fill(change: Transaction, rows: Rows, policies: dict[str, PolicySource]) -> None:
    """Add the rows: those of a policy's tables as facts."""
    for source, by_table in rows.items():
        for table, found in by_table.items():
            if source not in policies:
                change.insert_rows(source, table, found)
                continue
            facts = dict.fromkeys(f"{table}({', '.join(map(datalog.print_value, cells))})" for cells in found)
            known = {*policies[source].facts, *statements(policies[source])}
            change.insert_rules(source, [fact for fact in facts if fact not in known])
