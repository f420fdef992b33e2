"""Every table has one number of columns, wherever it is used."""

from __future__ import annotations

from collections.abc import Iterable

from congress.datalog import core
from congress.datalog.catalog import DATASOURCE, Catalog
from congress.datalog.diagnostics import Diagnostic, diagnose


def is_checked(table: core.TableId, catalog: Catalog) -> bool:
    """Datasources are checked with their columns; action policies may use a name with several arities; modals and tables
    of policies that do not exist have no columns to speak of."""
    if table.name.endswith("]") or table.policy == core.TRUE_TABLE_POLICY:
        return False
    return catalog.kind(table.policy) not in (None, "action", DATASOURCE)


def check_arity(rules: Iterable[core.Rule], catalog: Catalog) -> list[Diagnostic]:
    """Problems of new rules with the tables in use and among themselves."""
    problems = []
    permitted: dict[core.TableId, int | None] = {}
    for rule in rules:
        for table, given in uses(rule):
            if table not in permitted:
                permitted[table] = catalog.arity(table.policy, table.name) if is_checked(table, catalog) else -1
            if permitted[table] is None:
                permitted[table] = given
            if permitted[table] not in (-1, given):
                problems.append(mismatch(table, given, permitted[table], rule.text))
    return problems


def uses(rule: core.Rule) -> Iterable[tuple[core.TableId, int]]:
    """Tables that the rule mentions, each with the number of arguments."""
    yield rule.table, len(rule.head)
    for literal in rule.body:
        if isinstance(literal.body, core.Atom):
            yield literal.body.table, len(literal.body.args)


def mismatch(table: core.TableId, given: int, permitted: int | None, text: str) -> Diagnostic:
    message = f"Literal {table} contained {given} arguments but exactly {permitted} arguments are permitted, in {text}"
    hint = f"table {table} is used with {permitted} columns elsewhere"
    return diagnose("arity-mismatch", message, hint=hint)
