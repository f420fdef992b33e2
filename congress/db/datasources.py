"""Datasources in the database, and what was pushed into them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class DatasourceRecord:
    """A datasource as stored: the `config` values that `encrypted` names are ciphertext."""

    id: str
    name: str
    driver: str
    description: str | None
    enabled: bool
    config: dict[str, str]
    encrypted: tuple[str, ...]


OWN = DatasourceRecord(
    "c0c0ca7e-0000-5000-8000-000000000001", "congress", "congress", "How the datasources are", True, {}, ()
)
"""The datasource that every installation has without storing it; see `congress.datasources.own`."""


def with_own(records: list[DatasourceRecord], policies: Iterable[str] = ()) -> list[DatasourceRecord]:
    """The stored datasources and our own, unless a datasource or policy has its name since before there was one."""
    taken = {record.name for record in records}.union(policies)
    return records if OWN.name in taken else [*records, OWN]


def _record(row: models.Datasource) -> DatasourceRecord:
    return DatasourceRecord(
        row.id, row.name, row.driver, row.description, row.enabled, dict(row.config), tuple(row.encrypted)
    )


def add(session: Session, record: DatasourceRecord) -> None:
    """Store a new datasource; the caller knows that the name is free."""
    session.add(
        models.Datasource(
            id=record.id,
            name=record.name,
            driver=record.driver,
            description=record.description,
            enabled=record.enabled,
            config=record.config,
            encrypted=list(record.encrypted),
        )
    )
    session.flush()


def find(session: Session, name_or_id: str) -> DatasourceRecord | None:
    """The datasource of this name, else the one of this id."""
    by_either = or_(models.Datasource.name == name_or_id, models.Datasource.id == name_or_id)
    found = sorted(session.scalars(select(models.Datasource).where(by_either)), key=lambda row: row.name != name_or_id)
    return _record(found[0]) if found else None


def is_there(session: Session, datasource_id: str) -> bool:
    """Whether a datasource of this id is stored."""
    return session.get(models.Datasource, datasource_id) is not None


def every(session: Session) -> list[DatasourceRecord]:
    """All datasources, sorted by name."""
    return [_record(row) for row in session.scalars(select(models.Datasource).order_by(models.Datasource.name))]


def set_config(session: Session, datasource_id: str, config: dict[str, str], encrypted: list[str]) -> None:
    """Give one datasource another configuration; `encrypted` names its values that are ciphertext."""
    changed = update(models.Datasource).where(models.Datasource.id == datasource_id)
    session.execute(changed.values(config=config, encrypted=encrypted))


def remove(session: Session, datasource_id: str) -> None:
    """Delete one datasource and what was pushed into it."""
    session.execute(delete(models.PushedTable).where(models.PushedTable.datasource_id == datasource_id))
    session.execute(delete(models.Datasource).where(models.Datasource.id == datasource_id))


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a table was given: objects as they were pushed, or, in a database that came from the original, rows.
    `version` grows with every push."""

    objects: list[Any]
    rows: list[list[Any]] | None = None
    version: int = 1


def store_pushed(session: Session, datasource_id: str, table: str, objects: list[Any]) -> int:
    """Remember the objects last pushed into a table; the answer is their version."""
    content = json.dumps(objects)
    key = (models.PushedTable.datasource_id == datasource_id, models.PushedTable.table_name == table)
    changed = update(models.PushedTable).where(*key)
    counted = session.execute(changed.values(objects=content, version=models.PushedTable.version + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]
        session.add(models.PushedTable(datasource_id=datasource_id, table_name=table, objects=content, version=1))
        session.flush()
    return session.scalars(select(models.PushedTable.version).where(*key)).one()


def replace_pushed(session: Session, datasource_id: str, table: str, objects: list[Any], before: int) -> int | None:
    """Remember objects in place of those of version `before` (0: of none); the answer is their version, None when
    somebody else was faster and nothing is changed. Raises DBDuplicateEntry when somebody else is about to be."""
    content = json.dumps(objects)
    if not before:
        session.add(models.PushedTable(datasource_id=datasource_id, table_name=table, objects=content, version=1))
        session.flush()
        return 1
    one = (models.PushedTable.datasource_id == datasource_id, models.PushedTable.table_name == table)
    changed = update(models.PushedTable).where(*one, models.PushedTable.version == before)
    counted = session.execute(changed.values(objects=content, version=before + 1))
    return before + 1 if counted.rowcount else None  # type: ignore[attr-defined]


def pushed_versions(session: Session) -> dict[tuple[str, str], int]:
    """(datasource's id, table) -> version of what was last pushed into it."""
    columns = (models.PushedTable.datasource_id, models.PushedTable.table_name, models.PushedTable.version)
    return {(datasource, table): version for datasource, table, version in session.execute(select(*columns))}


def pushed_table(session: Session, datasource_id: str, table: str) -> Pushed | None:
    """What was last pushed into a table, None when nothing was."""
    row = session.get(models.PushedTable, (datasource_id, table))
    return None if row is None else _pushed(row)


def pushed_objects(session: Session, datasource_id: str, table: str) -> list[Any]:
    """The objects last pushed into a table, which nobody else changes until the session ends."""
    key = (models.PushedTable.datasource_id == datasource_id, models.PushedTable.table_name == table)
    row = session.scalars(select(models.PushedTable).where(*key).with_for_update()).one_or_none()
    return [] if row is None else _pushed(row).objects


def pushed(session: Session, datasource_id: str) -> dict[str, Pushed]:
    """Table -> what was last pushed into it."""
    query = select(models.PushedTable).where(models.PushedTable.datasource_id == datasource_id)
    return {row.table_name: _pushed(row) for row in session.scalars(query)}


def _pushed(row: models.PushedTable) -> Pushed:
    content = json.loads(row.objects)
    if isinstance(content, dict):
        return Pushed([], content["rows"], row.version)
    return Pushed(content, version=row.version)
