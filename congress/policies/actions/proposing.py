"""From recorded changes to entries of the ledger, in the transaction that records the changes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from congress.db import actions as stored
from congress.db import models
from congress.db.actions import NewEntry
from congress.db.changelog import Change
from congress.policies.actions.enforcement import ENFORCE, MONITOR
from congress.policies.actions.names import is_action, target

_GONE = "the row left before anything was tried"


class Proposing:
    """A row that enters an action table becomes an entry; one that leaves makes its entry obsolete.

    Since each change is recorded once and together with this, each row that enters is asked for once.
    """

    def __init__(self, on_entries: Callable[[], None] = lambda: None) -> None:
        """`on_entries` is called when there are new ones, perhaps a moment before others can see them."""
        self._on_entries = on_entries

    def __call__(self, session: Session, changes: Collection[Change]) -> None:
        asked = [change for change in changes if is_action(change.table)]
        if not asked:
            return
        self._withdraw(session, [change for change in asked if not change.entered])
        levels = _levels(session, {change.policy for change in asked if change.entered})
        last = {change.digest: change.number for change in asked}
        entries = []
        for change in asked:
            level = levels.get(change.policy, MONITOR)
            if change.entered and level != MONITOR:
                entry = _entry(change, stored.PENDING if level == ENFORCE else stored.PROPOSED)
                # It may have left again in the same batch.
                is_last = last[change.digest] == change.number
                entries.append(entry if is_last else replace(entry, state=stored.OBSOLETE))
        stored.add(session, entries, actor=asked[0].node)
        if entries:
            self._on_entries()

    @staticmethod
    def _withdraw(session: Session, left: list[Change]) -> None:
        if left:
            for entry in stored.open_for(session, {change.digest for change in left}):
                stored.move(session, entry, stored.OBSOLETE, actor=left[0].node, detail=_GONE)


def _entry(change: Change, state: str) -> NewEntry:
    datasource, action = target(change.policy, change.table)
    return NewEntry(
        change.digest,
        change.number,
        change.policy,
        change.table,
        datasource,
        action,
        change.row,
        state,
        change.position,
        change.at,
    )


def _levels(session: Session, policies: Collection[str]) -> dict[str, str]:
    """Name -> level of enforcement of the policies that exist."""
    row = models.Policy
    found = session.execute(select(row.name, row.enforcement).where(row.name.in_(policies)))
    return {name: level for name, level in found}  # noqa: C416 - rows are no pairs to a type checker
