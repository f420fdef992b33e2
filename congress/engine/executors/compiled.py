"""The product: generated functions over indexed relations, kept up to date by differences.

A transaction runs in phases, one for changed rows (`propagate`) and one for changed rules (`restructure`). Each
phase can be undone, so a transaction that fails, or only simulates, leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import RLock

from congress.datalog.core import Literal, Rule, TableId, Var
from congress.datalog.values import Row, Value
from congress.engine.budget import Limits
from congress.engine.collector import Settlers, paused_collector
from congress.engine.executors.base import TableChange, Watch
from congress.engine.executors.propagate import change_rows
from congress.engine.executors.query import QueryCache
from congress.engine.executors.restructure import change_rules
from congress.engine.executors.state import Rules, State
from congress.engine.phase import Phase
from congress.engine.plan import Pred
from congress.engine.relation import Relation

BULK = 10_000
"""Changed rows from which on the garbage collector is paused."""


class CompiledExecutor(State):
    """See `base.Executor`."""

    def __init__(self, watch: Watch, limits: Limits | None = None) -> None:
        super().__init__(watch, limits)
        self.lock = RLock()
        self._queries = QueryCache(self)
        self._transaction: CompiledTransaction | None = None
        self.settlers = Settlers()

    def _settle(self) -> None:
        """Make the changes of the open transaction, if there is one, readable."""
        if self._transaction is not None:
            self._transaction.settle()

    def facts(self, pred: Pred) -> Iterable[Row]:
        self._settle()
        relation = self.base.get(pred)
        return relation.rows if relation else ()

    def crowd(self, pred: Pred, cells: Mapping[int, Value]) -> int:
        self._settle()
        relation = self.base.get(pred)
        return 0 if relation is None else relation.crowd(cells)

    def rows(self, pred: Pred, limits: Limits | None = None) -> list[Row]:
        self._settle()
        relation = self.whole(pred)
        if relation is not None:
            return list(relation.rows)
        return self._queries.rows(pred, limits or self.limits)

    def stamp(self, pred: Pred) -> Hashable:
        self._settle()
        relation = self.whole(pred)
        return self._queries.stamp(pred) if relation is None else relation.version

    def holds(self, pred: Pred, row: Row, limits: Limits | None = None) -> bool:
        self._settle()
        relation = self.whole(pred)
        if relation is not None:
            return row in relation.rows
        return self._queries.holds(pred, row, limits or self.limits)

    def answers(self, variables: tuple[Var, ...], body: tuple[Literal, ...], limits: Limits | None = None) -> list[Row]:
        self._settle()
        return self._queries.answers(variables, body, limits or self.limits)

    def begin(self) -> CompiledTransaction:
        if self._transaction is not None:
            raise RuntimeError("a transaction of this executor is open already")
        self._transaction = CompiledTransaction(self)
        return self._transaction

    def end(self) -> None:
        """Told by the transaction when it is over."""
        self._transaction = None

    def prepare(self) -> None:
        """Generate now what the next change would otherwise generate while somebody waits."""
        stale, self.stale = self.stale, set()
        for rule in stale:
            if self.active.get(rule.plan) is rule:  # it may have gone with a rule change, or with its undoing
                rule.prepare()


class CompiledTransaction:
    """See `base.Transaction`. The last phase stays open until it is known whether another one follows."""

    __slots__ = ("_admitted", "_bulky", "_engine", "_net", "_open", "_rows", "_rules", "_sealed")

    def __init__(self, engine: CompiledExecutor) -> None:
        self._engine = engine
        self._rows: dict[Pred, dict[Row, int]] = {}
        self._rules: dict[Pred, dict[str, Rule]] | None = None
        self._open: Phase | None = None
        self._sealed: list[Callable[[], None]] = []
        self._net: dict[TableId, dict[Row, int]] = {}
        self._admitted: list[Pred] = []
        self._bulky = 0

    # -- buffering

    def insert(self, pred: Pred, rows: Iterable[Row]) -> None:
        buffer = self._rows.setdefault(pred, {})
        for row in rows:
            buffer[row] = 1

    def delete(self, pred: Pred, rows: Iterable[Row]) -> None:
        buffer = self._rows.setdefault(pred, {})
        for row in rows:
            buffer[row] = -1

    def replace(self, pred: Pred, rows: Iterable[Row]) -> None:
        if self._open is not None:
            self._seal()
        relation = self._engine.base.get(pred)
        if relation is None or not relation.rows:
            self._rows[pred] = dict.fromkeys(rows, 1)
            return
        present = relation.rows
        wanted = rows if isinstance(rows, set | frozenset | dict) else set(rows)
        buffer = {row: -1 for row in present if row not in wanted}
        buffer.update((row, 1) for row in wanted if row not in present)
        self._rows[pred] = buffer

    def add_rules(self, rules: Iterable[Rule]) -> None:
        target = self._edit_rules()
        for rule in rules:
            pred = Pred(rule.table, len(rule.head))
            target[pred] = {**target.get(pred, {}), rule.key: rule}

    def remove_rules(self, rules: Iterable[Rule]) -> None:
        target = self._edit_rules()
        for rule in rules:
            pred = Pred(rule.table, len(rule.head))
            left = {key: other for key, other in target[pred].items() if key != rule.key}
            if left:
                target[pred] = left
            else:
                del target[pred]

    def _edit_rules(self) -> dict[Pred, dict[str, Rule]]:
        if self._rules is None:
            self._rules = dict(self._engine.rules)  # type: ignore[arg-type]
        return self._rules

    # -- phases

    def flush(self) -> None:
        amount = sum(map(len, self._rows.values()))
        if self._rules is None and amount < BULK:
            if self._rows:
                self._flush_rows()
            if self._rules is None:
                return
        self._bulky += amount
        with paused_collector():
            if self._rows:
                self._flush_rows()
            if self._rules is not None:
                self._flush_rules(self._rules)

    def _flush_rows(self) -> None:
        rows, self._rows = self._rows, {}
        self._admit(rows)
        phase = self._next_phase()
        try:
            change_rows(self._engine, phase, rows)
        except BaseException:
            self._drop_phase()
            raise

    def _flush_rules(self, rules: dict[Pred, dict[str, Rule]]) -> None:
        engine = self._engine
        self._rules = None
        phase = self._next_phase()
        before = _watched_whole(engine, engine.rules)
        try:
            change_rules(engine, phase, rules)
        except BaseException:
            self._drop_phase()
            raise
        self._note_moves(before)

    def _admit(self, rows: Iterable[Pred]) -> None:
        """A table with rules that gets its first base row is planned anew, to be fed from both."""
        engine = self._engine
        for pred in rows:
            if pred not in engine.fact_preds:
                engine.fact_preds.add(pred)
                self._admitted.append(pred)
                if pred in engine.rules:
                    self._edit_rules()

    def _next_phase(self) -> Phase:
        """A new phase; the one before it is sealed."""
        if self._open is not None:
            self._seal()
        self._open = Phase()
        self._engine.budget.start()
        return self._open

    def _drop_phase(self) -> None:
        """Take back a phase that failed."""
        if self._open is not None:
            phase, self._open = self._open, None
            phase.rollback()

    def _seal(self) -> None:
        assert self._open is not None
        self._note(self._open)
        self._sealed.append(self._open.seal())
        self._open = None

    def settle(self) -> None:
        """Flush, and make the result readable inside the transaction."""
        self.flush()
        if self._open is not None:
            self._seal()

    def _note(self, phase: Phase) -> None:
        """Add the changes of watched tables in a phase to the net changes."""
        for relation in phase.changed.values():
            table = relation.reports
            if table is not None and relation.changed:
                net = self._net.setdefault(table, {})
                for row in relation.rows if relation.bulk else relation.ins:
                    net[row] = net.get(row, 0) + 1
                for row in (*relation.dele, *relation.lost):
                    net[row] = net.get(row, 0) - 1

    def _note_moves(self, before: dict[Pred, Relation]) -> None:
        """Account for watched tables whose rows are now kept elsewhere: base rows that got rules, or lost their
        last."""
        engine = self._engine
        after = _watched_whole(engine, engine.rules)
        for pred in before.keys() | after.keys():
            base = engine.base.get(pred)
            old, new = before.get(pred, base), after.get(pred, base)
            if old is new:
                continue
            net = self._net.setdefault(pred.table, {})
            if old:
                for row in old.rows:
                    if row not in old.ins:
                        net[row] = net.get(row, 0) - 1
            if new and not new.changed:  # a relation that changed in this phase is noted with it
                for row in new.rows:
                    net[row] = net.get(row, 0) + 1

    def changes(self) -> tuple[TableChange, ...]:
        self.settle()
        return self._summary()

    def _summary(self) -> tuple[TableChange, ...]:
        found = []
        for table, rows in self._net.items():
            inserted = tuple([row for row, sign in rows.items() if sign > 0])
            deleted = tuple([row for row, sign in rows.items() if sign < 0])
            if inserted or deleted:
                found.append(TableChange(table, inserted, deleted))
        return tuple(found)

    def preview(self) -> tuple[TableChange, ...]:
        self.flush()
        if self._open is not None:
            self._note(self._open)
        return self._summary()

    def commit(self) -> tuple[TableChange, ...]:
        self.flush()
        phase, self._open = self._open, None
        if phase is None:
            changes = self._summary()
        elif self._net or self._sealed:
            self._note(phase)
            changes = self._summary()
            phase.commit()
        else:
            changes = _phase_changes(phase)
            phase.commit()
        self._sealed.clear()
        self._engine.end()
        if self._engine.stale:
            with paused_collector():
                self._engine.prepare()
        if self._bulky:
            self._engine.settlers.arrive(self._bulky)
        return changes

    def rollback(self) -> None:
        self._engine.end()
        if self._open is not None:
            self._open.rollback()
            self._open = None
        while self._sealed:
            self._sealed.pop()()
        self._engine.fact_preds.difference_update(self._admitted)
        self._rows.clear()
        self._rules = None


def _phase_changes(phase: Phase) -> tuple[TableChange, ...]:
    """The changes of watched tables when one phase is all there was."""
    found: dict[TableId, TableChange] = {}
    for relation in phase.changed.values():
        table = relation.reports
        if table is not None and relation.changed:
            inserted = tuple(relation.rows if relation.bulk else relation.ins)
            deleted = (*relation.dele, *relation.lost)
            if table in found:  # at another arity
                inserted, deleted = found[table].inserted + inserted, found[table].deleted + deleted
            found[table] = TableChange(table, inserted, deleted)
    return tuple(found.values())


def _watched_whole(engine: State, rules: Rules) -> dict[Pred, Relation]:
    found = {}
    for pred in rules:
        if engine.watches(pred.table):
            relation = engine.whole(pred)
            if relation is not None:
                found[pred] = relation
    return found
