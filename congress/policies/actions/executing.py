"""Does what the ledger asks for, at the one node that may: claim, look again, act, record how it ended.

Whatever dies at whatever point: an entry is claimed before it is tried and its end is recorded after, so what is
found claimed by somebody who is gone may have been done. It is reported as unknown, or done again where the operator
said so, and never forgotten.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

from oslo_db.exception import DBDeadlock
from sqlalchemy.orm import Session

from congress.db import actions as stored
from congress.db.actions import Entry
from congress.db.session import Database
from congress.policies.actions.checking import BEHIND, GONE, Check
from congress.policies.actions.guards import Guards
from congress.policies.actions.outcomes import Act, Outcome
from congress.policies.actions.settings import Settings

LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_SCANNED, _DEADLOCKS = 2000, 5
_LATER = 1.0


class Executor:
    """`round` looks once for what is to be done; `start` does it again and again in a thread."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        held: Callable[[], int | None],
        check: Check,
        act: Act,
        age: Callable[[str], float | None],
        node: str,
        run: Callable[[Callable[[], None]], Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`held`: the epoch under which this process may act now, None when it may not. `age`: seconds since a
        datasource was read, None when it never was. `run` does the work of one entry, by default in some threads."""
        self._database, self._settings, self._node, self._clock = database, settings, node, clock
        self._held, self._check, self._act, self._age = held, check, act, age
        self._pool = ThreadPoolExecutor(settings.concurrency, "action") if run is None else None
        self._run = run or self._submit
        self.guards = Guards(settings, clock)
        self._epoch: int | None = None
        self._busy: set[str] = set()
        self._objects: set[tuple[str, str]] = set()
        self._later: dict[str, float] = {}
        self._cursor = 0
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="actions", daemon=True)

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to act."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Begin nothing new, and wait a little for what was begun."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        deadline = time.monotonic() + timeout
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def _loop(self) -> None:
        failing = False
        while not self._stopping.is_set():
            self._wake.wait(0.5)
            self._wake.clear()
            try:
                self.round()
                failing = False
            except Exception as error:  # the database may be away; the ledger waits
                if not failing:
                    LOG.warning("actions wait: %s", error)
                    LOG.debug("the failure", exc_info=True)
                failing = True

    def _submit(self, work: Callable[[], None]) -> None:
        assert self._pool is not None
        self._pool.submit(work)

    # -- one round -----------------------------------------------------------------------------------------------------

    def round(self) -> None:
        """Begin what may begin now. Raises what the database raises."""
        epoch = self._held()
        if epoch is None:
            self._epoch = None
            return
        if epoch != self._epoch and not self._take_over(epoch):
            return
        self._adopt(epoch)
        with self._database.reader() as session:
            if stored.control(session).paused:
                return
        self._expire()
        self._begin(epoch)

    def _take_over(self, epoch: int) -> bool:
        if not self._write(lambda session: stored.admit(session, epoch)):
            LOG.warning("actions: epoch %s may not act any more, a later one does", epoch)
            return False
        now, kept = stored.now(), max(self._settings.rate_period, self._settings.rest)
        with self._database.reader() as session:
            for entry in stored.recent(session, now - timedelta(seconds=kept)):
                ago = (now - entry.updated_at).total_seconds()
                self.guards.started(entry.name, ago)
                if entry.state in (stored.DONE, stored.FAILED):
                    self.guards.ended(entry.name, well=entry.state == stored.DONE, ago=ago)
        LOG.info("actions are executed here, epoch %s", epoch)
        self._epoch = epoch
        return True

    def _adopt(self, epoch: int) -> None:
        """Decide about claims whose claimants are gone."""
        with self._database.reader() as session:
            claimed = stored.in_state(session, stored.CLAIMED)
        for entry in claimed:
            if entry.id in self._busy or entry.epoch is None or entry.epoch > epoch:
                continue
            if entry.epoch == epoch:
                # Our own: the answer to the claim was lost, so it was never tried.
                state, detail = stored.PENDING, "claimed, but not begun"
            elif self._settings.repeats(entry.name):
                state, detail = stored.PENDING, f"its node {entry.node} is gone; it may be done a second time"
            else:
                state, detail = stored.UNKNOWN, f"its node {entry.node} is gone; whether it was done is not known"
            LOG.warning("action %s %s%s: %s", entry.id, entry.name, entry.row, detail)
            self._move(entry, state, detail)

    def _expire(self) -> None:
        limit = stored.now() - timedelta(seconds=self._settings.expiry)
        for state in stored.OPEN:
            with self._database.reader() as session:
                waiting = stored.in_state(session, state)
            for entry in waiting:
                if entry.updated_at < limit and entry.id not in self._busy:
                    detail = f"nothing was done within {self._settings.expiry:.0f} s; {entry.outcome}"
                    self._move(entry, stored.EXPIRED, detail.rstrip("; "))

    def _begin(self, epoch: int) -> None:
        seen = 0
        while len(self._busy) < self._settings.concurrency and seen < _SCANNED and not self._stopping.is_set():
            with self._database.reader() as session:
                page = stored.in_state(session, stored.PENDING, after=self._cursor)
            if not page:
                self._cursor = 0
                return
            for entry in page:
                if len(self._busy) >= self._settings.concurrency:
                    return
                self._cursor = entry.sequence
                seen += 1
                if self._may_begin(entry):
                    self._busy.add(entry.id)
                    self._objects.add(_object(entry))
                    self._run(lambda entry=entry: self._work(entry, epoch))  # type: ignore[misc]

    def _may_begin(self, entry: Entry) -> bool:
        if entry.id in self._busy or _object(entry) in self._objects:
            return False
        if self._later.get(entry.id, 0.0) > self._clock():
            return False
        reason = self.guards.closed(entry.name)
        if reason is not None:
            self._wait(entry, reason)
        return reason is None

    def _wait(self, entry: Entry, reason: str) -> None:
        """Look at an entry again a little later, and let people see why."""
        if len(self._later) > 10 * _SCANNED:
            self._later.clear()
        self._later[entry.id] = self._clock() + _LATER
        # How long is left changes all the time, what is waited for does not.
        if entry.outcome.partition(" ")[0] != reason.partition(" ")[0]:
            self._write(lambda session: stored.remark(session, entry, reason))

    # -- one entry -----------------------------------------------------------------------------------------------------

    def _work(self, entry: Entry, epoch: int) -> None:
        try:
            claimed = self._claimed(entry, epoch)
            if claimed is not None:
                state, detail = self._tried(claimed, epoch)
                self._finish(claimed, state, detail)
        except Exception as error:  # nothing was begun: whatever it is, the entry stays as it is stored
            LOG.warning("action %s waits: %s", entry.id, error)
            self._later[entry.id] = self._clock() + _LATER
        finally:
            self._objects.discard(_object(entry))
            self._busy.discard(entry.id)
            self._wake.set()

    def _claimed(self, entry: Entry, epoch: int) -> Entry | None:
        """The entry as it is after its claim; None when it is not to be tried now."""
        reason = self._reason_to_wait(entry)
        if reason == GONE:
            self._move(entry, stored.OBSOLETE, "the row does not hold any longer")
            return None
        if reason is None:
            reason = self.guards.admit(entry.name)
        if reason is not None:
            self._wait(entry, reason)
            return None

        def claim(session: Session) -> Entry | None:
            if stored.control(session).paused or not stored.claim(session, entry, epoch=epoch, node=self._node):
                return None
            return stored.find(session, entry.id)

        return self._write(claim) if self._held() == epoch else None

    def _reason_to_wait(self, entry: Entry) -> str | None:
        verdict = self._check(entry)
        if verdict.answer == GONE:
            return GONE
        if verdict.answer == BEHIND:
            return "engines do not know yet whether the row still holds"
        if verdict.absent:
            return f"the row follows from {', '.join(verdict.absent)}, which does not exist"
        for source in verdict.sources:
            age, limit = self._age(source), self._settings.age_of(source)
            if limit and (age is None or age > limit):
                told = "never read" if age is None else f"{age:.0f} s old"
                return f"data of {source} are {told}; the limit is {limit:.0f} s (options `data_age`, `data_ages`)"
        return None

    def _tried(self, entry: Entry, epoch: int) -> tuple[str, str]:
        """The state in which the attempts leave an entry, and why."""
        what = f"{entry.name}({', '.join(map(str, entry.arguments))})"
        if not self._settings.enabled:
            LOG.info("action %s for policy %s is not executed: enable_execute_action is off", what, entry.policy)
            return stored.REJECTED, "enable_execute_action is off; the action was only logged"
        for attempt in range(1, self._settings.attempts + 1):
            if not self._may_act(epoch):
                return stored.PENDING, "given back before it was tried"
            if attempt > 1 and self._reason_to_wait(entry) == GONE:
                return stored.OBSOLETE, "the row does not hold any longer"
            LOG.info("action %s for policy %s, attempt %s, epoch %s", what, entry.policy, attempt, epoch)
            outcome = self._attempt(entry)
            self.guards.ended(entry.name, well=outcome.kind == "done")
            if outcome.kind == "done":
                return stored.DONE, outcome.text
            LOG.warning("action %s for policy %s: %s: %s", what, entry.policy, outcome.kind, outcome.text)
            if outcome.kind == "uncertain" and not self._settings.repeats(entry.name):
                return stored.UNKNOWN, outcome.text
            if outcome.kind == "hopeless" or attempt == self._settings.attempts:
                break
            self._stopping.wait(self._settings.retry_delay * 2 ** (attempt - 1))
        times = "" if attempt == 1 else f" (attempt {attempt})"
        return stored.UNKNOWN if outcome.kind == "uncertain" else stored.FAILED, outcome.text + times

    def _may_act(self, epoch: int) -> bool:
        """Asked directly before each attempt: a process that stood still may have been replaced, or actions paused."""
        with self._database.reader() as session:
            paused = stored.control(session).paused
        return not paused and not self._stopping.is_set() and self._held() == epoch

    def _attempt(self, entry: Entry) -> Outcome:
        try:
            return self._act(entry)
        except Exception as error:  # drivers are foreign code
            LOG.exception("action %s of entry %s failed unexpectedly", entry.name, entry.id)
            return Outcome("uncertain", f"{type(error).__name__}: {error}")

    def _finish(self, claimed: Entry, state: str, detail: str) -> None:
        """Record the end, however long the database is away: nobody else knows it."""
        pause = 0.1
        while True:
            try:
                finish = lambda session: stored.finish(session, claimed, state, actor=self._node, detail=detail)  # noqa: E731
                if not self._write(finish):
                    LOG.warning("action %s ended as %s (%s), but went on elsewhere", claimed.id, state, detail)
                return
            except Exception as error:
                LOG.warning("the end of action %s (%s) cannot be recorded yet: %s", claimed.id, state, error)
                if self._stopping.wait(pause):
                    return
                pause = min(2 * pause, 5.0)

    # -- the database --------------------------------------------------------------------------------------------------

    def _move(self, entry: Entry, state: str, detail: str) -> None:
        self._write(lambda session: stored.move(session, entry, state, actor=self._node, detail=detail))

    def _write(self, do: Callable[[Session], _Result]) -> _Result:
        for again in range(_DEADLOCKS):
            try:
                with self._database.writer() as session:
                    return do(session)
            except DBDeadlock:
                if again == _DEADLOCKS - 1:
                    raise
                time.sleep(random.uniform(0.0, 0.05))  # noqa: S311 - no secret
        raise AssertionError("the loop returns or raises")


def _object(entry: Entry) -> tuple[str, str]:
    """What an action acts on, as far as can be told: things are done to one object one after the other."""
    return entry.datasource, str(entry.arguments[:1])
