"""From what is stored to what a workspace shows: what to read, what should be shown, and the steps that lead there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from congress.db import datasources as stored_datasources
from congress.db import program
from congress.db.datasources import DatasourceRecord
from congress.db.program import StoredPolicy, StoredRule
from congress.engine.workspace import Transaction
from congress.errors import CongressError
from congress.policies.judging import Columns, Verdicts, insert, judge, take_out
from congress.policies.parking import Parked, Parking
from congress.policies.state import Difference, ShownPolicy, State, Target

ColumnsOf = Callable[[DatasourceRecord], Columns]


class NeedsJudgement(Exception):
    """It is not enough to look at what changed: all stored rules have to be judged together."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read of the database at one moment; `rules` by the ids of the policies that changed, or of all."""

    revision: int
    policies: list[StoredPolicy]
    datasources: Mapping[str, DatasourceRecord]
    rules: Mapping[str, list[StoredRule]]


def read(session: Session, shown: State, revision: int, *, everything: bool) -> Stored:
    """What is stored; without `everything` only the rules of policies that changed since they were shown."""
    policies = program.policies(session)
    wanted = [
        policy.id
        for policy in policies
        if everything or policy.id not in shown.policies or shown.policies[policy.id].revision != policy.revision
    ]
    names = [policy.name for policy in policies]
    records = stored_datasources.with_own(stored_datasources.every(session), names)
    datasources = {record.name: record for record in records}
    return Stored(revision, policies, datasources, program.rules(session, wanted))


def verdicts(stored: Stored, columns: ColumnsOf) -> Verdicts:
    """Which of all stored policies and rules come into effect."""
    known = {name: columns(record) for name, record in stored.datasources.items()}
    return judge(known, stored.policies, stored.rules)


def target(stored: Stored, shown: State, parking: Parking, judged: Verdicts | None) -> Target:
    """What should be shown. Without a judgement, what is set aside stays so unless it was written anew."""
    policies: dict[str, ShownPolicy] = {}
    for policy in stored.policies:
        found = stored.rules.get(policy.id)
        if judged is not None and policy.id in judged.policies:
            continue
        if found is None:
            policies[policy.id] = shown.policies[policy.id]
            continue
        rules = {
            rule.id: rule.text
            for rule in found
            if rule.enabled and not (parking.holds(rule.id, rule.text) if judged is None else rule.id in judged.rules)
        }
        policies[policy.id] = ShownPolicy(policy.name, policy.kind, policy.abbreviation, policy.revision, rules)
    return Target(policies, stored.datasources)


def may_free(steps: Difference, shown: State, parking: Parking) -> bool:
    """Whether rules that are set aside may become acceptable by these steps, or rules in effect unacceptable."""
    changed = {*steps.datasources_gone, *(record.name for record in steps.datasources_new)}
    if changed and (parking or shown.mentions(changed)):
        return True
    return bool(steps.rules_gone or steps.policies_gone) and parking.conflicts()


def take(change: Transaction, steps: Difference, columns: ColumnsOf, judged: bool) -> dict[str, str]:
    """Take the steps. Answers the rules that could not be evaluated within the limits, by id, and why.

    Raises CongressError; NeedsJudgement when nothing was judged, and it may be that something is not acceptable.
    """
    try:
        for name, texts in steps.rules_gone:
            take_out(change, name, texts)
        for name in steps.policies_gone:
            change.delete_policy(name)
        for name in steps.datasources_gone:
            change.remove_datasource(name)
        for record in steps.datasources_new:
            change.set_datasource(record.name, columns(record))
        for policy in steps.policies_new:
            change.create_policy(policy.name, policy.kind, policy.abbreviation)
        for name, abbreviation in steps.abbreviations:
            change.abbreviate(name, abbreviation)
        if not judged:
            for name, rules in steps.rules_new:
                change.insert_rules(name, list(rules.values()))
            return {}
    except CongressError as error:
        if judged:
            raise
        raise NeedsJudgement from error
    costly: dict[str, str] = {}
    for name, rules in steps.rules_new:
        costly.update({key: str(error) for key, error in insert(change, name, rules).items()})
    return costly


def park(parking: Parking, stored: Stored, judged: Verdicts | None, costly: Mapping[str, str]) -> None:
    """Note what is set aside when the steps were taken."""
    known = {rule.id: (key, rule.text) for key, rules in stored.rules.items() for rule in rules if rule.enabled}
    if judged is not None:
        parked = {key: Parked(key, "", reason, is_costly=False) for key, reason in judged.policies.items()}
        parked |= {key: Parked(*known[key], reason, is_costly=False) for key, reason in judged.rules.items()}
        parked |= {key: Parked(*known[key], reason, is_costly=True) for key, reason in costly.items()}
        parking.replace(parked)
        return
    there = {policy.id for policy in stored.policies}

    def stays(key: str, entry: Parked) -> bool:
        is_read = entry.policy_id in stored.rules
        return entry.policy_id in there and (not is_read or known.get(key) == (entry.policy_id, entry.text))

    parking.keep(stays)
