"""Policies and rules that last: each change is made in the workspace and in the database, or in neither.

The database is the truth. A change is checked and evaluated in the workspace first, then committed to the
database, then shown: what a client was told is stored, and what is stored was accepted by the language.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from congress import datalog
from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.db.session import Database
from congress.engine.workspace import PolicyExists, RuleMissing, Transaction, UnknownPolicy
from congress.errors import CongressError
from congress.policies.errors import (
    DatasourcePolicy,
    PolicyNameInvalid,
    PolicyNameTaken,
    PolicyNotFound,
    RuleNotFound,
    SystemPolicy,
    UnknownKind,
)
from congress.policies.live import Live

LOG = logging.getLogger(__name__)

KINDS = ("nonrecursive", "action", "database", "materialized", "z3")
SYSTEM_POLICIES = (("classification", "nonrecursive", "default policy"), ("action", "action", "default action policy"))


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to create; `abbreviation` None takes the first five characters of the name."""

    name: str
    kind: str = "nonrecursive"
    abbreviation: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule or fact to insert, as text."""

    rule: str
    comment: str = ""
    name: str | None = None


class PolicyService:
    """The policies of one installation. All methods are safe to call from any thread."""

    def __init__(
        self, database: Database, live: Live, on_tables: Callable[[list[str]], None] = lambda _tables: None
    ) -> None:
        """`on_tables` is told the tables of a policy (foreign ones as `datasource:table`) whose rules became more."""
        self._database = database
        self._live = live
        self._on_tables = on_tables
        self._parked: dict[str, str] = {}
        self._parking = threading.Lock()

    # -- start ---------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Bring the stored policies and rules into the empty workspace; create the system's policies when missing.

        A rule that is not accepted now (its datasource is gone, say) is set aside with the reason, not lost.
        """
        with self._database.reader() as session:
            policies = stored_policies.every(session)
            rules = {policy.name: stored_rules.of_policy(session, policy.id) for policy in policies}
        with self._live.transaction() as change:
            for policy in policies:
                change.create_policy(policy.name, policy.kind, policy.abbreviation)
        for policy in policies:
            self._load_rules(policy.name, rules[policy.name])
        names = {policy.name for policy in policies}
        for name, kind, description in SYSTEM_POLICIES:
            if name not in names:
                self.create_policy(NewPolicy(name, kind, description=description))

    def _load_rules(self, policy: str, records: list[RuleRecord]) -> None:
        try:
            with self._live.transaction() as change:
                change.insert_rules(policy, [record.rule for record in records])
        except Exception:  # the rules that are to blame are found and reported one by one
            for record in records:
                self._try_rule(policy, record)

    def _try_rule(self, policy: str, record: RuleRecord) -> None:
        try:
            with self._live.transaction() as change:
                change.insert_rules(policy, [record.rule])
        except Exception as error:  # whatever one stored rule does must not keep the server from starting
            unexpected = not isinstance(error, CongressError)
            LOG.warning("rule %s of policy %s is set aside: %s", record.id, policy, error, exc_info=unexpected)
            with self._parking:
                self._parked[record.id] = str(error)
        else:
            with self._parking:
                self._parked.pop(record.id, None)

    def retry_parked(self) -> None:
        """Try the rules again that were set aside; called when a datasource appeared."""
        if not self._parked:
            return
        for policy in self.policies():
            for record in self.rules(policy.name):
                if record.id in self._parked:
                    self._try_rule(policy.name, record)

    def tell_all_tables(self) -> None:
        """Tell `on_tables` about all policies; called when datasources have started."""
        for policy in self.policies():
            self._tell_tables(policy.name)

    def _tell_tables(self, policy: str) -> None:
        try:
            tables = self._live.workspace.tables(policy)
        except UnknownPolicy:  # deleted meanwhile
            return
        self._on_tables([table for table in tables if ":" in table])

    def set_aside(self, rule_id: str) -> str | None:
        """Why a stored rule is not in effect, None when it is."""
        return self._parked.get(rule_id)

    # -- policies ------------------------------------------------------------------------------------------------

    def policies(self) -> list[PolicyRecord]:
        """All policies, sorted by name; datasources are not among them."""
        with self._database.reader() as session:
            return stored_policies.every(session)

    def policy(self, name_or_id: str) -> PolicyRecord:
        """One policy. Raises PolicyNotFound."""
        with self._database.reader() as session:
            found = stored_policies.find(session, name_or_id)
        if found is None:
            raise PolicyNotFound(name_or_id)
        return found

    def create_policy(self, new: NewPolicy, rules: Sequence[NewRule] = ()) -> tuple[PolicyRecord, list[RuleRecord]]:
        """Create a policy with its rules, all or nothing; a rule that is given twice counts once.

        Raises PolicyNameInvalid, PolicyNameTaken, UnknownKind, DatalogError, LimitExceeded.
        """
        if len(new.name) > 255 or not datalog.is_policy_name(new.name):
            raise PolicyNameInvalid(new.name)
        kind = new.kind.lower()
        if kind not in KINDS:
            raise UnknownKind(new.kind, KINDS)
        abbreviation = new.name[:5] if new.abbreviation is None else new.abbreviation
        record = PolicyRecord(str(uuid.uuid4()), new.name, abbreviation, new.description, "user", kind)
        return record, self._create(record, _distinct(rules))

    def _create(self, record: PolicyRecord, rules: Sequence[NewRule]) -> list[RuleRecord]:
        added = [RuleRecord(str(uuid.uuid4()), rule.rule, rule.comment, rule.name) for rule in rules]
        with self._live.transaction() as change:
            self._create_empty(change, record)
            if added:
                change.insert_rules(record.name, [rule.rule for rule in added])
            with self._database.writer() as session:
                stored_policies.add(session, record)
                stored_rules.add(session, record.id, added)
        self._tell_tables(record.name)
        return added

    def _create_empty(self, change: Transaction, record: PolicyRecord) -> None:
        try:
            change.create_policy(record.name, record.kind, record.abbreviation)
        except PolicyExists as error:
            raise PolicyNameTaken(record.name) from error

    def delete_policy(self, name_or_id: str) -> PolicyRecord:
        """Delete a policy and its rules; rules of other policies that refer to it stay. Raises PolicyNotFound,
        SystemPolicy."""
        record = self.policy(name_or_id)
        if record.name in {name for name, _kind, _description in SYSTEM_POLICIES}:
            raise SystemPolicy(name_or_id)
        with self._live.transaction() as change, self._database.writer() as session:
            if stored_policies.find(session, record.id) is None:  # deleted by somebody else meanwhile
                raise PolicyNotFound(name_or_id)
            rules = stored_rules.of_policy(session, record.id)
            stored_policies.remove(session, record.id)
            change.delete_policy(record.name)
        with self._parking:
            for rule in rules:
                self._parked.pop(rule.id, None)
        return record

    # -- rules ---------------------------------------------------------------------------------------------------

    def rules(self, policy: str) -> list[RuleRecord]:
        """The policy's rules in the order of their insertion. Raises PolicyNotFound."""
        record = self.policy(policy)
        with self._database.reader() as session:
            return stored_rules.of_policy(session, record.id)

    def rule(self, policy: str, rule_id: str) -> RuleRecord:
        """One rule. Raises PolicyNotFound, RuleNotFound."""
        record = self.policy(policy)
        with self._database.reader() as session:
            found = stored_rules.find(session, record.id, rule_id)
        if found is None:
            raise RuleNotFound(rule_id, record.name)
        return found

    def insert_rule(self, policy: str, new: NewRule) -> RuleRecord:
        """Insert one rule or fact. Raises PolicyNotFound, DatasourcePolicy, RuleExists, DatalogError, LimitExceeded."""
        if self.is_datasource(policy):
            raise DatasourcePolicy(policy)
        record = self.policy(policy)
        added = RuleRecord(str(uuid.uuid4()), new.rule, new.comment, new.name)
        with self._live.transaction() as change, self._database.writer() as session:
            if stored_policies.find(session, record.id) is None:
                raise PolicyNotFound(policy)
            change.insert_rules(record.name, [new.rule])
            stored_rules.add(session, record.id, [added])
        self._tell_tables(record.name)
        return added

    def delete_rule(self, policy: str, rule_id: str) -> RuleRecord:
        """Delete one rule. Raises PolicyNotFound, RuleNotFound."""
        record = self.policy(policy)
        with self._live.transaction() as change, self._database.writer() as session:
            found = stored_rules.find(session, record.id, rule_id)
            if found is None:
                raise RuleNotFound(rule_id, record.name)
            stored_rules.remove(session, rule_id)
            self._take_out(change, record.name, found)
        return found

    def _take_out(self, change: Transaction, policy: str, rule: RuleRecord) -> None:
        with self._parking:
            if self._parked.pop(rule.id, None) is not None:
                return
        try:
            change.delete_rules(policy, [rule.rule])
        except RuleMissing:
            LOG.warning("rule %s of policy %s was stored but not in effect", rule.id, policy)

    def is_datasource(self, name: str) -> bool:
        """Whether the name belongs to a datasource."""
        return any(info.name == name and info.kind == "datasource" for info in self._live.workspace.policies())


def _distinct(rules: Sequence[NewRule]) -> list[NewRule]:
    """The rules without repetitions, the order of body literals aside. Raises DatalogError for what is no rule.

    Two stored rules that are one rule to the engine would make the deletion of either take both out of effect.
    """
    kept: dict[tuple[str, ...], NewRule] = {}
    for rule in rules:
        head, *body = datalog.print_statement(datalog.parse_statement(rule.rule), pretty=True).split("\n")
        kept.setdefault((head, *sorted(line.strip().rstrip(",") for line in body)), rule)
    return list(kept.values())
