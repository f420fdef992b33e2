"""Lets Python sleep under libfaketime, whose `clock_nanosleep` refuses what Python asks of it.

Only processes whose clock a test can set find this module: its directory is on their PYTHONPATH.
"""

import time
from select import select


def _sleep(seconds: float) -> None:
    select([], [], [], seconds)


time.sleep = _sleep
