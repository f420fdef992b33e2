"""Policies in the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """`bundle`: name of the bundle that brought the policy, None for one that people made."""

    id: str
    name: str
    abbreviation: str
    description: str
    owner_id: str
    kind: str
    enforcement: str = "enforce"
    bundle: str | None = None


def _record(row: models.Policy) -> PolicyRecord:
    return PolicyRecord(
        row.id, row.name, row.abbreviation, row.description, row.owner_id, row.kind, row.enforcement, row.bundle
    )


def add(session: Session, record: PolicyRecord, revision: int = 0) -> None:
    """Store a new policy, made by this revision; the caller knows that the name is free."""
    session.add(
        models.Policy(
            id=record.id,
            name=record.name,
            abbreviation=record.abbreviation,
            description=record.description,
            owner_id=record.owner_id,
            kind=record.kind,
            enforcement=record.enforcement,
            bundle=record.bundle,
            revision=revision,
        )
    )
    session.flush()


def find(session: Session, name_or_id: str) -> PolicyRecord | None:
    """The policy of this name, else the one of this id."""
    query = select(models.Policy).where(or_(models.Policy.name == name_or_id, models.Policy.id == name_or_id))
    found = sorted(session.scalars(query), key=lambda row: row.name != name_or_id)
    return _record(found[0]) if found else None


def every(session: Session) -> list[PolicyRecord]:
    """All policies, sorted by name."""
    return [_record(row) for row in session.scalars(select(models.Policy).order_by(models.Policy.name))]


def named(session: Session, names: Collection[str]) -> list[PolicyRecord]:
    """The policies that have one of these names."""
    return [record for record in every(session) if record.name in set(names)]


def of_bundle(session: Session, bundle: str) -> list[PolicyRecord]:
    """The policies that a bundle brought, sorted by name."""
    query = select(models.Policy).where(models.Policy.bundle == bundle).order_by(models.Policy.name)
    return [_record(row) for row in session.scalars(query)]


def replace(session: Session, record: PolicyRecord) -> None:
    """Give a policy another abbreviation, description and level of enforcement."""
    content = {
        "abbreviation": record.abbreviation,
        "description": record.description,
        "enforcement": record.enforcement,
    }
    session.execute(update(models.Policy).where(models.Policy.id == record.id).values(content))


def touch(session: Session, policy_id: str, revision: int) -> None:
    """Note that this revision changed the policy or its rules."""
    session.execute(update(models.Policy).where(models.Policy.id == policy_id).values(revision=revision))


def remove(session: Session, policy_id: str) -> None:
    """Delete the policy and its rules."""
    session.execute(delete(models.Rule).where(models.Rule.policy_id == policy_id))
    session.execute(delete(models.Policy).where(models.Policy.id == policy_id))
