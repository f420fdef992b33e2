"""Secrets of senders in the database: their digests only, so that nobody who reads it can send."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A secret that is valid. `digest`: SHA-256 of its text, in hexadecimal; `created_at` in UTC without saying so."""

    id: str
    digest: str
    created_at: datetime.datetime


def of(session: Session, datasource_id: str) -> list[SecretRecord]:
    """The secrets of a datasource, the oldest first."""
    by_datasource = models.WebhookSecret.datasource_id == datasource_id
    rows = session.scalars(select(models.WebhookSecret).where(by_datasource))
    found = [SecretRecord(row.id, row.digest, row.created_at) for row in rows]
    return sorted(found, key=lambda record: (record.created_at, record.id))


def is_there(session: Session, secret_id: str) -> bool:
    """Whether a secret of this id is stored."""
    return session.get(models.WebhookSecret, secret_id) is not None


def lock(session: Session, datasource_id: str) -> None:
    """Let no other transaction change the secrets of this datasource until this one ends."""
    session.execute(select(models.Datasource.id).where(models.Datasource.id == datasource_id).with_for_update())


def add(session: Session, datasource_id: str, record: SecretRecord) -> None:
    """Store one more secret of a datasource."""
    session.add(
        models.WebhookSecret(
            id=record.id, datasource_id=datasource_id, digest=record.digest, created_at=record.created_at
        )
    )
    session.flush()


def remove(session: Session, secret_id: str) -> None:
    """Forget a secret."""
    session.execute(delete(models.WebhookSecret).where(models.WebhookSecret.id == secret_id))
