"""Recursive components: evaluation by rounds, and maintenance without over-deletion.

A row's support is its stage. Every row has a derivation whose recursive premises all have smaller stages, so a row that
loses a derivation is kept if another one with smaller stages remains, and only rows without such a derivation are
deleted and looked at again. When too much would be deleted, the component is evaluated afresh instead, so that a
deletion never costs much more than one evaluation. (Motik, Nenov, Piro, Horrocks: "Maintenance of Datalog
materialisations revisited", 2019, compares the methods; stages are the well-founded order of their derivation
counts.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from congress.datalog.values import Row
from congress.engine.active import ActiveRule
from congress.engine.budget import Budget
from congress.engine.executors.codegen import Role
from congress.engine.phase import Phase
from congress.engine.plan import Stored
from congress.engine.relation import Relation

GIVE_UP_SHARE = 16
"""Evaluate afresh when more than one row in this many has been deleted …"""
GIVE_UP_LEAST = 2000
"""… and at least so many."""


class Recursion:
    """One recursive component of the plan, with its rules and relations."""

    def __init__(
        self,
        members: tuple[Stored, ...],
        rules: dict[Stored, list[ActiveRule]],
        relation: Callable[[Stored], Relation],
        budget: Budget,
        before: Recursion | None = None,
    ) -> None:
        """`before` is an earlier object for the same members, whose stages the relations still hold."""
        self.members = members
        self._inside = frozenset(members)
        self._rules = rules
        self._relation = relation
        self._budget = budget
        self._stage: int = before._stage if before else 0
        self.mark_rules()

    def mark_rules(self) -> None:
        """Tell the rules which of their premises are recursive (once more, after a rule change was undone)."""
        for group in self._rules.values():
            for rule in group:
                rule.join_recursion(self._inside)

    def _uses(self, table: Stored) -> Iterable[tuple[Stored, ActiveRule, int, bool]]:
        """(head, rule, position, negated) of each use of a table in the component's rules."""
        for head in self.members:
            for rule in self._rules[head]:
                for position, step in rule.scans():
                    if step.table == table:
                        yield head, rule, position, step.negated

    # -- from scratch

    def recompute(self, phase: Phase) -> None:
        """Evaluate afresh on the new view of the inputs; the difference to before becomes the members' change."""
        before: dict[Stored, dict[Row, int]] = {}
        for member in self.members:
            relation = self._relation(member)
            relation.rollback()
            before[member] = dict(relation.rows)
            relation.clear()
        try:
            self._grow("new" if phase.changed else "all")
        except BaseException:
            for member in self.members:
                relation = self._relation(member)
                relation.clear()
                relation.load(before[member])
            raise
        for member in self.members:
            self._note_difference(member, before[member], phase)
            phase.touch(self._relation(member))

    def _note_difference(self, member: Stored, before: dict[Row, int], phase: Phase) -> None:
        relation = self._relation(member)
        rows = relation.rows
        if not before:
            if len(rows) >= max(GIVE_UP_LEAST, 1):
                relation.bulk = True
            else:
                relation.ins.update(rows)
            return
        relation.ins.update(row for row in rows if row not in before)
        gone = {row: stage for row, stage in before.items() if row not in rows}
        relation.touched.update((row, stage) for row, stage in before.items() if row not in gone)
        if not phase.structural and not self._has_outside_readers(relation):
            relation.lost.update(gone)
        else:
            for row, stage in gone.items():
                rows[row] = stage
                relation.link(row)
                relation.dele.add(row)

    def _has_outside_readers(self, relation: Relation) -> bool:
        return any(rule.plan.head not in self._inside for reader in relation.readers for rule, _ in reader.uses)

    def _grow(self, view: str) -> None:
        """Semi-naive evaluation: each round joins the last round's new rows with all rows."""
        self._stage += 1  # never back: a rollback may restore rows of any earlier stage
        delta: dict[Stored, dict[Row, int]] = {member: {} for member in self.members}
        for member in self.members:
            for rule in self._rules[member]:
                rule.function(Role("grow", None, view))(delta[member], self._stage)
        while any(delta.values()):
            self._stage += 1
            for member, rows in delta.items():
                self._budget.spend(rows)
                self._relation(member).load(rows)
            fresh: dict[Stored, dict[Row, int]] = {member: {} for member in self.members}
            for member, rows in delta.items():
                if rows:
                    for head, rule, position, _ in self._uses(member):
                        rule.function(Role("spread", position, view))(rows, fresh[head], self._stage)
            delta = fresh

    # -- by differences

    def maintain(self, phase: Phase, changed: list[Relation]) -> None:
        """Follow the changes of the inputs (their `ins` and `dele`), or evaluate afresh when that is cheaper."""
        for member in self.members:
            phase.touch(self._relation(member))
        total = sum(len(self._relation(member).rows) for member in self.members)
        if any(relation.bulk for relation in changed) or not self._delete(
            changed, max(GIVE_UP_LEAST, total // GIVE_UP_SHARE)
        ):
            self.recompute(phase)
            return
        self._insert(changed)

    def _delete(self, changed: list[Relation], most: int) -> bool:
        """Mark every row without a well-founded derivation; False if that would be more than `most` rows."""
        suspects: dict[Stored, dict[Row, int]] = {}

        def suspect(table: Stored, rows: Iterable[Row], negated_uses: bool) -> None:
            for head, rule, position, negated in self._uses(table):
                if negated == negated_uses:
                    rule.function(Role("shrink", position, "all"))(rows, suspects.setdefault(head, {}))

        for relation in changed:
            table = relation.label
            if relation.dele:
                suspect(table, relation.dele, False)
            if relation.ins:
                suspect(table, relation.ins, True)
        deleted = 0
        while suspects:
            head, rows = suspects.popitem()
            relation = self._relation(head)
            holds = [rule.function(Role("holds", None, "new")) for rule in self._rules[head]]
            gone = [
                row
                for row in rows
                if row not in relation.dele and not any(test(row, relation.rows[row]) for test in holds)
            ]
            relation.dele.update(gone)
            deleted += len(gone)
            if deleted > most:
                return False
            self._budget.tick(())
            if gone:
                suspect(head, gone, False)
        return True

    def _insert(self, changed: list[Relation]) -> None:
        """Rescue deleted rows that have another derivation, then add what the inputs' changes newly derive."""
        found: dict[Stored, dict[Row, int]] = {}
        never = float("inf")
        for head in self.members:
            relation = self._relation(head)
            if relation.dele:
                holds = [rule.function(Role("holds", None, "new")) for rule in self._rules[head]]
                self._stage += 1
                rescued = {row: self._stage for row in relation.dele if any(test(row, never) for test in holds)}
                found.setdefault(head, {}).update(rescued)
        self._stage += 1
        for relation in changed:
            table = relation.label
            for head, rule, position, negated in self._uses(table):
                brought = relation.dele if negated else relation.ins
                if brought:
                    rule.function(Role("spread", position, "new"))(brought, found.setdefault(head, {}), self._stage)
        while found:
            head, rows = found.popitem()
            self._stage += 1
            fresh = self._add(self._relation(head), rows)
            if not fresh:
                continue
            self._budget.spend(fresh)
            self._stage += 1
            for target, rule, position, _ in self._uses(head):
                rule.function(Role("spread", position, "new"))(fresh, found.setdefault(target, {}), self._stage)

    def _add(self, relation: Relation, rows: Iterable[Row]) -> list[Row]:
        """Make rows present in the new view, at a stage above that of everything present; answers those that were
        not."""
        fresh = []
        for row in rows:
            if row in relation.dele:
                relation.dele.discard(row)
                relation.touched.setdefault(row, relation.rows[row])
            elif row in relation.rows:
                continue
            else:
                relation.ins.add(row)
                relation.link(row)
            relation.rows[row] = self._stage
            fresh.append(row)
        return fresh
