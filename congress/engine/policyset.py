"""Policies and datasources by name: their statements, the rules these were lowered to, and the names in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from congress.datalog import DatalogError, IncompleteSchema, check_program, check_rule, parse_statement, print_statement
from congress.datalog.catalog import DATASOURCE
from congress.datalog.core import Atom, Rule, TableId
from congress.datalog.syntax import ast
from congress.engine.errors import PolicyExists, RuleExists, RuleMissing, UnknownPolicy
from congress.engine.plan import Pred

Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement of a policy, and its rule; None while the statement waits for a datasource's columns."""

    statement: ast.Statement
    text: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Policy:
    """`entries` by rule key (by text while they wait); `columns` is None for everything but datasources."""

    name: str
    kind: str
    abbreviation: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    columns: Columns | None = None
    preds: Mapping[str, Pred] = field(default_factory=dict)
    """The tables of a datasource as the engine knows them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a change of policies means to the engine."""

    added: tuple[Rule, ...] = ()
    removed: tuple[Rule, ...] = ()


Saved = dict[str, Policy]


class PolicySet:
    """The policies in force; implements `datalog.Catalog`. Changes can be undone with `restore(saved)`."""

    def __init__(self) -> None:
        self._policies: dict[str, Policy] = {}
        self.version = 0
        """Another number after every change: what was worked out from the rules holds while it stays."""
        self._arities: dict[TableId, dict[int, int]] = {}
        """How many uses each table has at each arity, in heads, facts and bodies."""

    def copy(self) -> PolicySet:
        """Another set with the same policies, to try a change on."""
        other = PolicySet()
        other._policies = dict(self._policies)
        other._arities = {table: dict(uses) for table, uses in self._arities.items()}
        return other

    # -- undoing

    def save(self) -> Saved:
        """What `restore` takes back to; cheap, since policies are replaced and not changed."""
        return dict(self._policies)

    def restore(self, saved: Saved) -> None:
        """Forget every change since `saved`."""
        self._policies = dict(saved)
        self.version += 1
        self._arities = {}
        for policy in self._policies.values():
            for entry in policy.entries.values():
                if entry.rule:
                    self._count(entry.rule, 1)

    # -- the catalog

    def kind(self, policy: str) -> str | None:
        known = self._policies.get(policy)
        return known.kind if known else None

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        known = self._policies.get(policy)
        return known.columns.get(table) if known and known.columns else None

    def tables(self, policy: str) -> Iterable[str] | None:
        known = self._policies.get(policy)
        if known is None:
            return None
        if known.columns is not None:
            return list(known.columns)
        return self.table_names(policy)

    def arity(self, policy: str, table: str) -> int | None:
        uses = self._arities.get(TableId(policy, table))
        return next(iter(uses)) if uses else None

    def arities(self, table: TableId) -> tuple[int, ...]:
        """Every number of columns that a table is used with, or has by its schema."""
        found = dict(self._arities.get(table, {}))
        columns = self.columns(table.policy, table.name)
        if columns is not None:
            found[len(columns)] = 1
        return tuple(found)

    # -- reading

    def __iter__(self) -> Iterator[Policy]:
        return iter([self._policies[name] for name in sorted(self._policies)])

    def get(self, name: str) -> Policy:
        """The policy of a name. Raises UnknownPolicy."""
        policy = self._policies.get(name)
        if policy is None:
            raise UnknownPolicy(name)
        return policy

    def rules(self) -> Iterator[Rule]:
        """The rules (not the facts) of all policies."""
        for policy in self._policies.values():
            for entry in policy.entries.values():
                if entry.rule is not None and not is_fact(entry):
                    yield entry.rule

    def rules_of(self, name: str) -> list[Rule]:
        """The rules (not the facts) of one policy, in the order in which they came. Raises UnknownPolicy."""
        entries = self.get(name).entries.values()
        return [entry.rule for entry in entries if entry.rule is not None and not is_fact(entry)]

    def table_names(self, name: str) -> list[str]:
        """The tables of a policy, sorted: those of a datasource's schema, or all that its statements mention but
        builtins."""
        policy = self.get(name)
        if policy.columns is not None:
            return sorted(policy.columns)
        found: set[str] = set()
        for entry in policy.entries.values():
            found.update(_mentioned(entry))
        return sorted(found)

    def defines(self, table: TableId) -> bool:
        """Whether a rule or fact has the table in its head."""
        known = self._policies.get(table.policy)
        entries = known.entries.values() if known else ()
        return any(entry.rule is not None and entry.rule.table == table for entry in entries)

    def defined(self, name: str) -> list[str]:
        """The tables that have a rule or fact in a policy, sorted. Raises UnknownPolicy."""
        entries = self.get(name).entries.values()
        return sorted({entry.rule.table.name for entry in entries if entry.rule is not None})

    # -- changing

    def create(self, name: str, kind: str, abbreviation: str) -> None:
        """Raises PolicyExists."""
        if name in self._policies:
            raise PolicyExists(name)
        self._policies[name] = Policy(name, kind, abbreviation)
        self.version += 1

    def abbreviate(self, name: str, abbreviation: str) -> None:
        """Raises UnknownPolicy."""
        self._policies[name] = replace(self.get(name), abbreviation=abbreviation)

    def delete(self, name: str) -> Edit:
        """Raises UnknownPolicy."""
        policy = self.get(name)
        removed = tuple([entry.rule for entry in policy.entries.values() if entry.rule])
        for rule in removed:
            self._count(rule, -1)
        del self._policies[name]
        self.version += 1
        return Edit((), removed)

    def insert(self, name: str, texts: Sequence[str], wait: bool) -> tuple[list[str], Edit]:
        """Add statements; repeats inside `texts` count once. Answers canonical texts. Raises RuleExists,
        DatalogError."""
        return self.insert_statements(name, [parse_statement(text) for text in texts], wait)

    def insert_statements(
        self, name: str, statements: Iterable[ast.Statement], wait: bool = False
    ) -> tuple[list[str], Edit]:
        """As `insert`, of what was parsed already."""
        policy = self.get(name)
        entries = [self._entry(policy, statement, wait) for statement in statements]
        fresh: dict[str, Entry] = {}
        for entry in entries:
            key = _key(entry)
            if key in policy.entries:
                raise RuleExists(name, entry.text)
            fresh.setdefault(key, entry)
        added = tuple([entry.rule for entry in fresh.values() if entry.rule])
        check_program(self.rules(), added, self)
        self._policies[name] = replace(policy, entries={**policy.entries, **fresh})
        self.version += 1
        for rule in added:
            self._count(rule, 1)
        return [entry.text for entry in entries], Edit(added)

    def remove(self, name: str, texts: Sequence[str]) -> Edit:
        """Raises RuleMissing, DatalogError."""
        policy = self.get(name)
        entries = dict(policy.entries)
        removed = []
        for text in texts:
            key = self._find(policy, parse_statement(text), entries)
            if key is None:
                raise RuleMissing(name, print_statement(parse_statement(text)))
            found = entries.pop(key)
            if found.rule:
                removed.append(found.rule)
        self._policies[name] = replace(policy, entries=entries)
        self.version += 1
        for rule in removed:
            self._count(rule, -1)
        return Edit((), tuple(removed))

    def _find(self, policy: Policy, statement: ast.Statement, entries: Mapping[str, Entry]) -> str | None:
        """The key of a statement: of one that waits, its text. Columns may have changed, or be gone, since the rule was
        lowered; then it is looked for by its text."""
        text = print_statement(statement)
        if text in entries:
            return text
        try:
            key = _key(self._entry(policy, statement, wait=True))
        except DatalogError:
            key = text
        if key in entries:
            return key
        return next((key for key, entry in entries.items() if entry.text == text), None)

    def declare(self, name: str, columns: Columns) -> Edit:
        """Set a datasource's schema, and lower anew whatever refers to it. Raises PolicyExists."""
        known = self._policies.get(name)
        if known is not None and known.columns is None:
            raise PolicyExists(name)
        if known is not None and known.columns == columns:
            return Edit()
        preds = {table: Pred(TableId(name, table), len(names)) for table, names in columns.items()}
        self._policies[name] = Policy(name, DATASOURCE, name[:5], columns=columns, preds=preds)
        self.version += 1
        added: list[Rule] = []
        removed: list[Rule] = []
        for policy in list(self._policies.values()):
            self._lower_anew(policy, name, added, removed)
        return Edit(tuple(added), tuple(removed))

    def _lower_anew(self, policy: Policy, datasource: str, added: list[Rule], removed: list[Rule]) -> None:
        entries: dict[str, Entry] = {}
        for key, entry in policy.entries.items():
            if not _refers_to(entry, datasource):
                entries[key] = entry
                continue
            renewed = self._renew(policy, entry)
            entries[_key(renewed)] = renewed
            if renewed.rule == entry.rule:
                continue
            if entry.rule:
                removed.append(entry.rule)
                self._count(entry.rule, -1)
            if renewed.rule:
                added.append(renewed.rule)
                self._count(renewed.rule, 1)
        self._policies[policy.name] = replace(policy, entries=entries)

    def _renew(self, policy: Policy, entry: Entry) -> Entry:
        """The entry lowered with the columns now known; it waits when it does not fit them."""
        try:
            renewed = self._entry(policy, entry.statement, wait=True)
            if renewed.rule is not None and renewed.rule != entry.rule:
                check_program(self.rules(), [renewed.rule], self)
        except DatalogError:
            return replace(entry, rule=None)
        return renewed

    def _entry(self, policy: Policy, statement: ast.Statement, wait: bool) -> Entry:
        text = print_statement(statement)
        try:
            return Entry(statement, text, check_rule(statement, policy.name, policy.kind, self))
        except IncompleteSchema:
            if not wait:
                raise
            return Entry(statement, text, None)

    def _count(self, rule: Rule, times: int) -> None:
        uses = [(rule.table, len(rule.head))]
        uses += [
            (literal.body.table, len(literal.body.args)) for literal in rule.body if isinstance(literal.body, Atom)
        ]
        for table, arity in uses:
            counts = self._arities.setdefault(table, {})
            counts[arity] = counts.get(arity, 0) + times
            if not counts[arity]:
                del counts[arity]
                if not counts:
                    del self._arities[table]


def is_fact(entry: Entry) -> bool:
    """Whether the statement is a fact; `p(1) :- true` is a rule, although its body is empty in core form."""
    return isinstance(entry.statement, ast.Fact)


def _key(entry: Entry) -> str:
    if entry.rule is None:
        return entry.text
    return entry.rule.key if is_fact(entry) else ":- " + entry.rule.key


def _atoms(entry: Entry) -> Iterator[ast.Atom]:
    statement = entry.statement
    if isinstance(statement, ast.Fact):
        yield statement.atom
        return
    yield from statement.heads
    for literal in statement.body:
        yield literal.atom


def _refers_to(entry: Entry, policy: str) -> bool:
    return any(atom.policy == policy for atom in _atoms(entry))


def _mentioned(entry: Entry) -> Iterator[str]:
    called = set()
    if entry.rule is not None:
        called = {literal.body.builtin.name for literal in entry.rule.body if not isinstance(literal.body, Atom)} | {
            "now"
        }
    for atom in _atoms(entry):
        if atom.modal or atom.policy == "builtin" or (atom.policy is None and atom.name in called):
            continue
        yield f"{atom.policy}:{atom.name}" if atom.policy else atom.name
