"""A lease at work: takes it when it is free, renews it, and stops acting before anybody else can have it.

Two threads. One talks to the database: it renews, or looks whether the lease can be taken. The other one never waits
for the database: it tells the rest of the process what it holds and, by the clock, what it does not hold any more.

Why never two hold it: the holder trusts a renewal for `valid` seconds from the moment before it was sent. Others see
the renewed row later than that, wait the longer `duration` from then on, and take the row only as they saw it. The
epoch, which grows with every taking, is for what no clock prevents: a process that is stopped between looking at its
clock and acting. Receivers drop what comes with a lower one.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.conf.lease import Timing
from congress.db.leases import Contender, LeaseRecord
from congress.server import identity
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_HELD = metrics.gauge("congress_lease_held", "1 while this process holds the lease, else 0.", "lease")
_EPOCH = metrics.gauge("congress_lease_epoch", "The epoch under which this process last held the lease.", "lease")
_RENEWALS = metrics.counter("congress_lease_renewals_total", "Renewals that succeeded.", "lease")
_FAILURES = metrics.counter("congress_lease_failures_total", "Times that the database did not answer.", "lease")

LOOK_SECONDS = 1.0
"""At most so long a free lease goes unnoticed."""


class Store(Protocol):
    """See `congress.db.leases.LeaseStore`. Raises what the database raises."""

    def read(self, name: str) -> LeaseRecord | None: ...

    def take(
        self, name: str, seen: LeaseRecord | None, me: Contender, seconds: float, floor: int = 0
    ) -> int | None: ...

    def renew(self, name: str, instance: str, epoch: int) -> bool: ...

    def release(self, name: str, instance: str, epoch: int) -> bool: ...


class Watch:
    """What one observer knows of a lease: since when it has looked the same."""

    def __init__(self, me: Contender, has_ended: Callable[[Contender], bool] = identity.has_ended) -> None:
        self._me, self._has_ended = me, has_ended
        self._seen: tuple[str, int] | None = None
        self._since = 0.0

    def see(self, record: LeaseRecord | None, now: float) -> str | None:
        """Why the lease may be taken, None when it may not. `now`: a moment after it was read."""
        if record is None:
            return "nobody ever held it"
        state = (record.contender.instance, record.generation)
        if state != self._seen:
            self._seen, self._since = state, now
        if not record.is_held:
            return f"{_called(record)} gave it back"
        if record.held_by(self._me.instance):
            return "it was this process's own"
        if self._has_ended(record.contender):
            return f"{_called(record)} has ended"
        if now - self._since >= record.seconds:
            return f"{_called(record)} did not renew it for {record.seconds:g} s"
        return None

    def expiry(self, record: LeaseRecord) -> float:
        """When it will be free if it is not renewed."""
        return self._since + record.seconds


@dataclass(frozen=True, slots=True)
class _Grant:
    """The right to act under an epoch until a moment of this process's clock."""

    epoch: int
    until: float


