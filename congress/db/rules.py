"""Rules in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A stored rule: `rule` is its text as the author wrote it; one that is not `enabled` has no effect."""

    id: str
    rule: str
    comment: str
    name: str | None
    enabled: bool = True


def _record(row: models.Rule) -> RuleRecord:
    return RuleRecord(row.id, row.rule, row.comment, row.name, row.enabled)


def add(session: Session, policy_id: str, records: Iterable[RuleRecord]) -> None:
    """Store new rules in this order."""
    for record in records:
        session.add(
            models.Rule(
                id=record.id,
                policy_id=policy_id,
                rule=record.rule,
                comment=record.comment,
                name=record.name,
                enabled=record.enabled,
            )
        )
    session.flush()


def find(session: Session, policy_id: str, rule_id: str) -> RuleRecord | None:
    """The policy's rule of this id."""
    query = select(models.Rule).where(models.Rule.policy_id == policy_id, models.Rule.id == rule_id)
    row = session.scalars(query).one_or_none()
    return _record(row) if row else None


def of_policy(session: Session, policy_id: str) -> list[RuleRecord]:
    """The policy's rules in the order of their insertion."""
    query = select(models.Rule).where(models.Rule.policy_id == policy_id).order_by(models.Rule.position)
    return [_record(row) for row in session.scalars(query)]


def replace(session: Session, record: RuleRecord) -> None:
    """Give a rule new content; it keeps its id and its place in the order."""
    content = {"rule": record.rule, "comment": record.comment, "name": record.name, "enabled": record.enabled}
    session.execute(update(models.Rule).where(models.Rule.id == record.id).values(content))


def remove(session: Session, rule_id: str) -> None:
    """Delete one rule."""
    session.execute(delete(models.Rule).where(models.Rule.id == rule_id))


def replace_all(session: Session, policy_id: str, records: Iterable[RuleRecord]) -> None:
    """Give a policy these rules, in this order, and no others."""
    session.execute(delete(models.Rule).where(models.Rule.policy_id == policy_id))
    add(session, policy_id, records)
