"""Policies and rules that last: each change is made in the workspace and in the database, or in neither.

The database is the truth. A change is checked and evaluated in the workspace first, then committed to the
database, then shown: what a client was told is stored, and what is stored was accepted by the language.
"""

from __future__ import annotations

import copy
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from congress import datalog
from congress.db import policies as stored_policies
from congress.db import revision as stored_revision
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.db.session import Database, OutcomeUnknown, Unsettled
from congress.engine.workspace import PolicyExists, RuleMissing, TableChange, Transaction, UnknownPolicy
from congress.errors import CongressError
from congress.policies.errors import (
    DatasourcePolicy,
    PolicyNameInvalid,
    PolicyNameTaken,
    PolicyNotFound,
    PolicyUnchangeable,
    RuleNotFound,
    SystemPolicy,
    UnknownKind,
)
from congress.policies.live import Live
from congress.policies.parking import Parking

LOG = logging.getLogger(__name__)

KINDS = ("nonrecursive", "action", "database", "materialized", "z3", "datasource")
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
    enabled: bool = True


_FIXED = {
    "name": "rules refer to it; create another policy",
    "kind": "it says which rules are accepted; create another policy",
    "owner_id": "it is kept for clients that expect one",
    "id": "it is given once",
}


class _Undone(Exception):
    """Leaves a trial's transactions, which undoes them."""

    def __init__(self, changes: tuple[TableChange, ...]) -> None:
        super().__init__("a trial is always undone")
        self.changes = changes


