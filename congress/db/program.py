"""What engines need to know of the stored policies, rules and datasources to put them into effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from congress.db import models


class StoredPolicy(NamedTuple):
    """`revision`: of the last change of the policy or of its rules."""

    id: str
    name: str
    kind: str
    abbreviation: str
    revision: int


class StoredRule(NamedTuple):
    id: str
    text: str
    enabled: bool


def policies(session: Session) -> list[StoredPolicy]:
    """All policies, sorted by name."""
    policy = models.Policy
    columns = (policy.id, policy.name, policy.kind, policy.abbreviation, policy.revision)
    return [StoredPolicy(*row) for row in session.execute(select(*columns).order_by(policy.name))]


def rules(session: Session, policy_ids: Collection[str]) -> Mapping[str, list[StoredRule]]:
    """Id of each of these policies -> its rules in the order of their insertion."""
    found: dict[str, list[StoredRule]] = {policy_id: [] for policy_id in policy_ids}
    rule = models.Rule
    query = select(rule.policy_id, rule.id, rule.rule, rule.enabled).order_by(rule.position)
    if len(found) <= 100:  # databases bound the number of values in one statement
        query = query.where(rule.policy_id.in_(found))
    for policy_id, rule_id, text, enabled in session.execute(query):
        if policy_id in found:
            found[policy_id].append(StoredRule(rule_id, text, enabled))
    return found
