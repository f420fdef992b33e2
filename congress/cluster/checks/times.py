"""Times as Pacemaker writes them, and what is promised about failures."""

from __future__ import annotations

import re

ADDRESS_MOVES = 8.0
"""A virtual address is elsewhere within so many seconds of its node's crash."""
API_ANSWERS = 15.0
"""An API answers again through its address within so many seconds of a fenced node's crash."""

_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 0.001, "m": 60.0, "min": 60.0, "h": 3600.0, "hr": 3600.0}


def seconds(text: str) -> float:
    """A time with or without its unit. Raises ValueError for what is no time."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"{text!r} is no time; write one as 20s or 2min")
    return float(match[1]) * _UNITS[match[2]]
