"""What people may see and decide about actions: the ledger, approvals, and the pause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from congress.db import actions as stored
from congress.db.actions import Control, Entry, Event
from congress.db.session import Database
from congress.policies.actions.errors import ActionDecided, ActionNotFound

_DECISIONS = {
    "approve": ((stored.PROPOSED,), stored.PENDING),
    "reject": ((stored.PROPOSED, stored.PENDING), stored.REJECTED),
    "retry": ((stored.FAILED, stored.UNKNOWN, stored.REJECTED, stored.EXPIRED), stored.PENDING),
}
DECISIONS = tuple(_DECISIONS)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `more`: whether older ones follow."""

    entries: list[Entry]
    more: bool


class Ledger:
    """All methods are safe to call from any thread, in any process."""

    def __init__(self, database: Database, on_pending: Callable[[], None] = lambda: None) -> None:
        """`on_pending` is called when there is something to do."""
        self._database, self._on_pending = database, on_pending

    def page(
        self, *, limit: int, policy: str | None = None, state: str | None = None, marker: str | None = None
    ) -> Page:
        """The newest entries, or those after the one whose id is `marker`. Raises ActionNotFound."""
        with self._database.reader() as session:
            before = None
            if marker is not None:
                last = stored.find(session, marker)
                if last is None:
                    raise ActionNotFound(marker)
                before = last.sequence
            found = stored.listed(session, limit=limit + 1, policy=policy, state=state, before=before)
        return Page(found[:limit], len(found) > limit)

    def entry(self, key: str) -> tuple[Entry, list[Event]]:
        """One entry and what happened to it. Raises ActionNotFound."""
        with self._database.reader() as session:
            found = stored.find(session, key)
            if found is None:
                raise ActionNotFound(key)
            return found, stored.events(session, key)

    def decide(self, key: str, decision: str, *, actor: str, comment: str = "") -> tuple[Entry, list[Event]]:
        """Approve, reject or retry an entry. Raises ActionNotFound, ActionDecided."""
        possible, state = _DECISIONS[decision]
        with self._database.writer() as session:
            found = stored.find(session, key)
            if found is None:
                raise ActionNotFound(key)
            if found.state not in possible or not stored.move(session, found, state, actor=actor, detail=comment):
                raise ActionDecided(key, found.state, decision, possible)
        if state == stored.PENDING:
            self._on_pending()
        return self.entry(key)

    def counts(self) -> dict[str, int]:
        """State -> number of entries."""
        with self._database.reader() as session:
            return stored.counts(session)

    def control(self) -> Control:
        """Whether actions are paused."""
        with self._database.reader() as session:
            return stored.control(session)

    def pause(self, *, actor: str, reason: str = "") -> bool:
        """Stop actions at every node, within a second; False when they were stopped already."""
        with self._database.writer() as session:
            return stored.set_paused(session, True, actor=actor, reason=reason)

    def resume(self, *, actor: str, reason: str = "") -> bool:
        """Let actions go on; False when they were not stopped."""
        with self._database.writer() as session:
            changed = stored.set_paused(session, False, actor=actor, reason=reason)
        self._on_pending()
        return changed
