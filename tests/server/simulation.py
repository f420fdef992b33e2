"""Processes that want one lease, on one simulated time line: each runs until it looks at its clock or asks the
database, where it may be made to stand still for any time while the others go on."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from oslo_db.exception import DBConnectionError

from congress.conf.lease import Timing
from congress.db.leases import Contender, LeaseRecord
from congress.server.lease import Lease, Store


class Over(BaseException):
    """The simulation has ended."""


class World:
    """The true time, and who runs next. Everything happens in one thread at a time, in an order that is repeatable."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Actor]] = []
        self._main = threading.Semaphore(0)
        self.ending = False

    def at(self, time: float, actor: Actor) -> None:
        heapq.heappush(self._waiting, (time, next(self._order), actor))

    def run(self, until: float, check: Callable[[], None]) -> None:
        """Go on to a time; `check` is called whenever anything may have changed."""
        while self._waiting and self._waiting[0][0] <= until:
            time, _, actor = heapq.heappop(self._waiting)
            self.now = max(self.now, time)
            actor.turn.release()
            self._main.acquire()
            check()
        self.now = until

    def pause(self, actor: Actor, seconds: float) -> None:
        """Called by an actor: let others run, go on after so many seconds."""
        self.at(self.now + seconds, actor)
        self._main.release()
        actor.turn.acquire()
        if self.ending:
            raise Over

    def end(self, actors: list[Actor]) -> None:
        self.ending = True
        for actor in actors:
            actor.turn.release()
            actor.thread.join(5)


class Actor:
    """A thread of a simulated process."""

    def __init__(self, world: World, begins: float, body: Callable[[], float]) -> None:
        self.turn = threading.Semaphore(0)
        self._world, self._body = world, body
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        world.at(begins, self)

    def _run(self) -> None:
        self.turn.acquire()
        try:
            while not self._world.ending:
                self._world.pause(self, max(self._body(), 0.001))
        except Over:
            pass


class MemoryStore:
    """The lease as a database would keep it."""

    def __init__(self) -> None:
        self.row: LeaseRecord | None = None

    def read(self, name: str) -> LeaseRecord | None:
        return self.row

    def take(
        self, name: str, seen: LeaseRecord | None, me: Contender, seconds: float, floor: int = 0
    ) -> int | None:
        if (None if self.row is None else self.row.generation) != (None if seen is None else seen.generation):
            return None
        epoch, generation = (1, 1) if seen is None else (seen.epoch + 1, seen.generation + 1)
        self.row = LeaseRecord(name, me, True, seconds, epoch, generation, since=None)  # type: ignore[arg-type]
        return epoch

    def renew(self, name: str, instance: str, epoch: int) -> bool:
        return self._change(instance, epoch, is_held=True)

    def release(self, name: str, instance: str, epoch: int) -> bool:
        return self._change(instance, epoch, is_held=False)

    def _change(self, instance: str, epoch: int, *, is_held: bool) -> bool:
        row = self.row
        if row is None or not row.held_by(instance) or row.epoch != epoch:
            return False
        self.row = LeaseRecord(
            row.name, row.contender, is_held, row.seconds, epoch, row.generation + 1, row.since
        )
        return True


@dataclass
class Process:
    """A process with a clock of its own, which runs fast or slow and began anywhere.

    `stalls`: how long it stands still at each point at which it could, one after the other; `failures`: which of its
    statements are lost (`before` they had an effect, or only the answer, `after`).
    """

    world: World
    name: str
    store: Store
    timing: Timing
    offset: float
    rate: float
    stalls: list[float]
    failures: list[str]
    told: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        me = Contender(self.name * 8, self.name, "host", "", 1, 1)
        self.lease = Lease(
            "datasources", self, me, self.timing,
            on_taken=self._taken, on_lost=self._lost, clock=self.clock, has_ended=lambda _other: False,
        )  # fmt: skip
        self._epoch = 0

    def begin(self, at: float) -> list[Actor]:
        """The two threads of the lease."""
        self._keeper = Actor(self.world, at, self._keep)
        self._teller = Actor(self.world, at, self._tell)
        return [self._keeper, self._teller]

    def clock(self) -> float:
        return self.offset + self.world.now * self.rate

    def _keep(self) -> float:
        return self.lease.step()

    def _tell(self) -> float:
        self.lease.tell()
        return 0.25

    def _taken(self, epoch: int) -> None:
        self._epoch = epoch
        self.told.append(("taken", epoch))

    def _lost(self) -> None:
        self.told.append(("lost", self._epoch))

    # -- the database, as this process reaches it

    def _stand_still(self) -> None:
        if self.stalls:
            self.world.pause(self._keeper, self.stalls.pop())

    def _ask(self, statement: Callable[[], object]) -> object:
        self._stand_still()
        failure = self.failures.pop() if self.failures else ""
        if failure == "before":
            raise DBConnectionError(Exception("gone away"))
        answer = statement()
        self._stand_still()
        if failure == "after":
            raise DBConnectionError(Exception("gone away"))
        return answer

    def read(self, name: str) -> LeaseRecord | None:
        return self._ask(lambda: self.store.read(name))  # type: ignore[return-value]

    def take(
        self, name: str, seen: LeaseRecord | None, me: Contender, seconds: float, floor: int = 0
    ) -> int | None:
        return self._ask(lambda: self.store.take(name, seen, me, seconds, floor))  # type: ignore[return-value]

    def renew(self, name: str, instance: str, epoch: int) -> bool:
        return bool(self._ask(lambda: self.store.renew(name, instance, epoch)))

    def release(self, name: str, instance: str, epoch: int) -> bool:
        return bool(self._ask(lambda: self.store.release(name, instance, epoch)))
