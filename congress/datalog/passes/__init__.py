"""The checks and rewrites between syntax tree and core language, each in a file of its own.

`STATEMENT_PASSES` run in this order on one statement; when a pass finds problems, the later ones do not run, so that
one mistake is reported once. `check_program` looks at all rules together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from congress.datalog import core
from congress.datalog.catalog import Catalog
from congress.datalog.diagnostics import DatalogError
from congress.datalog.graph import strongly_connected
from congress.datalog.passes.aggregates import resolve_head_terms
from congress.datalog.passes.arity import check_arity
from congress.datalog.passes.draft import Draft
from congress.datalog.passes.literals import resolve_body
from congress.datalog.passes.names import resolve_head
from congress.datalog.passes.safety import check_fact, check_head, order_body
from congress.datalog.passes.stratify import check_strata, dependencies, group
from congress.datalog.passes.structure import check_structure
from congress.datalog.passes.termination import check_termination

STATEMENT_PASSES: tuple[Callable[[Draft], None], ...] = (
    check_structure,
    resolve_head,
    resolve_head_terms,
    resolve_body,
    check_fact,
    order_body,
    check_head,
)


def run_statement_passes(draft: Draft) -> Draft:
    """The draft with everything resolved. Raises DatalogError, IncompleteSchema."""
    for check in STATEMENT_PASSES:
        check(draft)
        draft.raise_problems()
    return draft


def check_program(rules: Iterable[core.Rule], new: Iterable[core.Rule], catalog: Catalog) -> None:
    """Check what new rules do to the program: arities, stratification, termination.

    `rules` are those in force; whether the new ones are among them does not matter. Only what the new rules can reach
    is looked at. Raises DatalogError.
    """
    added = list(new)
    by_table = group([*rules, *added])
    edges = dependencies(by_table, [rule.table for rule in added])
    components = [
        frozenset(component)
        for component in strongly_connected(edges)
        if len(component) > 1 or component[0] in edges.get(component[0], ())
    ]
    problems = check_arity(added, catalog) + list(check_strata(by_table, edges, components))
    if not problems:
        problems += check_termination(by_table, components)
    if problems:
        raise DatalogError(dict.fromkeys(problems))
