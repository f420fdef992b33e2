"""Keeps an engine's program up to date: at once when somebody says that there is more to know, and surely by looking.

A hint (from the bus, or from a client who knows a higher revision) only makes it look earlier, so hints may be lost,
doubled, late or wrong.
"""

from __future__ import annotations

import logging
import threading

from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.errors import CongressError
from congress.policies.replica import Replica

LOG = logging.getLogger(__name__)
LONGEST_PAUSE = 5.0
"""Seconds between two attempts while the database does not answer."""


class Synchroniser:
    """A thread that calls `Replica.synchronise`; `period` seconds pass at most between two looks, None: only hints."""

    def __init__(self, replica: Replica, period: float | None) -> None:
        self._replica, self._period = replica, period
        self._wake = threading.Event()
        self._stopping = False
        self._failing_since: str | None = None
        self._thread = threading.Thread(target=self._run, name="synchronise", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a synchronisation that goes on is finished."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def hint(self, revision: int) -> None:
        """Somebody says that there is this revision."""
        if revision > self._replica.live.revision:
            self._wake.set()

    def reach(self, revision: int, wait: float) -> bool:
        """Look for this revision, and wait at most so many seconds for it; whether it is shown."""
        self.hint(revision)
        return self._replica.live.reach(revision, wait)

    def trouble(self) -> str | None:
        """Why this engine may not follow what others write, None when it does."""
        return self._failing_since

    def _run(self) -> None:
        pause = 0.1
        while not self._stopping:
            if self._failing_since is None:
                self._wake.wait(self._period)
                pause = 0.1
            else:
                pause = min(2 * pause, LONGEST_PAUSE)
                self._wake.wait(pause)
            self._wake.clear()
            if not self._stopping:
                self._step()

    def _step(self) -> None:
        try:
            LOG.debug("%s", self._replica.synchronise())
        except (DBError, SQLAlchemyError, CongressError) as error:
            self._say(f"policies are not synchronised: {error}")
        except Exception as error:  # the thread must live; whatever it is may pass
            LOG.exception("policies are not synchronised")
            self._say(f"policies are not synchronised: {type(error).__name__}")
        else:
            if self._failing_since is not None:
                LOG.info("policies are synchronised again")
            self._failing_since = None

    def _say(self, trouble: str) -> None:
        if self._failing_since is None:
            LOG.warning("%s", trouble)
        self._failing_since = trouble
