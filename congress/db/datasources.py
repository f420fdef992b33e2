"""Datasources in the database, and what was pushed into them."""

from __future__ import annotations

import json
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


def store_pushed(session: Session, datasource_id: str, table: str, objects: list[Any]) -> None:
    """Remember the objects last pushed into a table."""
    row = models.PushedTable(datasource_id=datasource_id, table_name=table, objects=json.dumps(objects))
    session.merge(row)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a table was given: objects as they were pushed, or, in a database that came from the original, rows."""

    objects: list[Any]
    rows: list[list[Any]] | None = None


def pushed(session: Session, datasource_id: str) -> dict[str, Pushed]:
    """Table -> what was last pushed into it."""
    query = select(models.PushedTable).where(models.PushedTable.datasource_id == datasource_id)
    return {row.table_name: _pushed(json.loads(row.objects)) for row in session.scalars(query)}


def _pushed(content: Any) -> Pushed:
    return Pushed([], rows=content["rows"]) if isinstance(content, dict) else Pushed(content)
