"""A small world for the tests of the language: one datasource and a policy of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from congress import datalog
from congress.datalog import core

KINDS = {
    "pol": "nonrecursive",
    "other": "nonrecursive",
    "action": "action",
    "solver": "z3",
    "facts": "database",
    "nova": "datasource",
    "late": "datasource",
}
COLUMNS = {
    "nova": {"servers": ("id", "name", "tenant_id", "status"), "flavors": ("id", "name"), "servers.tags": ("id", "tag")}
}


@dataclass
class World:
    """A catalog: `late` is a datasource whose tables are not known yet."""

    arities: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def kind(self, policy: str) -> str | None:
        return KINDS.get(policy)

    def tables(self, policy: str) -> Iterable[str] | None:
        return COLUMNS.get(policy)

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        return COLUMNS.get(policy, {}).get(table)

    def arity(self, policy: str, table: str) -> int | None:
        return self.arities.get((policy, table))


def check(text: str, policy: str = "pol", world: World | None = None) -> core.Rule:
    """The one rule of a text, checked as a rule of the policy."""
    return datalog.check_rule(datalog.parse_statement(text), policy, KINDS[policy], world or World())


def refused(text: str, policy: str = "pol") -> tuple[str, ...]:
    """The codes with which a rule is refused."""
    try:
        check(text, policy)
    except datalog.DatalogError as error:
        return error.codes
    raise AssertionError(f"accepted: {text}")


def body(text: str, policy: str = "pol") -> list[str]:
    """The body of a checked rule in the order of its evaluation, each literal as `[not] table(terms)`."""
    return [show(literal) for literal in check(text, policy).body]


def show(literal: core.Literal) -> str:
    atom = literal.body
    name = str(atom.table) if isinstance(atom, core.Atom) else atom.builtin.name
    terms = ", ".join(show_term(term) for term in atom.args)
    return f"{'not ' if literal.negated else ''}{name}({terms})"


def show_term(term: core.Term) -> str:
    if isinstance(term, core.Const):
        return repr(term.value)
    return term.name if isinstance(term, core.Var) else "_"
