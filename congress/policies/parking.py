"""Stored rules that are not accepted now (their datasource is gone, say): set aside with the reason, not lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from congress.db.rules import RuleRecord
from congress.errors import CongressError
from congress.policies.live import Live

LOG = logging.getLogger(__name__)


class Parking:
    """Safe to call from any thread."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._reasons: dict[str, str] = {}
        self._lock = threading.Lock()

    def load(self, policy: str, records: list[RuleRecord]) -> None:
        """Bring a policy's rules into effect; each that is not accepted is set aside."""
        wanted = [record for record in records if record.enabled]
        try:
            with self._live.transaction() as change:
                change.insert_rules(policy, [record.rule for record in wanted])
        except Exception:  # the rules that are to blame are found and reported one by one
            for record in wanted:
                self.retry(policy, record)

    def retry(self, policy: str, record: RuleRecord) -> None:
        """Bring one rule into effect, or set it aside."""
        try:
            with self._live.transaction() as change:
                change.insert_rules(policy, [record.rule])
        except Exception as error:  # whatever one stored rule does must not keep the server from starting
            unexpected = not isinstance(error, CongressError)
            LOG.warning("rule %s of policy %s is set aside: %s", record.id, policy, error, exc_info=unexpected)
            with self._lock:
                self._reasons[record.id] = str(error)
        else:
            self.forget([record.id])

    def forget(self, rule_ids: Iterable[str]) -> None:
        """These rules are in effect, or deleted."""
        with self._lock:
            for rule_id in rule_ids:
                self._reasons.pop(rule_id, None)

    def reason(self, rule_id: str) -> str | None:
        """Why a rule is set aside; None when it is not."""
        return self._reasons.get(rule_id)

    def __bool__(self) -> bool:
        return bool(self._reasons)
