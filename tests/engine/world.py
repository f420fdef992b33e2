"""Runs the stories of `strategies` on workspaces, and compares what these show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal

import pytest

from congress.engine import recursion
from congress.engine.executors import propagate
from congress.engine.workspace import Limits, TableChange, Transaction, UnknownTable, Workspace
from congress.errors import CongressError
from tests.engine.strategies import BASE, DERIVED, Rows, Step, Story, Toggle

Changes = dict[str, tuple[frozenset[object], frozenset[object]]]
ENOUGH = Limits()


class Failure(Exception):
    """What ends a transaction that is meant to fail."""


class World:
    """A workspace with the datasource and the policies of `strategies`, and which statements it holds."""

    def __init__(self, story: Story, executor: Literal["incremental", "naive"], limits: Limits | None = None) -> None:
        self.statements = story.statements
        self.workspace = Workspace(executor=executor, limits=limits, watch=lambda table: table.name in story.watched)
        self.live: frozenset[int] = frozenset()
        with self.workspace.transaction() as tx:
            tx.set_datasource("d", BASE)
            tx.create_policy("p")
            tx.create_policy("q")

    def transaction(self) -> AbstractContextManager[Transaction]:
        """How a step is done."""
        return self.workspace.transaction()

    def take(self, step: Step) -> Changes:
        """Do what the step says; answers what changed. Raises Failure when the step says so, LimitExceeded."""
        live = self.live
        with self.transaction() as tx:
            for update in step.updates:
                live = self._update(tx, update, live)
                if step.looks:
                    tx.changes()
            if step.fails:
                tx.preview()  # evaluates, so that there is something to undo
                raise Failure
        self.live = live
        return spread(tx.changes())

    def _update(self, tx: Transaction, update: Rows | Toggle, live: frozenset[int]) -> frozenset[int]:
        if isinstance(update, Rows):
            getattr(tx, f"{update.how}_rows")("d", update.table, update.rows)
            return live
        for policy in ("p", "q"):
            chosen = [i for i in update.statements if self.statements[i].policy == policy]
            gone = [i for i in chosen if i in live]
            if gone:
                tx.delete_rules(policy, [self.statements[i].text for i in gone])
                live -= frozenset(gone)
            for i in chosen:
                if i not in gone and self._insert(tx, i):
                    live |= {i}
        return live

    def _insert(self, tx: Transaction, index: int) -> bool:
        """Insert a statement, unless another one that differs in the order of its literals is there."""
        statement = self.statements[index]
        try:
            tx.insert_rules(statement.policy, [statement.text])
        except CongressError as error:
            if type(error).__name__ != "RuleExists":
                raise
            return False
        return True

    def rows(self, policy: str, table: str) -> object:
        try:
            return self.workspace.rows(policy, table, limits=ENOUGH)
        except UnknownTable:
            return "unknown"

    def state(self) -> dict[str, object]:
        """The rows of every table, and the tables that each policy lists."""
        state = {f"{policy}:{name}": self.rows(policy, name) for policy, name, _ in DERIVED}
        state.update((f"d:{name}", self.rows("d", name)) for name in BASE)
        state.update((f"tables of {policy}", self.workspace.tables(policy)) for policy in ("p", "q"))
        return state


def spread(changes: tuple[TableChange, ...]) -> Changes:
    """Changes by table, in a form that can be compared; no row is told twice."""
    for change in changes:
        assert len(set(change.inserted)) == len(change.inserted)
        assert len(set(change.deleted)) == len(change.deleted)
        assert not set(change.inserted) & set(change.deleted)
    return {str(change.table): (frozenset(change.inserted), frozenset(change.deleted)) for change in changes}


@contextmanager
def thresholds(rows: int) -> Iterator[None]:
    """From how many rows on tables are evaluated in bulk and recursions anew; small numbers try this on small data."""
    with pytest.MonkeyPatch.context() as patch:
        if rows:
            patch.setattr(propagate, "SMALL", rows)
            patch.setattr(recursion, "GIVE_UP_LEAST", rows - 1)
        yield
