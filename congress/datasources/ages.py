"""How old the rows of each datasource are, as every node learns it from the one that reads the clouds.

Ages travel, not times of day: a node measures from the moment a message arrived, with a clock that never jumps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from congress.bus.contract import VERSION, Bus, Message

TOPIC: Final = "ages"


class Ages:
    """What is known here. `monotonic` is for tests."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._epoch = -1
        self._read_at: dict[str, float] = {}

    def receive(self, message: Message) -> None:
        """Take in what the reading node says; what an older one says is ignored."""
        if message.get("kind") != "ages":
            return
        now = self._monotonic()
        with self._lock:
            if int(message["epoch"]) < self._epoch:
                return
            self._epoch = int(message["epoch"])
            for source, age in message["ages"].items():
                # A message may have been on its way for a while; a datasource never grows older by being told so twice.
                self._read_at[source] = max(self._read_at.get(source, float("-inf")), now - float(age))

    def age(self, source: str) -> float | None:
        """Seconds since a datasource was read without errors or pushed into; None when it never was."""
        read_at = self._read_at.get(source)
        return None if read_at is None else max(0.0, self._monotonic() - read_at)

    def oldest(self, sources: Iterable[str]) -> float | None:
        """The age of the oldest of these, 0.0 for none of them; None when one was never read."""
        ages = [self.age(source) for source in sources]
        known = [age for age in ages if age is not None]
        return None if len(known) < len(ages) else max(known, default=0.0)

    def forget(self, source: str) -> None:
        """The datasource is gone; another one of its name begins anew."""
        with self._lock:
            self._read_at.pop(source, None)


class Teller:
    """The reading node's side: tells all nodes the ages, all of them every `period` seconds and one when it changed."""

    def __init__(
        self, bus: Bus, epoch: Callable[[], int | None], ages: Callable[[], dict[str, float]], period: float = 2.0
    ) -> None:
        """`epoch`: of the lease under which this node reads, None while it does not."""
        self._bus, self._epoch, self._ages, self._period = bus, epoch, ages, period
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="ages", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()

    def tell(self, ages: dict[str, float] | None = None) -> None:
        """Tell these ages, or all, now."""
        epoch = self._epoch()
        if epoch is not None:
            told = self._ages() if ages is None else ages
            self._bus.publish(TOPIC, {"v": VERSION, "kind": "ages", "epoch": epoch, "ages": told})

    def _repeat(self) -> None:
        while not self._stopped.wait(self._period):
            self.tell()
