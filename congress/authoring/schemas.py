"""The tables that policies read: columns as drivers and manifests declare them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from congress.authoring.project import PolicySource, Project
from congress.datalog import parse_around
from congress.datalog.syntax.ast import Atom, Fact, Source, Statement


class ColumnInfo(NamedTuple):
    """A column; `type` is the name of one of `congress.datasources.celltypes`, empty where nothing is known."""

    name: str
    description: str = ""
    type: str = ""


Tables: TypeAlias = Mapping[str, tuple[ColumnInfo, ...]]
Schemas: TypeAlias = Mapping[str, Tables]
"""Datasource -> table -> columns."""


def names(schemas: Schemas) -> dict[str, dict[str, tuple[str, ...]]]:
    """The same with nothing but names, as a workspace takes them."""
    return {
        datasource: {table: tuple([column.name for column in columns]) for table, columns in tables.items()}
        for datasource, tables in schemas.items()
    }


def atoms(statement: Statement) -> Iterable[Atom]:
    """The atoms of a statement, heads first."""
    if isinstance(statement, Fact):
        return (statement.atom,)
    return (*statement.heads, *[literal.atom for literal in statement.body])


def mentioned(policies: Iterable[PolicySource]) -> set[str]:
    """The policies and datasources that the texts name, as far as they can be read."""
    found: set[str] = set()
    for source in policies:
        program, _problems = parse_around(Source(source.origin, source.text))
        found.update(
            atom.policy for statement in program.statements for atom in atoms(statement) if atom.policy is not None
        )
    return found


def undeclared(project: Project) -> set[str]:
    """Names of datasources that the policies mention and the manifest does not declare."""
    return mentioned(project.policies) - {each.name for each in project.policies} - set(project.manifest.datasources)


def tables_read(project: Project, schemas: Schemas) -> dict[str, set[str]]:
    """The tables of datasources that the policies mention, by datasource, as far as the texts can be read."""
    found: dict[str, set[str]] = {}
    for source in project.policies:
        program, _problems = parse_around(Source(source.origin, source.text))
        for statement in program.statements:
            for atom in atoms(statement):
                policy = atom.policy or ""
                if atom.table in schemas.get(policy, {}):
                    found.setdefault(policy, set()).add(atom.table)
    return found
