"""Steps of a change in the making: each puts something into the workspace, says how it is stored, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.engine.workspace import PolicyExists, Transaction
from congress.policies import judging
from congress.policies.errors import PolicyNameTaken
from congress.policies.replica import Write
from congress.policies.state import ShownPolicy


def create(write: Write, created: Sequence[tuple[PolicyRecord, Sequence[RuleRecord]]]) -> None:
    """Create policies, then give each its rules. Raises PolicyNameTaken, DatalogError, LimitExceeded."""
    for record, _rules in created:
        try:
            write.change.create_policy(record.name, record.kind, record.abbreviation)
        except PolicyExists as error:
            raise PolicyNameTaken(record.name) from error
    for record, added in created:
        if added:
            insert(write.change, record.name, added)
        rules = {rule.id: rule.rule for rule in added if rule.enabled}
        shown = ShownPolicy(record.name, record.kind, record.abbreviation, write.revision, rules)
        write.state = write.state.with_policy(record.id, shown)
        write.store(partial(stored_policies.add, record=record, revision=write.revision))
        write.store(partial(stored_rules.add, policy_id=record.id, records=added))


def insert(change: Transaction, policy: str, rules: Sequence[RuleRecord]) -> None:
    """Bring rules into effect; those that are switched off must be acceptable too."""
    change.insert_rules(policy, [rule.rule for rule in rules])
    switched_off = [rule.rule for rule in rules if not rule.enabled]
    if switched_off:
        change.delete_rules(policy, switched_off)


def delete(write: Write, record: PolicyRecord, rules: Sequence[RuleRecord]) -> None:
    """Delete a policy with its rules."""
    if record.id in write.state.policies:
        write.change.delete_policy(record.name)
        write.state = write.state.without_policy(record.id)
    write.in_effect += [record.id, *(rule.id for rule in rules)]
    write.frees = True
    write.store(lambda session: stored_policies.remove(session, record.id))


def take_out(write: Write, policy: PolicyRecord, rules: Sequence[RuleRecord]) -> None:
    """Take rules out of effect as far as they are in effect."""
    known = write.state.policies.get(policy.id)
    texts = [rule.rule for rule in rules if known is not None and rule.id in known.rules]
    if texts:
        judging.take_out(write.change, policy.name, texts)
        write.frees = True


def touch(write: Write, policy: PolicyRecord) -> ShownPolicy | None:
    """Note that a policy or its rules change; answers how the workspace shows it, None when it is not in force."""
    write.store(lambda session: stored_policies.touch(session, policy.id, write.revision))
    known = write.state.policies.get(policy.id)
    if known is None:
        return None
    known = replace(known, revision=write.revision)
    write.state = write.state.with_policy(policy.id, known)
    return known


def show(write: Write, policy: PolicyRecord, gone: Sequence[RuleRecord], new: Sequence[RuleRecord]) -> None:
    """Note which rules of a policy are in effect no longer, and from now on."""
    write.in_effect += [rule.id for rule in (*gone, *new)]
    known = touch(write, policy)
    if known is not None:
        changed = {rule.id for rule in (*gone, *new)}
        rules = {key: text for key, text in known.rules.items() if key not in changed}
        rules |= {rule.id: rule.rule for rule in new if rule.enabled}
        write.state = write.state.with_policy(policy.id, replace(known, rules=rules))
