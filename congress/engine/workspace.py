"""The façade: policies, their rules and the tables under them, in one object without I/O.

A `Workspace` owns the text-to-answer path: it parses and checks rules (`congress.datalog`), keeps their derived tables
up to date (an executor) and answers queries, simulations and explanations. The service, the command line and the tests
all use it and nothing below it.

All methods are safe to call from any thread. Readers see the state before or after a transaction, never between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from congress.datalog import instantiate, is_policy_name
from congress.datalog.catalog import DATASOURCE
from congress.datalog.core import FALSE, NOW, Atom, Query, Rule, TableId
from congress.datalog.values import Row, row_sort_key, sorted_rows
from congress.engine import checking, profiling, simulate, trace
from congress.engine.absence import Absence
from congress.engine.budget import Limits
from congress.engine.checking import Checked, Text
from congress.engine.errors import (
    InvalidPolicy,
    InvalidRow,
    LimitExceeded,
    PolicyExists,
    RowMissing,
    RuleExists,
    RuleMissing,
    UnknownPolicy,
    UnknownTable,
)
from congress.engine.executors import base
from congress.engine.executors.base import TableChange
from congress.engine.executors.compiled import CompiledExecutor
from congress.engine.executors.naive import NaiveExecutor
from congress.engine.explain import Bounds, Explainer, Explanation
from congress.engine.listings import Listings
from congress.engine.lookup import Lookup
from congress.engine.plan import Pred
from congress.engine.policyset import Edit, PolicySet, Saved
from congress.engine.profiling import Profile
from congress.engine.simulate import Simulation
from congress.engine.whynot import WhyNot

__all__ = [
    "KINDS",
    "Absence",
    "Bounds",
    "Checked",
    "Explanation",
    "InvalidPolicy",
    "InvalidRow",
    "LimitExceeded",
    "Limits",
    "PolicyExists",
    "PolicyInfo",
    "Profile",
    "RowMissing",
    "RuleExists",
    "RuleMissing",
    "Simulation",
    "TableChange",
    "Text",
    "Transaction",
    "UnknownPolicy",
    "UnknownTable",
    "Workspace",
]

KINDS = ("nonrecursive", "action", "database", "materialized", "z3", DATASOURCE)
"""Kinds of policies; `materialized`, `nonrecursive` and a created `datasource` differ in nothing."""


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A policy or datasource, as listed."""

    name: str
    kind: str
    abbreviation: str


