"""Moves the table `now` on, so that rules about age follow the clock."""

from __future__ import annotations

import datetime
import logging
import threading

from congress.policies.live import Live

LOG = logging.getLogger(__name__)


class Ticker:
    """Ticks every `period` seconds in a thread of its own until it is stopped."""

    def __init__(self, live: Live, period: float) -> None:
        self._live, self._period = live, period
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        """Tick once now, then periodically."""
        self._tick()
        self._thread.start()

    def stop(self) -> None:
        """Tick no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._stopping.wait(self._period):
            self._tick()

    def _tick(self) -> None:
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
        try:
            self._live.tick(now)
        except Exception:  # the next tick may succeed, and without this thread no rule about age ever would
            LOG.exception("the table `now` could not move on to %s", now)
