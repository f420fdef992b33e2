"""Sends events to their targets, at the one node that may: in order, again until they are taken, and never past the
first one that is not, until a person is left to decide about it.

A target needs no queue. It has a place in the change log, which moves when it has taken what comes next; who sends
may die at any moment, and the next one goes on from there. So an event may be sent twice, and is told apart by its id.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from congress.db import eventtargets as stored
from congress.db.eventtargets import Letter, Target
from congress.db.session import Database
from congress.outgoing.errors import NotDelivered
from congress.outgoing.targets import BUS, now
from congress.policies.events import Batch, EventLog, Filter, told
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_THREADS, _AT_ONCE = 8, 100
_LOOK_SECONDS = 1.0
_SENT = metrics.counter(
    "congress_outgoing_events_total", "Events sent to webhooks and to the message bus, by what became of it.", "outcome"
)
_BEHIND = metrics.observed("congress_outgoing_behind_events", "Events that the slowest target has not taken yet.")


class Deliver(Protocol):
    """Brings one body to a target. Raises NotDelivered."""

    def __call__(self, target: Target, body: str, delivery: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a webhook is tried, and the seconds before the second time; they double up to `longest`."""

    attempts: int = 8
    delay: float = 5.0
    longest: float = 600.0

    def after(self, attempts: int) -> float:
        """Seconds to wait after so many failures."""
        return float(min(self.longest, self.delay * 2 ** min(attempts - 1, 20)))


class Sender:
    """`round` looks once for what is to be sent; `start` does it again and again in a thread.

    `held` says whether this process may send now: one that was replaced sends nothing twice on purpose. What the
    message bus does not take is tried for ever, since it is no other party's fault; nothing overtakes it there.
    """

    def __init__(
        self,
        database: Database,
        events: EventLog,
        deliver: Deliver,
        held: Callable[[], int | None],
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        *,
        run: Callable[[Callable[[], None]], Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`run` does the work of one target, by default in some threads."""
        self._database, self._events, self._deliver = database, events, deliver
        self._held, self._patience, self._clock = held, patience, clock
        self._pool = ThreadPoolExecutor(_THREADS, "outgoing") if run is None else None
        self._run = run or self._submit
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._later: dict[str, float] = {}
        self._behind = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="outgoing", daemon=True)
        _BEHIND.follow(lambda: {(): float(self._behind)})

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Begin nothing new; what is under way may be sent again by the next one."""
        self._stopping.set()
        self._events.wake()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _loop(self) -> None:
        failing = False
        while not self._stopping.is_set():
            seen = self._events.seen()
            try:
                self.round()
                failing = False
            except Exception as error:  # the database may be away; every target keeps its place
                if not failing:
                    LOG.warning("events are not sent now: %s", error)
                    LOG.debug("the failure", exc_info=True)
                failing = True
            self._events.rest(seen, _LOOK_SECONDS)

    def _submit(self, work: Callable[[], None]) -> None:
        assert self._pool is not None
        self._pool.submit(work)

    # -- one round -----------------------------------------------------------------------------------------------------

    def round(self) -> None:
        """Begin to send what may be sent now. Raises what the database raises."""
        if self._held() is None:
            self._behind = 0
            return
        with self._database.reader() as session:
            targets = stored.every(session)
            again = {letter.target: letter for letter in reversed(stored.letters(session, due=True))}
        latest = self._events.latest() if targets else 0
        self._behind = max((latest - target.position for target in targets), default=0)
        for target in targets:
            letter = again.get(target.id)
            if (letter is not None or target.position < latest) and self._take(target.id):
                self._run(lambda target=target, letter=letter: self._work(target, letter))  # type: ignore[misc]

    def _take(self, identity: str) -> bool:
        """Whether this target is to be worked on now, by nobody else."""
        with self._lock:
            if identity in self._busy or self._clock() < self._later.get(identity, 0.0):
                return False
            self._busy.add(identity)
            return True

    def _work(self, target: Target, letter: Letter | None) -> None:
        try:
            if letter is not None:
                self._send_letter(target, letter)
            going: Target | None = target
            while going is not None and self._held() is not None and not self._stopping.is_set():
                going = self._send_next(going)
        except Exception as error:  # the database; the round tries again
            LOG.warning("events could not be sent to %s: %s", target.id, error)
            LOG.debug("the failure", exc_info=True)
        finally:
            with self._lock:
                self._busy.discard(target.id)

    # -- one target ----------------------------------------------------------------------------------------------------

    def _send_next(self, target: Target) -> Target | None:
        """Send what comes next; answers the target as it is then, None when there is nothing to go on with."""
        batch = self._events.after(target.position, _AT_ONCE, Filter(target.policy, target.table))
        if not batch.events and batch.missed is None:
            if batch.latest > target.position:
                self._advance(target, batch.latest)
            return None
        first, last = _ends(batch, target)
        text = body(target, batch)
        try:
            self._deliver(target, text, f"{target.id}-{first}-{last}")
        except NotDelivered as error:
            self._failed(target, batch, text, str(error))
            return None
        _SENT.labels("taken").inc(len(batch.events))
        self._later.pop(target.id, None)
        return self._advance(target, batch.latest)

    def _advance(self, target: Target, position: int, *, attempts: int = 0, error: str = "") -> Target | None:
        with self._database.writer() as session:
            if not stored.advance(session, target, position, attempts=attempts, error=error):
                return None  # another node sends now, or the webhook is deleted
        generation = target.generation + 1
        return replace(target, position=position, generation=generation, attempts=attempts, error=error)

    def _failed(self, target: Target, batch: Batch, text: str, error: str) -> None:
        attempts = target.attempts + 1
        _SENT.labels("refused").inc(len(batch.events))
        if target.id == BUS or attempts < self._patience.attempts:
            LOG.info("events were not taken by %s, for the %d. time: %s", target.id, attempts, error)
            self._later[target.id] = self._clock() + self._patience.after(attempts)
            self._advance(target, target.position, attempts=attempts, error=error)
            return
        LOG.warning(
            "events were not taken by %s in %d attempts; they are a dead letter: %s", target.id, attempts, error
        )
        first, last = _ends(batch, target)
        letter = Letter(str(uuid.uuid4()), target.id, first, last, text, attempts, error, now())
        with self._database.writer() as session:
            if stored.advance(session, target, batch.latest, error=error):
                stored.put_letter(session, letter)
        _SENT.labels("dead").inc(len(batch.events))

    def _send_letter(self, target: Target, letter: Letter) -> None:
        try:
            self._deliver(target, letter.body, f"{target.id}-{letter.first}-{letter.last}")
        except NotDelivered as error:
            with self._database.writer() as session:
                stored.put_letter(session, replace(letter, attempts=1, error=str(error), at=now()))
            return
        with self._database.writer() as session:
            stored.remove_letter(session, letter.id)


def _ends(batch: Batch, target: Target) -> tuple[int, int]:
    """The first and the last event of a batch that is sent."""
    if not batch.events:
        return target.position, batch.latest
    return batch.events[0].change.id, batch.events[-1].change.id


def body(target: Target, batch: Batch) -> str:
    """What is sent: the events, and whether some before them are lost."""
    missed = None if batch.missed is None else {"after": str(target.position), "until": str(batch.missed)}
    content: Mapping[str, Any] = {
        "target": target.id,
        "events": [told(event) for event in batch.events],
        "missed": missed,
    }
    return json.dumps(content, separators=(",", ":"))
