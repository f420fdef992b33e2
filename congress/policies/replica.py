"""One engine's copy of the stored program: writes on top of what it shows, and follows what others wrote.

The database is the truth. A change is looked up, made and evaluated in the workspace, and stored by a short transaction
that counts it on top of the revision that the workspace shows; if that is not the revision any longer, the change is
undone, the others' changes are taken over, and it is tried again. So every stored program was accepted as a whole.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from oslo_db.exception import DBConnectionError, DBDeadlock, DBError
from sqlalchemy.orm import Session

from congress.db import revision as stored_revision
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database, OutcomeUnknown
from congress.engine.workspace import TableChange, Transaction
from congress.errors import CongressError
from congress.policies import following
from congress.policies.errors import TooManyWriters
from congress.policies.following import Stored
from congress.policies.judging import Columns
from congress.policies.live import Live
from congress.policies.parking import Parking
from congress.policies.state import State, difference

LOG = logging.getLogger(__name__)
CONTENTION_SECONDS = 10.0
"""How long a change is tried again because others were faster."""
ABSENCE_SECONDS = 3.0
"""How long a change is tried again because the connection to the database broke."""

Seen = TypeVar("Seen")
Made = TypeVar("Made")


@dataclass(slots=True)
class Write:
    """A change in the making. Its maker puts it into the workspace by `change`, says by `store` how it is stored, and
    by `state` what the workspace shows then."""

    change: Transaction
    revision: int
    state: State
    stores: list[Callable[[Session], None]] = field(default_factory=list)
    in_effect: list[str] = field(default_factory=list)
    """Rules that may have been set aside, and are in effect or gone now."""
    frees: bool = False
    """Whether something is taken away, or a datasource comes, so that rules set aside may become acceptable."""

    def store(self, function: Callable[[Session], None]) -> None:
        """Have something stored when the change was accepted."""
        self.stores.append(function)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom a replica tells, outside its locks: `on_advanced` the revision that a change made here got; `on_policies`
    names of policies whose rules another node changed; `on_datasources` that some were created or deleted anywhere."""

    on_advanced: Callable[[int], None] = lambda _revision: None
    on_policies: Callable[[list[str]], None] = lambda _names: None
    on_datasources: Callable[[], None] = lambda: None


class _Behind(Exception):
    """Others changed the program meanwhile."""


class Undone(Exception):
    """Leaves a trial's transaction, which undoes it."""

    def __init__(self, changes: tuple[TableChange, ...]) -> None:
        super().__init__("a trial is always undone")
        self.changes = changes


class Replica:
    """Safe to call from any thread."""

    def __init__(
        self,
        database: Database,
        live: Live,
        columns: Callable[[DatasourceRecord], Columns] = lambda _record: {},
        listeners: Listeners | None = None,
    ) -> None:
        """`columns` says which tables a stored datasource has."""
        self.database, self.live = database, live
        self.listeners = listeners or Listeners()
        self.parking = Parking()
        self.state = State()
        self._columns = columns
        self._changing = threading.RLock()
        self._is_loaded = False
        self._is_doubtful = False
        """Whether all rules have to be looked at together, the next time."""

    # -- writing

    def write(
        self, look: Callable[[Session], Seen], do: Callable[[Write, Seen], Made], *, is_trial: bool = False
    ) -> Made:
        """Make a change: `look` reads what it needs, `do` makes it; both are called again when others were faster.

        What either raises undoes the change. A trial is always undone, by Undone. Raises TooManyWriters,
        OutcomeUnknown.
        """
        started, pause = time.monotonic(), 0.0
        while True:
            try:
                if pause:
                    self.synchronise()
                with self._changing:
                    shown = self.state
                    write, made = self._attempt(look, do, is_trial)
                break
            except (_Behind, DBDeadlock) as error:
                if time.monotonic() > started + CONTENTION_SECONDS:
                    raise TooManyWriters from error
            except DBConnectionError:  # nothing was stored; another node of the database may take over
                if time.monotonic() > started + ABSENCE_SECONDS:
                    raise
            except OutcomeUnknown:
                self.listeners.on_advanced(self.live.revision + 1)
                raise
            pause = min(max(2 * pause, 0.002), 0.1)
            time.sleep(random.uniform(0, pause))  # noqa: S311
        self.listeners.on_advanced(write.revision)
        if write.state.datasources != shown.datasources:
            self.listeners.on_datasources()
        if self._is_doubtful:
            try:
                self.synchronise()
            except (DBError, CongressError) as error:  # the change is made, and that is what was asked for
                LOG.warning("rules that are set aside are tried later: %s", error)
        return made

    def _attempt(
        self, look: Callable[[Session], Seen], do: Callable[[Write, Seen], Made], is_trial: bool
    ) -> tuple[Write, Made]:
        before, token = self.live.revision, str(uuid.uuid4())
        with self.database.snapshot() as session:
            if stored_revision.current(session) != before:
                raise _Behind
            seen = look(session)
        with self.live.transaction() as change:
            write = Write(change, before + 1, self.state)
            made = do(write, seen)
            if is_trial:
                raise Undone(change.preview())
            # Nothing slow happens while the database holds the others back.
            is_stored = partial(stored_revision.decided, before=before, token=token)
            with self.database.certain_writer(is_stored) as session:
                if not stored_revision.advance(session, before, token):
                    raise _Behind
                for store in write.stores:
                    store(session)
            self.live.showing(write.revision)
        came_and_went = set(write.state.datasources) ^ set(self.state.datasources)
        self._is_doubtful |= write.frees and self.parking.conflicts()
        self._is_doubtful |= bool(came_and_went) and (bool(self.parking) or write.state.mentions(came_and_went))
        self.state = write.state
        self.parking.forget(write.in_effect)
        return write, made

    # -- following

    def synchronise(self) -> str:
        """Take over what others wrote, as one transaction; answers what was done. Raises DBError, CongressError."""
        with self._changing:
            shown = self.state
            done = self._follow(judged=self._is_doubtful)
            created_or_deleted = self.state.datasources != shown.datasources
            names = [
                policy.name for key, policy in self.state.policies.items() if shown.policies.get(key) is not policy
            ]
        if names:
            self.listeners.on_policies(names)
        if created_or_deleted:
            self.listeners.on_datasources()
        return done

    def _follow(self, judged: bool) -> str:
        try:
            with self.database.snapshot() as session:
                number = stored_revision.current(session)
                if number == self.live.revision and self._is_loaded and not judged:
                    return f"no change: revision {number} is shown"
                if number < self.live.revision:
                    LOG.error("the database went back from revision %s to %s", self.live.revision, number)
                    judged = True
                stored = following.read(session, self.state, number, everything=judged)
            self._show(stored, judged)
        except following.NeedsJudgement:
            return self._follow(judged=True)
        return f"shows revision {number}"

    def _show(self, stored: Stored, judged: bool) -> None:
        verdicts = following.verdicts(stored, self._columns) if judged else None
        target = following.target(stored, self.state, self.parking, verdicts)
        steps = difference(self.state, target)
        if not judged and following.may_free(steps, self.state, self.parking):
            raise following.NeedsJudgement
        with self.live.transaction() as change:
            costly = following.take(change, steps, self._columns, judged)
            self.live.showing(stored.revision)
        following.park(self.parking, stored, verdicts, costly)
        self.state = target.state(without_rules=costly)
        self._is_doubtful, self._is_loaded = False, True
        self.live.show(stored.revision)
