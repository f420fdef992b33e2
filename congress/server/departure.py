"""Sees to it that a process that was told to stop does so in time."""

from __future__ import annotations

import logging
import os
import threading

LOG = logging.getLogger(__name__)


def limit(seconds: float) -> None:
    """End the process after so many seconds if it still runs then.

    Nothing is lost by that: what was acknowledged is in the database, and leases run out.
    """
    timer = threading.Timer(seconds, _leave, args=(seconds,))
    timer.daemon = True
    timer.start()


def _leave(seconds: float) -> None:
    LOG.error("stopping takes longer than %g s; leaving at once", seconds)
    logging.shutdown()
    os._exit(1)
