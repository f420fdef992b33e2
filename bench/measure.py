"""Measuring: CPU and wall time, percentiles, memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable
from typing import Any


class Clock:
    """A context manager; afterwards `.cpu` and `.wall` hold the seconds that its block took."""

    def __enter__(self) -> Clock:
        self.wall = -time.perf_counter()
        self.cpu = -_cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu += _cpu()
        self.wall += time.perf_counter()


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def each(action: Callable[[Any], Any], items: Iterable[Any], seconds: float = 30.0) -> tuple[list[float], list[Any]]:
    """Wall seconds of `action` on each item, and its answers; stops early when `seconds` are over."""
    times, answers = [], []
    end = time.perf_counter() + seconds
    for item in items:
        start = time.perf_counter()
        answers.append(action(item))
        stop = time.perf_counter()
        times.append(stop - start)
        if stop > end:
            break
    return times, answers


def resident() -> float:
    """Resident memory now, in bytes."""
    return _status("VmRSS")


def peak() -> float:
    """The greatest resident memory since `reset_peak`, in bytes."""
    return _status("VmHWM")


def reset_peak() -> None:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _status(field: str) -> float:
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field):
                return float(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}")