class Transaction:
    """Changes to rules and rows that become visible together, or not at all. Obtained from `Workspace.transaction`.

    A method that raises leaves the transaction as it was before the call; an exception that leaves the `with` block
    undoes the whole transaction.
    """

    __slots__ = ("_changes", "_engine", "_inner", "_policies", "_saved")

    def __init__(self, policies: PolicySet, engine: base.Executor) -> None:
        self._policies = policies
        self._engine = engine
        self._inner: base.Transaction
        self._saved: Saved | None = None
        self._changes: tuple[TableChange, ...] | None = None

    def begin(self) -> None:
        """Start; the caller holds the lock."""
        self._inner = self._engine.begin()

    def __enter__(self) -> Transaction:
        self._engine.lock.acquire()
        try:
            self.begin()
        except BaseException:
            self._engine.lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                try:
                    self.commit()
                except BaseException:
                    self.rollback()
                    raise
            else:
                self.rollback()
        finally:
            self._engine.lock.release()

    # -- policies and datasources

    def create_policy(self, name: str, kind: str = "nonrecursive", abbreviation: str | None = None) -> None:
        """Add an empty policy. Raises PolicyExists, InvalidPolicy."""
        if not is_policy_name(name):
            raise InvalidPolicy(f"Policy name {name} is not a valid tablename")
        if kind not in KINDS:
            raise InvalidPolicy(f"Unknown kind of policy: {kind}")
        # Only a declared datasource has columns to look names up in; a policy that is merely called one holds rules.
        holds = "nonrecursive" if kind == DATASOURCE else kind
        with self._edit():
            self._policies.create(name, holds, name[:5] if abbreviation is None else abbreviation)

    def abbreviate(self, name: str, abbreviation: str) -> None:
        """Give a policy another abbreviation, which traces show. Raises UnknownPolicy."""
        with self._edit():
            self._policies.abbreviate(name, abbreviation)

    def delete_policy(self, name: str) -> None:
        """Remove a policy with all its rules; rules elsewhere that refer to it see empty tables.

        Raises UnknownPolicy.
        """
        with self._edit():
            self._apply(self._policies.delete(name))

    def set_datasource(self, name: str, tables: Mapping[str, Sequence[str]]) -> None:
        """Declare (or redeclare) a datasource and the column names of its tables; rules that waited for it are checked.

        Rows of tables that are gone, or have another number of columns now, are dropped. Raises PolicyExists.
        """
        columns = {table: tuple(names) for table, names in tables.items()}
        with self._edit():
            if self._policies.kind(name) == DATASOURCE:
                before = self._policies.get(name).columns or {}
                gone = [table for table, names in before.items() if len(columns.get(table, ())) != len(names)]
                self._drop_rows(name, gone)
            self._apply(self._policies.declare(name, columns))

    def remove_datasource(self, name: str) -> None:
        """Forget a datasource and its rows. Raises UnknownPolicy."""
        columns = self._policies.get(name).columns
        if columns is None:
            raise UnknownPolicy(name)
        with self._edit():
            self._drop_rows(name, columns)
            self._apply(self._policies.delete(name))

    def _drop_rows(self, name: str, tables: Iterable[str]) -> None:
        for table in tables:
            self._inner.replace(self._pred(name, table), ())

    # -- rules

    def insert_rules(self, policy: str, texts: Iterable[str], *, wait_for_schema: bool = False) -> list[str]:
        """Add rules or facts, one statement in each text; answers their canonical text in the same order.

        With `wait_for_schema` a statement that refers to columns of a datasource not yet declared waits for it.
        Raises UnknownPolicy, RuleExists, DatalogError (syntax, safety, arity, recursion, …), LimitExceeded.
        """
        with self._edit():
            canonical, edit = self._policies.insert(policy, list(texts), wait_for_schema)
            self._apply(edit)
        return canonical

    def delete_rules(self, policy: str, texts: Iterable[str]) -> None:
        """Remove rules or facts, given by any text that parses to them. Raises UnknownPolicy, RuleMissing."""
        with self._edit():
            self._apply(self._policies.remove(policy, list(texts)))

    @contextmanager
    def _edit(self) -> Iterator[None]:
        """Take a change of policies back when it fails, and remember the first state for `rollback`."""
        saved = self._policies.save()
        if self._saved is None:
            self._saved = saved
        try:
            yield
        except BaseException:
            self._policies.restore(saved)
            raise

    def _apply(self, edit: Edit) -> None:
        """Hand a change of rules to the engine, at once, so that an evaluation that is refused is refused here."""
        is_rule = {id(rule) for rule in self._policies.rules()} if edit.added else set()
        added = [rule for rule in edit.added if rule.body or id(rule) in is_rule]
        for rule in edit.added:
            if not (rule.body or id(rule) in is_rule):
                self._inner.insert(Pred(rule.table, len(rule.head)), (rule.row,))
        removed = []
        for rule in edit.removed:
            known = self._engine.rules.get(Pred(rule.table, len(rule.head)), {}).get(rule.key)
            if rule.body or known is rule:
                removed.append(rule)
            else:
                self._inner.delete(Pred(rule.table, len(rule.head)), (rule.row,))
        self._inner.remove_rules([rule for rule in removed if not rule.unsafe])
        self._inner.add_rules([rule for rule in added if not rule.unsafe])
        self._inner.flush()

    # -- rows

    def _pred(self, source: str, table: str) -> Pred:
        pred = self._policies.get(source).preds.get(table)
        if pred is None:
            raise UnknownTable(source, table)
        return pred

    @staticmethod
    def _checked(pred: Pred, rows: Iterable[Row]) -> Iterable[Row]:
        rows = rows if isinstance(rows, list | tuple) else list(rows)
        if not set(map(len, rows)) <= {pred.arity}:
            raise InvalidRow(f"Table {pred.table} has {pred.arity} columns; a row has another number of cells")
        return rows

    def insert_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a datasource's table; rows that are there already are ignored.

        Raises UnknownPolicy, UnknownTable, InvalidRow.
        """
        pred = self._pred(source, table)
        self._inner.insert(pred, self._checked(pred, rows))

    def delete_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Remove rows from a datasource's table; rows that are not there are ignored."""
        pred = self._pred(source, table)
        self._inner.delete(pred, self._checked(pred, rows))

    def replace_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Make the table hold exactly these rows; only the difference is evaluated."""
        pred = self._pred(source, table)
        self._inner.replace(pred, self._checked(pred, rows))

    # -- the end

    def changes(self) -> tuple[TableChange, ...]:
        """The net changes of watched tables since the transaction began; final after the `with` block."""
        return self._inner.changes() if self._changes is None else self._changes

    def preview(self) -> tuple[TableChange, ...]:
        """The net changes so far, of a transaction that will be rolled back."""
        return self._inner.preview()

    def commit(self) -> None:
        self._changes = self._inner.commit()

    def rollback(self) -> None:
        self._inner.rollback()
        if self._saved is not None:
            self._policies.restore(self._saved)
        self._changes = ()


class Workspace:
    """Policies, rules and live tables. `watch` says which derived tables are kept up to date at all times; every other
    derived table is computed when somebody asks, as far as the question needs it."""

    def __init__(
        self,
        *,
        executor: Literal["incremental", "naive"] = "incremental",
        limits: Limits | None = None,
        watch: Callable[[TableId], bool] | None = None,
    ) -> None:
        chosen = watch or default_watch
        self._engine: base.Executor
        if executor == "incremental":
            self._engine = CompiledExecutor(chosen, limits)
        else:
            self._engine = NaiveExecutor(chosen, limits)
        self._policies = PolicySet()
        self._lookup = Lookup(self._policies)
        self._lock = self._engine.lock
        self._listings = Listings()

    def transaction(self) -> Transaction:
        """Apply changes atomically: `with workspace.transaction() as tx: tx.insert_rows(…)`."""
        return Transaction(self._policies, self._engine)

    def answers(self, seconds: float) -> bool:
        """Whether a reader gets its turn within so many seconds."""
        if not self._lock.acquire(timeout=seconds):
            return False
        self._lock.release()
        return True

    # -- looking around

    def policies(self) -> list[PolicyInfo]:
        """Policies and datasources (kind `datasource`), sorted by name."""
        with self._lock:
            return [PolicyInfo(policy.name, policy.kind, policy.abbreviation) for policy in self._policies]

    def has_policy(self, name: str) -> bool:
        """Whether there is a policy or datasource of this name."""
        with self._lock:
            return self._policies.kind(name) is not None

    def tables(self, policy: str) -> list[str]:
        """Table names of a policy: in heads, bodies and facts, foreign ones as `svc:table`. Raises UnknownPolicy."""
        with self._lock:
            return self._policies.table_names(policy)

    def defined(self, policy: str) -> list[str]:
        """The tables that have a rule or fact in a policy, sorted; actions as `execute[svc:name]`. Raises
        UnknownPolicy."""
        with self._lock:
            return self._policies.defined(policy)

    def rules(self, policy: str) -> list[Rule]:
        """The rules (not the facts) of a policy in core form. Raises UnknownPolicy."""
        with self._lock:
            return self._policies.rules_of(policy)

    def profile(self, rule: Rule, limits: Limits | None = None) -> Profile:
        """How the evaluation of one rule goes, over the rows that there are. Raises LimitExceeded."""
        with self._lock:
            return profiling.profile(self._engine, rule, limits or Limits())

    def seconds(self) -> dict[TableId, float]:
        """Derived table -> seconds that changes of its rows have cost since the start, estimated. Never waits. Of
        tables that depend on each other one stands for all; an executor that maintains nothing answers nothing."""
        return self._engine.costs.seconds() if isinstance(self._engine, CompiledExecutor) else {}

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        """Column names of a datasource's table, None where no schema is known."""
        with self._lock:
            return self._policies.columns(policy, table)

    def sources(self, policy: str, tables: Iterable[str]) -> frozenset[TableId]:
        """The datasource tables that these tables of a policy follow, through however many rules."""
        with self._lock:
            return self._lookup.sources([_identity(policy, table) for table in tables])

    def absent(self, policy: str, tables: Iterable[str]) -> frozenset[str]:
        """The policies and datasources that do not exist and that these tables of a policy follow."""
        with self._lock:
            return self._lookup.absent([_identity(policy, table) for table in tables])

    def follows_time(self) -> bool:
        """Whether a rule mentions the `now` table."""
        with self._lock:
            return self._lookup.mentions(NOW)

    def sources_of_query(self, policy: str, text: str) -> frozenset[TableId]:
        """The datasource tables that the answers of a query follow. Raises UnknownPolicy, DatalogError."""
        with self._lock:
            atoms = [literal.body for literal in self._lookup.query(policy, text).body]
            return self._lookup.sources([atom.table for atom in atoms if isinstance(atom, Atom)])

    def check(self, policy: str, text: str, without: Iterable[str] = ()) -> Checked:
        """What would be wrong with statements in a policy, from which the rules `without` were taken out before. Looks
        at names, columns and structure and evaluates nothing. Raises UnknownPolicy."""
        with self._lock:
            trial = self._policies.copy()
        return checking.check(trial, policy, text, without)

    def check_texts(self, texts: Iterable[Text]) -> list[Checked]:
        """The same for texts that belong together, whatever their order. Raises UnknownPolicy."""
        with self._lock:
            trial = self._policies.copy()
        return checking.check_texts(trial, texts)

    # -- asking

    def rows(self, policy: str, table: str, *, limits: Limits | None = None) -> list[Row]:
        """All rows of a table, sorted. Raises UnknownPolicy, UnknownTable, LimitExceeded."""
        with self._lock:
            preds = tuple(self._preds(policy, table))
            stamps = tuple([self._engine.stamp(pred) for pred in preds])
            rows = None if None in stamps else self._listings.rows(preds, stamps)
            found = [] if rows is not None else [self._engine.rows(pred, limits) for pred in preds]
        if None in stamps:
            return sorted_rows(_together(found))
        if rows is None:
            rows = self._listings.arrange(preds, stamps, _together(found))
        return list(rows)

    def count(self, policy: str, table: str) -> int:
        """How many rows were inserted into a table and are there, without looking at them; rows that rules derive do
        not count. Raises UnknownPolicy, UnknownTable."""
        with self._lock:
            found = [self._engine.facts(pred) for pred in self._preds(policy, table)]
            return sum(len(rows) if isinstance(rows, Sized) else len(list(rows)) for rows in found)

    def _preds(self, policy: str, table: str) -> list[Pred]:
        """The table at each of its arities. Raises UnknownPolicy, UnknownTable."""
        known = self._policies.get(policy)
        identity = TableId(policy, table)
        if known.columns is None:
            if table in ("true", "false") and table in self._policies.table_names(policy):
                identity = TRUE if table == "true" else FALSE
                return [Pred(identity, 0)]
            head, colon, rest = table.partition(":")
            if colon and table in self._policies.table_names(policy):
                identity = TableId(head, rest)
            elif not self._policies.arities(identity):
                raise UnknownTable(policy, table)
        elif table not in known.columns:
            raise UnknownTable(policy, table)
        return [Pred(identity, arity) for arity in self._policies.arities(identity)]

    def holds(self, policy: str, table: str, row: Row) -> bool:
        """Whether a table has a row; a table that is not kept is computed as far as this row needs it.

        Raises UnknownPolicy, UnknownTable, LimitExceeded.
        """
        with self._lock:
            return any(self._engine.holds(pred, row) for pred in self._preds(policy, table) if pred.arity == len(row))

    def what_if(self, source: str, changes: Iterable[tuple[str, int, Row]]) -> tuple[TableChange, ...]:
        """How the watched tables would change if these rows `(table, +1 or -1, row)` of a datasource came and went.

        Raises UnknownPolicy, UnknownTable, InvalidRow, LimitExceeded.
        """
        trial = Transaction(self._policies, self._engine)
        with self._lock:
            trial.begin()
            try:
                for table, sign, row in changes:
                    if sign > 0:
                        trial.insert_rows(source, table, (row,))
                    else:
                        trial.delete_rows(source, table, (row,))
                return trial.preview()
            finally:
                trial.rollback()

    def traced_rows(self, policy: str, table: str) -> tuple[list[Row], str]:
        """As `rows`, with the trace of a top-down evaluation in the classic line format."""
        with self._lock:
            tracer = trace.Tracer(self._engine, self._policies.get(policy).abbreviation)
            for pred in self._preds(policy, table):
                tracer.ask(pred)
        return self.rows(policy, table), tracer.text()

    def check_query(self, policy: str, text: str) -> Query:
        """The checked query. Raises UnknownPolicy, DatalogError."""
        with self._lock:
            return self._lookup.query(policy, text)

    def query(self, policy: str, text: str, *, limits: Limits | None = None) -> tuple[str, ...]:
        """The answers to an atom, a conjunction or a rule, as formulas, sorted. Raises UnknownPolicy, DatalogError."""
        with self._lock:
            query = self.check_query(policy, text)
            found = self._engine.answers(query.variables, query.body, limits)
        return tuple([instantiate(query, row) for row in sorted(set(found), key=row_sort_key)])

    def simulate(
        self, policy: str, query: str, sequence: str, action_policy: str, *, delta: bool = False, trace: bool = False
    ) -> Simulation:
        """What the query would answer after the sequence; the state is untouched afterwards, whatever happens inside.

        Raises UnknownPolicy, DatalogError, LimitExceeded.
        """
        with self._lock:
            simulator = simulate.Simulator(self._policies, self._engine, policy, action_policy)
            asked = self._lookup.query(policy, query)
            return simulator.run(asked, query, sequence, delta=delta, trace=trace)

    def explain(self, policy: str, table: str, row: Row, bounds: Bounds | None = None) -> Explanation:
        """Why the row holds. Raises UnknownPolicy, UnknownTable, RowMissing, LimitExceeded."""
        with self._lock:
            preds = [pred for pred in self._preds(policy, table) if pred.arity == len(row)]
            for pred in preds:
                found = Explainer(self._engine, self._policies, bounds).explain(pred, row)
                if found is not None:
                    return found
        raise RowMissing(policy, table, row)

    def explain_absence(self, policy: str, table: str, row: Row, bounds: Bounds | None = None) -> Absence:
        """Why the row does not hold: the nearest failing premise of each rule. Raises UnknownPolicy, UnknownTable,
        InvalidRow if the row holds, LimitExceeded."""
        with self._lock:
            preds = [pred for pred in self._preds(policy, table) if pred.arity == len(row)]
            if not preds:
                raise InvalidRow(f"Table {policy}:{table} has no rows of {len(row)} columns")
            return WhyNot(Explainer(self._engine, self._policies, bounds)).explain(preds[0], row)

    def tick(self, now: str) -> tuple[TableChange, ...]:
        """Set the row of the `now` table, `YYYY-MM-DD hh:mm:ss`; rules that mention it follow."""
        with self._lock:
            change = self._engine.begin()
            try:
                change.replace(Pred(NOW, 1), ((now,),))
                return change.commit()
            except BaseException:
                change.rollback()
                raise


TRUE = TableId(FALSE.policy, "true")


def _together(found: Sequence[list[Row]]) -> list[Row]:
    """The rows of a table at all its arities; those of different arities differ."""
    return found[0] if len(found) == 1 else list(chain.from_iterable(found))


def _identity(policy: str, table: str) -> TableId:
    """The table that is called so in a policy; another policy's is called by its full name."""
    head, colon, rest = table.partition(":")
    return TableId(head, rest) if colon and "[" not in head else TableId(policy, table)


def default_watch(table: TableId) -> bool:
    """Violations and triggers: `error`, `warning` and `execute[…]` of every policy."""
    return table.name in ("error", "warning") or table.name.startswith("execute[")
