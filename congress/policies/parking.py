"""Stored rules that are not in effect (their datasource is gone, say): set aside with the reason, not lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

LOG = logging.getLogger(__name__)


class Parked(NamedTuple):
    """A rule that is set aside. One `is_costly` that is acceptable and could not be evaluated within the limits."""

    policy_id: str
    text: str
    reason: str
    is_costly: bool


class Parking:
    """One thread at a time changes it, any may ask."""

    def __init__(self) -> None:
        self._parked: Mapping[str, Parked] = {}

    def replace(self, parked: Mapping[str, Parked]) -> None:
        """These rules (and policies), by id, are set aside now, and no others."""
        for key, entry in parked.items():
            if self.reason(key) != entry.reason:
                LOG.warning("%s %s is set aside: %s", "rule" if entry.text else "policy", key, entry.reason)
        self._parked = dict(parked)

    def keep(self, holds: Callable[[str, Parked], bool]) -> None:
        """Forget the rules of which this does not hold."""
        if self._parked:
            self._parked = {key: entry for key, entry in self._parked.items() if holds(key, entry)}

    def forget(self, keys: Iterable[str]) -> None:
        """These rules are in effect, or deleted."""
        gone = set(keys)
        self.keep(lambda key, _entry: key not in gone)

    def holds(self, rule_id: str, text: str) -> bool:
        """Whether this rule, as it is written, is set aside."""
        entry = self._parked.get(rule_id)
        return entry is not None and entry.text == text

    def reason(self, rule_id: str) -> str | None:
        """Why a rule is set aside; None when it is not."""
        entry = self._parked.get(rule_id)
        return entry.reason if entry else None

    def conflicts(self) -> bool:
        """Whether something is set aside that a change of other rules could make acceptable."""
        return not all(entry.is_costly for entry in self._parked.values())

    def __bool__(self) -> bool:
        return bool(self._parked)
