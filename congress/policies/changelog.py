"""Keeps the change log going in a thread of its own: records what is seen, and forgets what is old."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

from congress.policies.live import Live
from congress.policies.recorder import Recorder

LOG = logging.getLogger(__name__)


class ChangeLog:
    """Runs a recorder in a thread of its own, and forgets old records."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        delay: Callable[[], float] = lambda: 0.0,
        purge: Callable[[], object] = lambda: None,
        period: float = 0.25,
    ) -> None:
        """`delay`: seconds to let other engines go first. `purge` is called at the beginning and every ten minutes."""
        self._recorder, self._delay, self._purge, self._period = recorder, delay, purge, period
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="change-log", daemon=True)

    def start(self, live: Live) -> None:
        """Follow the workspace from now on; before the first data arrive, lest their effects look like changes."""
        self._recorder.begin()
        live.listen(lambda changes: self._wake.set() if changes else None)
        self._wake.set()
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Store what was seen, as far as that is quick, and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        waits, failing, purged = True, False, -math.inf
        while not self._stopping.is_set():
            self._wake.wait(self._period if waits else 1.0)
            if self._wake.is_set() and (seconds := self._delay()) > 0:
                self._stopping.wait(seconds)
            self._wake.clear()
            try:
                waits = self._recorder.work()
                if time.monotonic() - purged > 600:
                    purged = time.monotonic()
                    self._purge()
                failing = False
            except Exception as error:  # the database may be away; what was seen waits for it
                if not failing:
                    LOG.warning("changes of watched tables cannot be recorded now: %s", error)
                    LOG.debug("the failure", exc_info=True)
                failing = waits = True
                self._stopping.wait(1.0)
