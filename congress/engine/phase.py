"""The record of one phase of a transaction: what to keep or take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from congress.datalog.values import Row
from congress.engine.relation import Relation


@dataclass(slots=True)
class Phase:
    """Relations changed so far, and how to undo what is not in a relation (groups, plans), latest last."""

    changed: dict[int, Relation] = field(default_factory=dict)
    undo: list[Callable[[], None]] = field(default_factory=list)
    structural: bool = False
    """Whether rules change: then rules that are on their way out still look at old views."""

    def touch(self, relation: Relation) -> None:
        self.changed[id(relation)] = relation

    def rollback(self) -> None:
        """Restore the state before the phase."""
        for relation in self.changed.values():
            relation.rollback()
        for action in reversed(self.undo):
            action()

    def commit(self) -> None:
        """Keep the state after the phase; it cannot be undone any more."""
        for relation in self.changed.values():
            relation.commit()

    def seal(self) -> Callable[[], None]:
        """Keep the state after the phase, and answer what undoes it later."""
        takers = [_taker(relation) for relation in self.changed.values()]
        self.commit()
        actions = self.undo

        def undo() -> None:
            for take_back in takers:
                take_back()
            for action in reversed(actions):
                action()

        return undo


def _taker(relation: Relation) -> Callable[[], None]:
    """What takes the relation back to its state before the phase, once the phase is committed."""
    if relation.bulk:
        return relation.clear
    rows = relation.rows
    inserted: list[Row] = list(relation.ins)
    deleted = {row: relation.touched.get(row, rows[row]) for row in relation.dele}
    lost = dict(relation.lost)
    supports = {row: old for row, old in relation.touched.items() if row not in relation.ins and row not in deleted}

    def take_back() -> None:
        for row in inserted:
            del rows[row]
            relation.unlink(row)
        for row, support in deleted.items():
            rows[row] = support
            relation.link(row)
        rows.update(supports)
        relation.load(lost)

    return take_back
