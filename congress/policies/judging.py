"""Which stored policies and rules come into effect: a function of what is stored, so that all engines agree.

Usually all of them do, since each was accepted when it was written. But a datasource that a rule names columns of may
be gone since, and a rule that came meanwhile may not go together with it when it returns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from congress.db.program import StoredPolicy, StoredRule
from congress.engine.workspace import RuleMissing, Transaction, Workspace
from congress.errors import CongressError

LOG = logging.getLogger(__name__)

Columns = Mapping[str, tuple[str, ...]]
"""Table of a datasource -> the names of its columns."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Why policies and rules, by their ids, are not accepted; all others are."""

    policies: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


def judge(
    datasources: Mapping[str, Columns], policies: Sequence[StoredPolicy], rules: Mapping[str, Sequence[StoredRule]]
) -> Verdicts:
    """Policies by name, their rules in the order of insertion: each is accepted unless it does not go together with
    those before it. Nothing is evaluated."""
    refused_policies: dict[str, str] = {}
    refused_rules: dict[str, str] = {}
    scratch = Workspace(watch=lambda _table: False)
    with scratch.transaction() as change:
        for name, columns in datasources.items():
            change.set_datasource(name, columns)
        for policy in policies:
            try:
                change.create_policy(policy.name, policy.kind, policy.abbreviation)
            except CongressError as error:
                refused_policies[policy.id] = str(error)
        for policy in policies:
            if policy.id not in refused_policies:
                wanted = {rule.id: rule.text for rule in rules[policy.id] if rule.enabled}
                refused_rules.update({key: str(error) for key, error in insert(change, policy.name, wanted).items()})
    return Verdicts(refused_policies, refused_rules)


def insert(change: Transaction, policy: str, rules: Mapping[str, str]) -> dict[str, Exception]:
    """Insert a policy's rules one after the other as far as they are accepted; answers what is wrong with the others.

    Whole batches first: a batch that is accepted is one step, one that is not is halved.
    """
    refused: dict[str, Exception] = {}
    _insert(change.insert_rules, policy, list(rules.items()), refused)
    return refused


def _insert(
    insert_rules: Callable[[str, Iterable[str]], object],
    policy: str,
    rules: list[tuple[str, str]],
    refused: dict[str, Exception],
) -> None:
    if not rules:
        return
    try:
        insert_rules(policy, [text for _key, text in rules])
    except Exception as error:  # whatever one stored rule does must not keep the others from coming into effect
        if len(rules) == 1:
            refused[rules[0][0]] = error
            return
        middle = len(rules) // 2
        _insert(insert_rules, policy, rules[:middle], refused)
        _insert(insert_rules, policy, rules[middle:], refused)


def take_out(change: Transaction, policy: str, texts: Sequence[str]) -> None:
    """Take rules of a policy out of effect as far as they are in effect; all in one step when all of them are."""
    try:
        change.delete_rules(policy, texts)
    except RuleMissing:  # of two that say the same, one was in effect
        for text in texts:
            try:
                change.delete_rules(policy, [text])
            except RuleMissing:
                LOG.warning("a rule of policy %s was not in effect: %s", policy, text)
