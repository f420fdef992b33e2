"""Reads the change log: since when rows have been in watched tables, and when they were before."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from congress.db import actions as stored_actions
from congress.db import changelog as stored
from congress.db import eventtargets
from congress.db.changelog import Change, Wanted
from congress.db.session import Database


class HistoryPage(NamedTuple):
    """Changes, newest first; `more`: whether older ones follow."""

    changes: list[Change]
    more: bool


class History:
    """Safe to call from any thread, in any process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: Wanted, limit: int, before: int | None = None) -> HistoryPage:
        """The newest changes, or those recorded before the one of id `before`."""
        with self._database.reader() as session:
            found = stored.history(session, wanted, limit + 1, before)
        return HistoryPage(found[:limit], len(found) > limit)


class Retention:
    """Forgets what is older than it has to be kept, a little at a time; and mends what an older version recorded."""

    def __init__(self, database: Database, change_days: int, action_days: int) -> None:
        self._database = database
        self._changes = datetime.timedelta(days=change_days)
        self._actions = datetime.timedelta(days=action_days)

    def __call__(self, most: int = 100_000) -> int:
        """Forget at most about so many records; answers how many."""
        total, now = 0, stored_actions.now()
        mended = 1
        while mended:
            with self._database.writer() as session:
                mended = stored.mend(session)
        while total < most:
            with self._database.writer() as session:
                gone = stored_actions.purge(session, now - self._actions)
                gone += stored.purge(session, now - self._changes)
                gone += eventtargets.purge(session, now - self._changes)
            if not gone:
                break
            total += gone
        return total
