"""Bundles in the database: the archives that were uploaded, and which version was made active when."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version of a bundle, without its archive of `size` bytes. `signer`: id of the trusted key whose signature was
    found when it was uploaded; `actor`: who did; `at`: UTC without saying so."""

    id: str
    bundle: str
    version: str
    digest: str
    signer: str | None
    actor: str
    at: datetime.datetime
    size: int


@dataclass(frozen=True, slots=True)
class ActivationRecord:
    """A change of the version that is active, None for none, made by policy revision `revision`. `digest`:
    of its content, since a version may be deleted and come again as something else. `what`: `activated`,
    `rolled back` or `deactivated`; `below`: the revision of the one that a rollback leads to, and `levels` the
    enforcement of the bundle's policies there, by name."""

    revision: int
    bundle: str
    version: str | None
    digest: str | None
    below: int | None
    levels: Mapping[str, str]
    what: str
    actor: str
    at: datetime.datetime


_VERSION = tuple(getattr(models.BundleVersion, name) for name in VersionRecord.__slots__)
_ACTIVATION = tuple(getattr(models.BundleActivation, name) for name in ActivationRecord.__slots__)


def versions(session: Session, bundle: str | None = None) -> list[VersionRecord]:
    """The versions of a bundle, or of all bundles sorted by name; the last one that was uploaded first."""
    row = models.BundleVersion
    query = select(*_VERSION).order_by(row.bundle, row.at.desc(), row.version.desc())
    if bundle is not None:
        query = query.where(row.bundle == bundle)
    return [VersionRecord(*found) for found in session.execute(query)]


def find(session: Session, bundle: str, version: str) -> VersionRecord | None:
    """One version."""
    return next((each for each in versions(session, bundle) if each.version == version), None)


def archive(session: Session, version_id: str) -> bytes | None:
    """The archive of a version."""
    return session.scalars(
        select(models.BundleVersion.archive).where(models.BundleVersion.id == version_id)
    ).one_or_none()


def add(session: Session, record: VersionRecord, data: bytes) -> None:
    """Store a new version; the caller knows that there is none of this name."""
    values = {name: getattr(record, name) for name in VersionRecord.__slots__}
    session.execute(insert(models.BundleVersion).values(**values, archive=data))


def replace_archive(session: Session, record: VersionRecord, data: bytes) -> None:
    """Store the same content with other signatures."""
    row = models.BundleVersion
    values = {"signer": record.signer, "actor": record.actor, "at": record.at, "size": record.size, "archive": data}
    session.execute(update(row).where(row.id == record.id).values(values))


def remove(session: Session, version_id: str) -> None:
    """Delete one version."""
    session.execute(delete(models.BundleVersion).where(models.BundleVersion.id == version_id))


def activations(session: Session, bundle: str) -> list[ActivationRecord]:
    """What happened to a bundle, the latest first."""
    row = models.BundleActivation
    query = select(*_ACTIVATION).where(row.bundle == bundle).order_by(row.revision.desc())
    return [ActivationRecord(*found) for found in session.execute(query)]


def current(session: Session) -> dict[str, ActivationRecord]:
    """Bundle -> the latest of its activations."""
    row = models.BundleActivation
    latest = select(func.max(row.revision)).group_by(row.bundle)
    found = [ActivationRecord(*each) for each in session.execute(select(*_ACTIVATION).where(row.revision.in_(latest)))]
    return {each.bundle: each for each in found}


def add_activation(session: Session, record: ActivationRecord) -> None:
    """Store what was done; its revision says that it was done once."""
    values = {name: getattr(record, name) for name in ActivationRecord.__slots__}
    session.execute(insert(models.BundleActivation).values(values | {"levels": dict(record.levels)}))


def forget(session: Session, bundle: str) -> None:
    """Delete what is known of the activations of a bundle."""
    session.execute(delete(models.BundleActivation).where(models.BundleActivation.bundle == bundle))