class Lease:
    """One lease, wanted for as long as the process runs.

    `on_taken(epoch)` and `on_lost()` are called one after the other from one thread; `on_taken` should return soon. An
    exception from it gives the lease back. Between the two, whoever acts asks `held` before each act. `exclusive`: the
    database is known to be this process's alone, so the lease is taken at once and needs no renewal.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        me: Contender,
        timing: Timing,
        *,
        on_taken: Callable[[int], None] = lambda _epoch: None,
        on_lost: Callable[[], None] = lambda: None,
        exclusive: bool = False,
        clock: Callable[[], float] = identity.clock,
        has_ended: Callable[[Contender], bool] = identity.has_ended,
    ) -> None:
        self.name = name
        self._store, self._me, self._timing = store, me, timing
        self._on_taken, self._on_lost, self._exclusive, self._clock = on_taken, on_lost, exclusive, clock
        self._watch = Watch(me, has_ended)
        self._changed = threading.Condition()
        self._grant: _Grant | None = None
        self._told: int | None = None
        self._to_release: int | None = None
        self._not_before = float("-inf")
        self._stopping = False
        self._holder: LeaseRecord | None = None
        self._sentence = "not asked for yet"
        self._renewals = self._failures = self._floor = 0
        self._teller = threading.Thread(target=self._tell_on, name=f"lease-{name}-tell", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name=f"lease-{name}-keep", daemon=True)

    def start(self) -> None:
        """Begin to want it; returns at once."""
        self._teller.start()
        self._keeper.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Stop acting, then give it back, for which there are so many seconds."""
        deadline = self._clock() + timeout
        with self._changed:
            self._stopping = True
            self._end()
        for thread in (self._teller, self._keeper):
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(max(0.0, deadline - self._clock()))
        if self._keeper.is_alive():
            LOG.warning("lease %s could not be given back in %g s; others wait until it is over", self.name, timeout)

    def held(self) -> int | None:
        """The epoch under which this process may act at this moment, None when it may not."""
        with self._changed:
            if self._grant is None:
                return None
            if self._clock() < self._grant.until:
                return self._grant.epoch
            # An epoch that was over once is over for good, even if a renewal turns out to have been in time.
            self._end()
            return None

    def status(self) -> dict[str, Any]:
        """What to show of it: `role` is active or standby, `holder` the node that held it when last looked at."""
        epoch, seen = self.held(), self._holder
        return {
            "role": "standby" if epoch is None else "active",
            "epoch": epoch if epoch is not None else seen.epoch if seen else None,
            "holder": self._me.node if epoch is not None else seen.contender.node if seen and seen.is_held else None,
            "state": self._sentence,
            "renewals": self._renewals,
            "failures": self._failures,
        }

    # -- the thread that talks to the database

    def step(self) -> float:
        """Do what is due at the database; answers in how many seconds to come back."""
        try:
            self._release()
            if self._stopping:
                return 0.0
            epoch = self.held()
            return self._look() if epoch is None else self._renew(epoch)
        except (DBError, SQLAlchemyError, OSError) as error:
            self._failures += 1
            _FAILURES.labels(self.name).inc()
            self._say(f"the database did not answer as it should: {str(error).splitlines()[0][:200]}")
            return min(self._timing.renew / 4, LOOK_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries

    def _renew(self, epoch: int) -> float:
        if self._exclusive:
            return self._timing.renew
        began = self._clock()
        if not self._store.renew(self.name, self._me.instance, epoch):
            with self._changed:
                self._end()
            self._say(f"lost: another process took it from epoch {epoch}")
            return 0.0
        self._renewals += 1
        _RENEWALS.labels(self.name).inc()
        with self._changed:
            grant, now = self._grant, self._clock()
            if grant is not None and grant.epoch == epoch and now < grant.until:
                self._grant = _Grant(epoch, began + self._timing.valid)
                self._changed.notify_all()
            else:
                self._end()
                self._say(f"lost: the renewal of epoch {epoch} took too long")
        return max(0.0, began + self._timing.renew - now)

    def _look(self) -> float:
        seen = self._store.read(self.name)
        now = self._clock()
        reason = self._watch.see(seen, now)
        if reason is None and self._exclusive:
            reason = "no other process uses this database"
        self._holder = seen
        self._floor = max(self._floor, seen.epoch if seen else 0)
        if now < self._not_before:
            return self._not_before - now
        if reason is None:
            assert seen is not None
            self._say(f"waiting: {_called(seen)} holds it under epoch {seen.epoch}")
            return max(0.0, min(LOOK_SECONDS, self._watch.expiry(seen) - now))
        began = self._clock()
        epoch = self._store.take(self.name, seen, self._me, self._timing.duration, self._floor)
        if epoch is None:
            return random.uniform(0.0, 0.1)  # noqa: S311 - another one was faster
        self._floor = epoch
        until = float("inf") if self._exclusive else began + self._timing.valid
        with self._changed:
            if self._stopping:
                self._to_release = epoch
                return 0.0
            self._grant = _Grant(epoch, until)
            self._changed.notify_all()
        self._say(f"taken under epoch {epoch}: {reason}")
        return self._timing.renew

    def _release(self) -> None:
        epoch = self._to_release
        if epoch is not None and self._told is None:
            self._store.release(self.name, self._me.instance, epoch)
            self._to_release = None
            self._say(f"given back after epoch {epoch}")

    def _keep(self) -> None:
        while True:
            try:
                wait = self.step()
            except Exception:  # without this thread the process would never act again
                LOG.exception("lease %s: unexpected failure", self.name)
                wait = LOOK_SECONDS
            with self._changed:
                if self._stopping and self._told is None and self._to_release is None:
                    return
                # Waits for the first thing to do: a time, or a word from the other thread.
                self._changed.wait(0.05 if self._stopping else wait)

    # -- the thread that tells

    def tell(self) -> None:
        """Call what is due to be called."""
        held = self.held()
        if self._told is not None and held != self._told:
            try:
                self._on_lost()
            except Exception:
                LOG.exception("lease %s: what acted under epoch %s could not be stopped", self.name, self._told)
            _HELD.labels(self.name).set(0)
            with self._changed:
                self._told = None
                self._changed.notify_all()  # now it can be given back
        if held is not None and self._told is None:
            self._told = held
            _HELD.labels(self.name).set(1)
            _EPOCH.labels(self.name).set(held)
            try:
                self._on_taken(held)
            except Exception:
                LOG.exception("lease %s: cannot act under epoch %s; giving it back", self.name, held)
                with self._changed:
                    self._not_before = self._clock() + self._timing.duration
                    self._end()
                self.tell()

    def _tell_on(self) -> None:
        while True:
            self.tell()
            with self._changed:
                if self._stopping:
                    self._changed.notify_all()
                    return
                current = None if self._grant is None else self._grant.epoch
                if current != self._told:
                    continue
                left = None if self._grant is None else self._grant.until - self._clock()
                self._changed.wait(None if left is None else min(max(left, 0.001), LOOK_SECONDS))

    def _end(self) -> None:
        """The grant is over; called with the lock held."""
        if self._grant is not None:
            self._to_release = self._grant.epoch
            self._grant = None
            self._changed.notify_all()

    def _say(self, sentence: str) -> None:
        if sentence != self._sentence:
            self._sentence = sentence
            LOG.info("lease %s: %s", self.name, sentence)


def _called(record: LeaseRecord) -> str:
    return f"node {record.contender.node} (process {record.contender.pid} on {record.contender.host})"
