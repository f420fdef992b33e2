"""Policies and rules that last: each change is made in the workspace and in the database, or in neither.

What a client was told is stored, and what is stored was accepted by the language, together with all that every other
engine wrote before (`replica.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.engine.workspace import TableChange, UnknownPolicy
from congress.policies import writing
from congress.policies.actions.enforcement import ENFORCE, checked
from congress.policies.bundles.errors import PolicyOfBundle
from congress.policies.content import NewPolicy, NewRule, distinct
from congress.policies.errors import DatasourcePolicy, PolicyNameTaken, PolicyUnchangeable, SystemPolicy
from congress.policies.reading import PolicyReader, find_policy, find_rule
from congress.policies.replica import Replica, Undone, Write

LOG = logging.getLogger(__name__)

SYSTEM_POLICIES = (("classification", "nonrecursive", "default policy"), ("action", "action", "default action policy"))

_CHANGEABLE = ("description", "abbreviation", "enforcement")
_BUNDLED = ("description", "abbreviation")
"""What a bundle says of its policies."""
_FIXED = {
    "name": "rules refer to it; create another policy",
    "kind": "it says which rules are accepted; create another policy",
    "owner_id": "it is kept for clients that expect one",
    "id": "it is given once",
}

Seen = TypeVar("Seen")
Made = TypeVar("Made")


class PolicyService(PolicyReader):
    """The policies of one installation. All methods are safe to call from any thread."""

    def __init__(self, replica: Replica, on_tables: Callable[[list[str]], None] = lambda _tables: None) -> None:
        """`on_tables` is told the tables of a policy (foreign ones as `datasource:table`) whose rules became more."""
        super().__init__(replica)
        self._on_tables = on_tables
        self._is_trial = False

    def write(self, look: Callable[[Session], Seen], do: Callable[[Write, Seen], Made]) -> Made:
        """Make a change that is none of those below, as `Replica.write` says."""
        return self._replica.write(look, do, is_trial=self._is_trial)

    def preview(self, do: Callable[[PolicyService], object]) -> tuple[TableChange, ...]:
        """What a change would do to the watched tables: it is made and taken back. `do` gets the service to make it
        with, and calls one method of it. Raises what that method raises."""
        trial = PolicyService(self._replica)
        trial._is_trial = True
        try:
            do(trial)
        except Undone as undone:
            return undone.changes
        raise AssertionError("a preview must change something")

    def load(self) -> None:
        """Bring what is stored into the empty workspace; create the system's policies when missing.

        A rule that is not accepted now (its datasource is gone, say) is set aside with the reason, not lost.
        """
        self._replica.synchronise()
        there = {policy.name for policy in self.policies()}
        for name, kind, description in SYSTEM_POLICIES:
            if name not in there:
                try:
                    self.create_policy(NewPolicy(name, kind, description=description))
                except PolicyNameTaken:
                    LOG.info("another node created policy %s meanwhile", name)

    # -- the tables that rules use

    def tell_all_tables(self) -> None:
        """Tell `on_tables` about all policies; called when datasources have started."""
        self.tell_tables([policy.name for policy in self._replica.state.policies.values()])

    def tell_tables(self, policies: list[str]) -> None:
        """Tell `on_tables` about these policies."""
        for policy in policies:
            try:
                tables = self._replica.live.workspace.tables(policy)
            except UnknownPolicy:  # deleted meanwhile
                continue
            self._on_tables([table for table in tables if ":" in table])

    # -- policies

    def create_policy(self, new: NewPolicy, rules: Sequence[NewRule] = ()) -> tuple[PolicyRecord, list[RuleRecord]]:
        """Create a policy with its rules, all or nothing; a rule that is given twice counts once.

        Raises PolicyNameInvalid, PolicyNameTaken, UnknownKind, DatalogError, LimitExceeded.
        """
        return self.create_policies([(new, rules)])[0]

    def create_policies(
        self, wanted: Sequence[tuple[NewPolicy, Sequence[NewRule]]]
    ) -> list[tuple[PolicyRecord, list[RuleRecord]]]:
        """Create several policies, all or none. Raises as `create_policy` does."""
        created = [(new.record(), [rule.record() for rule in distinct(rules)]) for new, rules in wanted]
        self.write(lambda _session: None, lambda write, _seen: writing.create(write, created))
        self.tell_tables([record.name for record, _rules in created])
        return created

    def update_policy(
        self, name_or_id: str, wanted: Mapping[str, str], check: Callable[[PolicyRecord], None] = lambda _record: None
    ) -> PolicyRecord:
        """Change what can be changed of a policy; other fields may be named as long as they stay as they are.

        `check` sees the policy as it is, and may refuse. Raises PolicyNotFound, PolicyUnchangeable, PolicyOfBundle,
        EnforcementUnknown.
        """
        checked(wanted.get("enforcement", ENFORCE))

        def look(session: Session) -> PolicyRecord:
            record = find_policy(session, name_or_id)
            check(record)
            for field, why in _FIXED.items():
                if wanted.get(field, getattr(record, field)) != getattr(record, field):
                    raise PolicyUnchangeable(field, why)
            if any(wanted.get(field, getattr(record, field)) != getattr(record, field) for field in _BUNDLED):
                refuse_bundled(record)
            return replace(record, **{key: wanted[key] for key in _CHANGEABLE if key in wanted})

        def do(write: Write, changed: PolicyRecord) -> PolicyRecord:
            known = writing.touch(write, changed)
            if known is not None:
                write.change.abbreviate(changed.name, changed.abbreviation)
                known = replace(known, abbreviation=changed.abbreviation)
                write.state = write.state.with_policy(changed.id, known)
            write.store(lambda session: stored_policies.replace(session, changed))
            return changed

        return self.write(look, do)

    def delete_policy(
        self, name_or_id: str, check: Callable[[PolicyRecord], None] = lambda _record: None
    ) -> PolicyRecord:
        """Delete a policy and its rules; rules of other policies that refer to it stay. `check` sees the policy before,
        and may refuse. Raises PolicyNotFound, SystemPolicy, PolicyOfBundle."""

        def look(session: Session) -> tuple[PolicyRecord, list[RuleRecord]]:
            record = find_policy(session, name_or_id)
            if record.name in {name for name, _kind, _description in SYSTEM_POLICIES}:
                raise SystemPolicy(name_or_id)
            check(record)
            refuse_bundled(record)
            return record, stored_rules.of_policy(session, record.id)

        def do(write: Write, seen: tuple[PolicyRecord, list[RuleRecord]]) -> PolicyRecord:
            record, rules = seen
            writing.delete(write, record, rules)
            return record

        return self.write(look, do)

    # -- rules

    def insert_rule(self, policy: str, new: NewRule) -> RuleRecord:
        """Insert one rule or fact. Raises as `insert_rules` does."""
        return self.insert_rules(policy, [new])[0]

    def insert_rules(self, policy: str, new: Sequence[NewRule]) -> list[RuleRecord]:
        """Insert rules and facts, all or none, each checked together with all others.

        Raises PolicyNotFound, DatasourcePolicy, PolicyOfBundle, RuleExists, DatalogError, LimitExceeded.
        """
        added = [rule.record() for rule in distinct(new)]

        def look(session: Session) -> PolicyRecord:
            if self.is_datasource(policy):
                raise DatasourcePolicy(policy)
            record = find_policy(session, policy)
            refuse_bundled(record)
            self._refuse_out_of_force(record)
            return record

        def do(write: Write, record: PolicyRecord) -> str:
            writing.insert(write.change, record.name, added)
            writing.show(write, record, (), added)
            write.store(lambda session: stored_rules.add(session, record.id, added))
            return record.name

        self.tell_tables([self.write(look, do)])
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
        RuleNotFound, PolicyOfBundle, RuleExists, DatalogError, LimitExceeded.
        """

        def look(session: Session) -> tuple[PolicyRecord, RuleRecord, RuleRecord]:
            record, found = find_rule(session, policy, rule_id)
            check(found)
            refuse_bundled(record)
            self._refuse_out_of_force(record)
            return record, found, wanted(found).record(found.id)

        def do(write: Write, seen: tuple[PolicyRecord, RuleRecord, RuleRecord]) -> tuple[str, RuleRecord]:
            record, found, changed = seen
            if (changed.rule, changed.enabled) != (found.rule, found.enabled):
                writing.take_out(write, record, [found])
                writing.insert(write.change, record.name, [changed])
                writing.show(write, record, [found], [changed])
            else:
                writing.touch(write, record)
            write.store(lambda session: stored_rules.replace(session, changed))
            return record.name, changed

        name, changed = self.write(look, do)
        self.tell_tables([name])
        return changed

    def delete_rule(
        self, policy: str, rule_id: str, check: Callable[[RuleRecord], None] = lambda _record: None
    ) -> RuleRecord:
        """Delete one rule; `check` sees it before, and may refuse.

        Raises PolicyNotFound, RuleNotFound, PolicyOfBundle.
        """

        def look(session: Session) -> tuple[PolicyRecord, RuleRecord]:
            record, found = find_rule(session, policy, rule_id)
            check(found)
            refuse_bundled(record)
            return record, found

        def do(write: Write, seen: tuple[PolicyRecord, RuleRecord]) -> RuleRecord:
            record, found = seen
            writing.take_out(write, record, [found])
            writing.show(write, record, [found], ())
            write.store(lambda session: stored_rules.remove(session, found.id))
            return found

        return self.write(look, do)

    def _refuse_out_of_force(self, record: PolicyRecord) -> None:
        """Raises DatasourcePolicy for a policy that was asked for by its id, since a datasource has its name."""
        if self.is_datasource(record.name):
            raise DatasourcePolicy(record.name)


def refuse_bundled(record: PolicyRecord) -> None:
    """Raises PolicyOfBundle for a policy that a bundle brought: the next version would undo what is changed by hand."""
    if record.bundle is not None:
        raise PolicyOfBundle(record.name, record.bundle)
