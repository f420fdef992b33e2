"""What keeps a wrong rule or a broken cloud from doing harm at full speed: a rate limit and a breaker per action."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from congress.policies.actions.settings import Settings


class Guards:
    """Safe to call from any thread. `clock` in seconds, monotonic."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.RLock()
        self._starts: dict[str, deque[float]] = {}
        self._failures: dict[str, int] = {}
        self._resting: dict[str, float] = {}

    def closed(self, name: str) -> str | None:
        """Why an action must wait, None when it may start."""
        with self._lock:
            return self._closed(name)

    def admit(self, name: str) -> str | None:
        """As `closed`; when it may start that is counted."""
        with self._lock:
            reason = self._closed(name)
            if reason is None:
                self.started(name)
            return reason

    def _closed(self, name: str) -> str | None:
        now = self._clock()
        rests = self._resting.get(name, 0.0) - now
        if rests > 0:
            return (
                f"{name} failed {self._failures[name]} times in a row and rests for {rests:.0f} s more "
                "(options `failures` and `rest`)"
            )
        rate, starts = self._settings.rate_of(name), self._starts.setdefault(name, deque())
        while starts and starts[0] <= now - self._settings.rate_period:
            starts.popleft()
        if rate and len(starts) >= rate:
            return f"{name} was started {rate} times in {self._settings.rate_period:.0f} s (options `rate`, `rates`)"
        return None

    def started(self, name: str, ago: float = 0.0) -> None:
        """Count a start, `ago` seconds before now."""
        with self._lock:
            self._starts.setdefault(name, deque()).append(self._clock() - ago)

    def ended(self, name: str, *, well: bool, ago: float = 0.0) -> None:
        """Count how an action ended. After a rest one try decides whether it goes on."""
        with self._lock:
            if well:
                self._failures.pop(name, None)
                self._resting.pop(name, None)
                return
            self._failures[name] = self._failures.get(name, 0) + 1
            if self._settings.failures and self._failures[name] >= self._settings.failures:
                self._resting[name] = self._clock() - ago + self._settings.rest

    def resting(self) -> dict[str, float]:
        """Action -> seconds it rests on."""
        with self._lock:
            now = self._clock()
            return {name: round(until - now, 1) for name, until in self._resting.items() if until > now}
