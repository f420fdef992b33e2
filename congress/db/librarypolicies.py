"""Library policies in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class LibraryRecord:
    """A library policy; `rules` are objects with `rule` and possibly `comment` and `name`, as they were given.

    `parameters` are declarations as `congress.policies.parameters` reads them, `depends_on` names of other policies.
    """

    id: str
    name: str
    abbreviation: str
    description: str
    kind: str
    rules: tuple[dict[str, str | None], ...]
    parameters: tuple[dict[str, Any], ...] = ()
    depends_on: tuple[str, ...] = ()


def _record(row: models.LibraryPolicy) -> LibraryRecord:
    return LibraryRecord(
        row.id,
        row.name,
        row.abbreviation,
        row.description,
        row.kind,
        tuple(row.rules),
        tuple(row.parameters or ()),
        tuple(row.depends_on or ()),
    )


def add(session: Session, record: LibraryRecord) -> None:
    """Store a new item; the caller knows that the name is free."""
    session.add(
        models.LibraryPolicy(
            id=record.id,
            name=record.name,
            abbreviation=record.abbreviation,
            description=record.description,
            kind=record.kind,
            rules=list(record.rules),
            parameters=list(record.parameters) or None,
            depends_on=list(record.depends_on) or None,
        )
    )
    session.flush()


def replace(session: Session, record: LibraryRecord) -> None:
    """Give the item of this id new content."""
    remove(session, record.id)
    add(session, record)


def find(session: Session, item_id: str) -> LibraryRecord | None:
    """The item of this id."""
    row = session.get(models.LibraryPolicy, item_id)
    return _record(row) if row else None


def find_by_name(session: Session, name: str) -> LibraryRecord | None:
    """The item of this name."""
    row = session.scalars(select(models.LibraryPolicy).where(models.LibraryPolicy.name == name)).one_or_none()
    return _record(row) if row else None


def every(session: Session) -> list[LibraryRecord]:
    """All items, sorted by name."""
    return [_record(row) for row in session.scalars(select(models.LibraryPolicy).order_by(models.LibraryPolicy.name))]


def count(session: Session) -> int:
    """How many items there are."""
    return session.scalar(select(func.count()).select_from(models.LibraryPolicy)) or 0


def remove(session: Session, item_id: str) -> None:
    """Delete one item."""
    session.execute(delete(models.LibraryPolicy).where(models.LibraryPolicy.id == item_id))
