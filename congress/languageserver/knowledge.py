"""What is known of the names in a project: tables and columns, where tables are defined, builtins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from congress.authoring.project import PolicySource, Project
from congress.authoring.schemas import ColumnInfo, Schemas
from congress.datalog import parse_around
from congress.datalog.builtins import BUILTINS, Z3_BUILTINS, Builtin
from congress.datalog.core import TableId
from congress.datalog.syntax.ast import Atom, Fact, Source, Span, Statement
from congress.datalog.syntax.printer import print_atom

BUILTIN = "builtin"


class Definition(NamedTuple):
    """A rule or fact of a table: the policy's file, and the place of the head in it."""

    origin: str
    span: Span
    head: str
    is_fact: bool


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`kind`: of the policy that is being written."""

    policy: str
    kind: str
    schemas: Schemas
    definitions: Mapping[TableId, tuple[Definition, ...]]

    def table(self, written: str) -> TableId:
        """The table that a name means in the policy that is being written."""
        policy, colon, name = written.partition(":")
        return TableId(policy, name) if colon else TableId(self.policy, written)

    def columns(self, table: TableId) -> tuple[ColumnInfo, ...] | None:
        """The columns of a datasource's table; None of anything else."""
        return self.schemas.get(table.policy, {}).get(table.name)

    def builtin(self, written: str) -> Builtin | None:
        """The builtin of a name, with or without its prefix."""
        found = (Z3_BUILTINS if self.kind == "z3" else BUILTINS).get(written.removeprefix(f"{BUILTIN}:"))
        return found if written.startswith(f"{BUILTIN}:") or self.table(written) not in self.definitions else None

    def builtins(self) -> Iterable[Builtin]:
        return (Z3_BUILTINS if self.kind == "z3" else BUILTINS).values()


def knowledge(project: Project, schemas: Schemas, source: PolicySource) -> Knowledge:
    """What is known while `source` is written, as far as the texts can be read."""
    found: dict[TableId, list[Definition]] = {}
    for each in project.policies:
        program, _problems = parse_around(Source(each.origin, each.text))
        for statement in program.statements:
            for head in _heads(statement):
                definition = Definition(each.origin, head.span, print_atom(head), isinstance(statement, Fact))
                found.setdefault(TableId(each.name, _name(head)), []).append(definition)
    return Knowledge(source.name, source.kind, schemas, {table: tuple(each) for table, each in found.items()})


def _heads(statement: Statement) -> tuple[Atom, ...]:
    return (statement.atom,) if isinstance(statement, Fact) else statement.heads


def _name(head: Atom) -> str:
    if head.modal:
        return f"{head.modal}[{head.policy}:{head.name}]" if head.policy else f"{head.modal}[{head.name}]"
    return head.name
