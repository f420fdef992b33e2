"""What the policies of a workspace find."""

from __future__ import annotations

from collections.abc import Iterable

from congress.authoring.errors import QuestionUnclear
from congress.datalog import parse_statement, print_value
from congress.datalog.core import TableId
from congress.datalog.syntax.ast import Constant, Fact
from congress.datalog.values import Row
from congress.engine.workspace import Workspace, default_watch


def watched(workspace: Workspace, policies: Iterable[str]) -> dict[str, list[Row]]:
    """The rows of `error`, `warning` and `execute[…]` of each policy, by full name."""
    return {
        f"{policy}:{table}": workspace.rows(policy, table)
        for policy in policies
        for table in workspace.defined(policy)
        if default_watch(TableId(policy, table))
    }


def row_of(text: str, asked: str) -> tuple[str, str, Row]:
    """Policy, table and row that a fact such as `error("vm-1")` or `shop:error("vm-1")` means, in a policy that is
    asked. Raises QuestionUnclear, DatalogError."""
    statement = parse_statement(text, source="<row>")
    atom = statement.atom if isinstance(statement, Fact) else None
    if atom is None or not all(isinstance(argument, Constant) for argument in atom.args):
        raise QuestionUnclear(f'{text} is no row; give a table with values, such as error("vm-1")')
    row = tuple([argument.value for argument in atom.args if isinstance(argument, Constant)])
    if atom.modal:
        return asked, f"{atom.modal}[{atom.policy or asked}:{atom.name}]", row
    return atom.policy or asked, atom.name, row


def printed(table: str, row: Row) -> str:
    """A row as a fact."""
    return f"{table}({', '.join(map(print_value, row))})"