class PolicyService:
    """The policies of one installation. All methods are safe to call from any thread."""

    def __init__(
        self, database: Database, live: Live, on_tables: Callable[[list[str]], None] = lambda _tables: None
    ) -> None:
        """`on_tables` is told the tables of a policy (foreign ones as `datasource:table`) whose rules became more."""
        self._database = database
        self._live = live
        self._on_tables = on_tables
        self._parking = Parking(live)
        self._names: dict[str, str] = {}
        """Id -> name of the policies in force, so that reading rows needs no database."""
        self._is_trial = False
        self._is_unsettled = False

    @contextmanager
    def _writing(self) -> Iterator[tuple[Transaction, Session]]:
        """A change of policies and rules, in the workspace and in the database; counted as one revision."""
        revision = 0

        def is_stored(session: Session) -> bool:
            return stored_revision.settled(session) >= revision

        with self._live.transaction() as change:
            if self._is_unsettled:
                raise Unsettled
            try:
                with self._database.certain_writer(is_stored) as session:
                    yield change, session
                    if self._is_trial:
                        raise _Undone(change.preview())
                    revision = stored_revision.advance(session)
            except OutcomeUnknown:
                self._is_unsettled = True
                self._database.eventually(lambda: self._settle(revision))
                raise
        self._live.advance(revision)

    def _settle(self, revision: int) -> None:
        """Find out whether the change of this number is stored; if so, show what the workspace was not allowed to."""
        with self._database.writer() as session:
            is_stored = stored_revision.settled(session) >= revision
        if is_stored:
            LOG.warning("a change whose end was not known is stored; all policies are loaded again")
            self._load_again()
        self._is_unsettled = False

    def _load_again(self) -> None:
        """Make the workspace hold the stored policies; readers see the old ones, then the new ones."""
        with self._live.transaction() as change, self._database.reader() as session:
            for info in self._live.workspace.policies():
                if info.kind != "datasource":
                    change.delete_policy(info.name)
            policies = [each for each in stored_policies.every(session) if not self.is_datasource(each.name)]
            for policy in policies:
                change.create_policy(policy.name, policy.kind, policy.abbreviation)
            for policy in policies:
                rules = [rule for rule in stored_rules.of_policy(session, policy.id) if rule.enabled]
                change.insert_rules(policy.name, [r.rule for r in rules if self._parking.reason(r.id) is None])
            revision = stored_revision.current(session)
            self._names = {policy.id: policy.name for policy in policies}
        self._live.advance(revision)

    def preview(self, do: Callable[[PolicyService], object]) -> tuple[TableChange, ...]:
        """What a change would do to the watched tables: it is made and taken back. `do` gets the service to make it
        with, and calls one method of it. Raises what that method raises."""
        trial = copy.copy(self)
        trial._is_trial = True
        try:
            do(trial)
        except _Undone as undone:
            return undone.changes
        raise AssertionError("a preview must change something")

    def stored_revision(self) -> int:
        """The policy revision that the database is at; the workspace may still be behind it."""
        with self._database.reader() as session:
            return stored_revision.current(session)

    # -- start ---------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Bring the stored policies and rules into the empty workspace; create the system's policies when missing.

        A rule that is not accepted now (its datasource is gone, say) is set aside with the reason, not lost.
        """
        with self._database.reader() as session:
            policies = stored_policies.every(session)
            rules = {policy.name: stored_rules.of_policy(session, policy.id) for policy in policies}
            revision = stored_revision.current(session)
        policies = [policy for policy in policies if self._comes_into_force(policy)]
        self._names = {policy.id: policy.name for policy in policies}
        for policy in policies:
            self._parking.load(policy.name, rules[policy.name])
        self._live.advance(revision)
        for name, kind, description in SYSTEM_POLICIES:
            if name not in rules:
                self.create_policy(NewPolicy(name, kind, description=description))

    def _comes_into_force(self, policy: PolicyRecord) -> bool:
        """Create a stored policy in the workspace; one that is not accepted (a datasource has its name) is left out."""
        try:
            with self._live.transaction() as change:
                change.create_policy(policy.name, policy.kind, policy.abbreviation)
        except CongressError as error:
            LOG.error("policy %s (id %s) is not in force: %s; delete it by its id", policy.name, policy.id, error)
            return False
        return True

    def retry_parked(self) -> None:
        """Try the rules again that were set aside; called when a datasource appeared."""
        if not self._parking:
            return
        for policy in self.policies():
            for record in self.rules(policy.name):
                if self._parking.reason(record.id) is not None:
                    self._parking.retry(policy.name, record)

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
        return self._parking.reason(rule_id)

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

    def name_of(self, name_or_id: str) -> str:
        """The workspace's name of a policy, given by name or id, or of a datasource, given by name.

        Raises PolicyNotFound.
        """
        if self._live.workspace.has_policy(name_or_id):
            return name_or_id
        name = self._names.get(name_or_id)
        if name is None:
            raise PolicyNotFound(name_or_id)
        return name

    def exists(self, name: str) -> bool:
        """Whether there is a policy or datasource of this name."""
        return self._live.workspace.has_policy(name)

    def create_policy(self, new: NewPolicy, rules: Sequence[NewRule] = ()) -> tuple[PolicyRecord, list[RuleRecord]]:
        """Create a policy with its rules, all or nothing; a rule that is given twice counts once.

        Raises PolicyNameInvalid, PolicyNameTaken, UnknownKind, DatalogError, LimitExceeded.
        """
        return self.create_policies([(new, rules)])[0]

    def create_policies(
        self, wanted: Sequence[tuple[NewPolicy, Sequence[NewRule]]]
    ) -> list[tuple[PolicyRecord, list[RuleRecord]]]:
        """Create several policies, all or none. Raises as `create_policy` does."""
        created = [(_new_record(new), [_new_rule(rule) for rule in _distinct(rules)]) for new, rules in wanted]
        with self._writing() as (change, session):
            for record, _rules in created:
                self._create_empty(change, record)
            for record, added in created:
                if added:
                    _insert(change, record.name, added)
                stored_policies.add(session, record)
                stored_rules.add(session, record.id, added)
        for record, _rules in created:
            self._names[record.id] = record.name
            self._tell_tables(record.name)
        return created

    def _create_empty(self, change: Transaction, record: PolicyRecord) -> None:
        try:
            change.create_policy(record.name, record.kind, record.abbreviation)
        except PolicyExists as error:
            raise PolicyNameTaken(record.name) from error

    def update_policy(
        self, name_or_id: str, wanted: Mapping[str, str], check: Callable[[PolicyRecord], None] = lambda _record: None
    ) -> PolicyRecord:
        """Change `description` and `abbreviation`; other fields may be named as long as they stay as they are.

        `check` sees the policy as it is, and may refuse. Raises PolicyNotFound, PolicyUnchangeable.
        """
        with self._writing() as (change, session):
            record = stored_policies.find(session, name_or_id)
            if record is None:
                raise PolicyNotFound(name_or_id)
            check(record)
            for field, why in _FIXED.items():
                if wanted.get(field, getattr(record, field)) != getattr(record, field):
                    raise PolicyUnchangeable(field, why)
            changed = replace(record, **{key: wanted[key] for key in ("description", "abbreviation") if key in wanted})
            stored_policies.replace(session, changed)
            if not self.is_datasource(changed.name):
                change.abbreviate(changed.name, changed.abbreviation)
        return changed

    def delete_policy(
        self, name_or_id: str, check: Callable[[PolicyRecord], None] = lambda _record: None
    ) -> PolicyRecord:
        """Delete a policy and its rules; rules of other policies that refer to it stay. `check` sees the policy before,
        and may refuse. Raises PolicyNotFound, SystemPolicy."""
        with self._writing() as (change, session):
            record = stored_policies.find(session, name_or_id)
            if record is None:
                raise PolicyNotFound(name_or_id)
            if record.name in {name for name, _kind, _description in SYSTEM_POLICIES}:
                raise SystemPolicy(name_or_id)
            check(record)
            rules = stored_rules.of_policy(session, record.id)
            stored_policies.remove(session, record.id)
            if record.id in self._names:
                change.delete_policy(record.name)
        self._names.pop(record.id, None)
        self._parking.forget([rule.id for rule in rules])
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
        """Insert one rule or fact. Raises as `insert_rules` does."""
        return self.insert_rules(policy, [new])[0]

    def insert_rules(self, policy: str, new: Sequence[NewRule]) -> list[RuleRecord]:
        """Insert rules and facts, all or none, each checked together with all others.

        Raises PolicyNotFound, DatasourcePolicy, RuleExists, DatalogError, LimitExceeded.
        """
        if self.is_datasource(policy):
            raise DatasourcePolicy(policy)
        added = [_new_rule(rule) for rule in (_distinct(new) if len(new) > 1 else new)]
        with self._writing() as (change, session):
            record = stored_policies.find(session, policy)
            if record is None:
                raise PolicyNotFound(policy)
            self._refuse_out_of_force(record, policy)
            _insert(change, record.name, added)
            stored_rules.add(session, record.id, added)
        self._tell_tables(record.name)
        return added

    def update_rule(
        self,
        policy: str,
        rule_id: str,
        wanted: Callable[[RuleRecord], NewRule],
        check: Callable[[RuleRecord], None] = lambda _record: None,
    ) -> RuleRecord:
        """Put another rule in the place of one, which keeps its id; nobody sees a moment with neither or both.

        `wanted` makes the new content from the old; `check` sees the old, and may refuse. Raises PolicyNotFound,
        RuleNotFound, RuleExists, DatalogError, LimitExceeded.
        """
        with self._writing() as (change, session):
            record, found = self._find_rule(session, policy, rule_id)
            check(found)
            changed = replace(_new_rule(wanted(found)), id=found.id)
            if (changed.rule, changed.enabled) != (found.rule, found.enabled):
                self._refuse_out_of_force(record, policy)
                self._take_out(change, record.name, found)
                _insert(change, record.name, [changed])
            stored_rules.replace(session, changed)
        if (changed.rule, changed.enabled) != (found.rule, found.enabled):
            self._parking.forget([rule_id])
        self._tell_tables(record.name)
        return changed

    def delete_rule(
        self, policy: str, rule_id: str, check: Callable[[RuleRecord], None] = lambda _record: None
    ) -> RuleRecord:
        """Delete one rule; `check` sees it before, and may refuse. Raises PolicyNotFound, RuleNotFound."""
        with self._writing() as (change, session):
            record, found = self._find_rule(session, policy, rule_id)
            check(found)
            stored_rules.remove(session, rule_id)
            self._take_out(change, record.name, found)
        self._parking.forget([rule_id])
        return found

    def _refuse_out_of_force(self, record: PolicyRecord, asked: str) -> None:
        """Raises DatasourcePolicy for a policy that was asked for by its id, since a datasource has its name."""
        if asked != record.name and self.is_datasource(record.name):
            raise DatasourcePolicy(record.name)

    def _find_rule(self, session: Session, policy: str, rule_id: str) -> tuple[PolicyRecord, RuleRecord]:
        record = stored_policies.find(session, policy)
        if record is None:
            raise PolicyNotFound(policy)
        found = stored_rules.find(session, record.id, rule_id)
        if found is None:
            raise RuleNotFound(rule_id, record.name)
        return record, found

    def _take_out(self, change: Transaction, policy: str, rule: RuleRecord) -> None:
        if not rule.enabled or self._parking.reason(rule.id) is not None or self.is_datasource(policy):
            return
        try:
            change.delete_rules(policy, [rule.rule])
        except RuleMissing:
            LOG.warning("rule %s of policy %s was stored but not in effect", rule.id, policy)

    def is_datasource(self, name: str) -> bool:
        """Whether the name belongs to a datasource."""
        return any(info.name == name and info.kind == "datasource" for info in self._live.workspace.policies())


def _new_record(new: NewPolicy) -> PolicyRecord:
    """Raises PolicyNameInvalid, UnknownKind."""
    if len(new.name) > 255 or not datalog.is_policy_name(new.name):
        raise PolicyNameInvalid(new.name)
    kind = new.kind.lower()
    if kind not in KINDS:
        raise UnknownKind(new.kind, KINDS)
    abbreviation = new.name[:5] if new.abbreviation is None else new.abbreviation
    return PolicyRecord(str(uuid.uuid4()), new.name, abbreviation, new.description, "user", kind)


def _new_rule(rule: NewRule) -> RuleRecord:
    return RuleRecord(str(uuid.uuid4()), rule.rule, rule.comment, rule.name, rule.enabled)


def _insert(change: Transaction, policy: str, rules: Sequence[RuleRecord]) -> None:
    """Bring rules into effect; those that are switched off must be acceptable too."""
    change.insert_rules(policy, [rule.rule for rule in rules])
    switched_off = [rule.rule for rule in rules if not rule.enabled]
    if switched_off:
        change.delete_rules(policy, switched_off)


def _distinct(rules: Sequence[NewRule]) -> list[NewRule]:
    """The rules without repetitions, the order of body literals aside. Raises DatalogError for what is no rule.

    Two stored rules that are one rule to the engine would make the deletion of either take both out of effect.
    """
    kept: dict[tuple[str, ...], NewRule] = {}
    for rule in rules:
        head, *body = datalog.print_statement(datalog.parse_statement(rule.rule), pretty=True).split("\n")
        kept.setdefault((head, *sorted(line.strip().rstrip(",") for line in body)), rule)
    return list(kept.values())
