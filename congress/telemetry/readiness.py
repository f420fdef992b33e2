"""Whether a process should get requests, decided by checks that its parts add."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

LOG = logging.getLogger(__name__)

Check = Callable[[], str | None]
"""Answers at once, without waiting for anything: why not, or None when all is well."""


class Readiness:
    """Named checks. All must be content for the process to be ready (or what else `state` says)."""

    def __init__(self, state: str = "ready") -> None:
        self._state = state
        self._lock = threading.Lock()
        self._checks: dict[str, Check] = {}
        self._told: frozenset[str] = frozenset()

    def add(self, name: str, check: Check) -> None:
        """Ask `check` from now on; one that was added under the same name is replaced."""
        with self._lock:
            self._checks = {**self._checks, name: check}

    def remove(self, name: str) -> None:
        """Ask it no more."""
        with self._lock:
            self._checks = {known: check for known, check in self._checks.items() if known != name}

    def reasons(self) -> dict[str, str]:
        """Name of the check -> why not; empty when the process is ready."""
        asked = {name: _asked(name, check) for name, check in self._checks.items()}
        found = {name: reason for name, reason in asked.items() if reason is not None}
        if found.keys() != self._told:
            self._told = frozenset(found)
            LOG.info("%s%s", f"not {self._state}: " if found else self._state, "; ".join(found.values()))
        return found

    def verdict(self, negative: str) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of the answer to who asks: 200, or 503 with the reasons."""
        reasons = self.reasons()
        if not reasons:
            return 200, {"status": "ok"}
        return 503, {"status": negative, "reason": "; ".join(reasons.values()), "reasons": reasons}


def _asked(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        LOG.exception("the check %s failed", name)
        return f"the check failed: {error}"
