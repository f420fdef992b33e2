"""Every table has one number of columns, wherever it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from congress.datalog import core
from congress.datalog.catalog import DATASOURCE, Catalog
from congress.datalog.diagnostics import Diagnostic
from congress.datalog.passes.places import Terms, print_use, problem_in_body, problem_in_head

UNCHECKED = -1


def is_checked(table: core.TableId, catalog: Catalog) -> bool:
    """Whether a table has one arity everywhere. Datasources are checked with their columns; action policies may use a
    name with several arities; modals and tables of policies that do not exist have no columns to speak of."""
    if table.name.endswith("]") or table.policy == core.TRUE_TABLE_POLICY:
        return False
    return catalog.kind(table.policy) not in (None, "action", DATASOURCE)


def permitted_arity(table: core.TableId, catalog: Catalog) -> int | None:
    """The number of columns that uses of the table must have: None when the first use decides, UNCHECKED for any."""
    return catalog.arity(table.policy, table.name) if is_checked(table, catalog) else UNCHECKED


def check_arity(rules: Iterable[core.Rule], catalog: Catalog) -> list[Diagnostic]:
    """Problems of new rules with the tables in use and among themselves."""
    problems = []
    permitted: dict[core.TableId, int | None] = {}
    for rule in rules:
        for table, terms, atom in _uses(rule):
            given = len(terms)
            if table not in permitted:
                permitted[table] = permitted_arity(table, catalog)
            wanted = permitted[table]
            if wanted is None:
                permitted[table] = given
            elif wanted not in (UNCHECKED, given):
                message = mismatch(print_use(rule.policy, table, terms), given, wanted)
                hint = f"table {table} has {wanted} columns elsewhere"
                if atom is None:
                    problems.append(problem_in_head("arity-mismatch", message, rule, hint=hint))
                else:
                    problems.append(problem_in_body("arity-mismatch", message, rule, atom, hint=hint))
    return problems


def mismatch(written: str, given: int, permitted: int) -> str:
    return f"Literal {written} contained {given} arguments but exactly {permitted} arguments are permitted"


def _uses(rule: core.Rule) -> Iterator[tuple[core.TableId, Terms, core.Atom | None]]:
    """Tables that the rule mentions, with their terms, and the atom when it is in the body."""
    yield rule.table, rule.head, None
    for literal in rule.body:
        if isinstance(literal.body, core.Atom):
            yield literal.body.table, literal.body.args, literal.body
