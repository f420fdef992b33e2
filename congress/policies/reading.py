"""What there is: policies and rules as they are stored, and their names as the workspace knows them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from congress.db import policies as stored_policies
from congress.db import revision as stored_revision
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.policies.errors import PolicyNotFound, RuleNotFound
from congress.policies.replica import Replica


class PolicyReader:
    """The policies of one installation, to be looked at. All methods are safe to call from any thread."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def stored_revision(self) -> int:
        """The policy revision that the database is at; the workspace may still be behind it."""
        with self._replica.database.reader() as session:
            return stored_revision.current(session)

    def policies(self) -> list[PolicyRecord]:
        """All policies, sorted by name; datasources are not among them."""
        with self._replica.database.reader() as session:
            return stored_policies.every(session)

    def policy(self, name_or_id: str) -> PolicyRecord:
        """One policy. Raises PolicyNotFound."""
        with self._replica.database.reader() as session:
            return find_policy(session, name_or_id)

    def rules(self, policy: str) -> list[RuleRecord]:
        """The policy's rules in the order of their insertion. Raises PolicyNotFound."""
        with self._replica.database.snapshot() as session:
            return stored_rules.of_policy(session, find_policy(session, policy).id)

    def rule(self, policy: str, rule_id: str) -> RuleRecord:
        """One rule. Raises PolicyNotFound, RuleNotFound."""
        with self._replica.database.snapshot() as session:
            return find_rule(session, policy, rule_id)[1]

    def name_of(self, name_or_id: str) -> str:
        """The workspace's name of a policy, given by name or id, or of a datasource, given by name.

        Raises PolicyNotFound.
        """
        if self._replica.live.workspace.has_policy(name_or_id):
            return name_or_id
        known = self._replica.state.policies.get(name_or_id)
        if known is None:
            raise PolicyNotFound(name_or_id)
        return known.name

    def exists(self, name: str) -> bool:
        """Whether there is a policy or datasource of this name."""
        return self._replica.live.workspace.has_policy(name)

    def is_datasource(self, name: str) -> bool:
        """Whether the name belongs to a datasource."""
        return name in self._replica.state.datasources

    def set_aside(self, rule_id: str) -> str | None:
        """Why a stored rule is not in effect, None when it is."""
        return self._replica.parking.reason(rule_id)


def find_policy(session: Session, name_or_id: str) -> PolicyRecord:
    """One stored policy. Raises PolicyNotFound."""
    record = stored_policies.find(session, name_or_id)
    if record is None:
        raise PolicyNotFound(name_or_id)
    return record


def find_rule(session: Session, policy: str, rule_id: str) -> tuple[PolicyRecord, RuleRecord]:
    """A policy and one of its rules. Raises PolicyNotFound, RuleNotFound."""
    record = find_policy(session, policy)
    found = stored_rules.find(session, record.id, rule_id)
    if found is None:
        raise RuleNotFound(rule_id, record.name)
    return record, found
