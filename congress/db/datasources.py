"""Datasources in the database, and what was pushed into them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, literal, or_, select, update
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
    for model in (models.PushedPart, models.PushedTable):
        session.execute(delete(model).where(model.datasource_id == datasource_id))
    session.execute(delete(models.Datasource).where(models.Datasource.id == datasource_id))


PART = 1_000_000
"""Characters of what was pushed that are stored in one row: databases limit the size of a statement, MariaDB to 16 MiB
unless told otherwise, and such a limit is not ours to know."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a table was given: objects as they were pushed, or, in a database that came from the original, rows.
    `version` grows with every push."""

    objects: list[Any]
    rows: list[list[Any]] | None = None
    version: int = 1


def store_pushed(session: Session, datasource_id: str, table: str, objects: list[Any]) -> int:
    """Remember the objects last pushed into a table; the answer is their version."""
    first, *rest = _parts(json.dumps(objects))
    key = _one(models.PushedTable, datasource_id, table)
    changed = update(models.PushedTable).where(*key)
    counted = session.execute(changed.values(objects=first, version=models.PushedTable.version + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]
        session.add(models.PushedTable(datasource_id=datasource_id, table_name=table, objects=first, version=1))
        session.flush()
    _store_parts(session, datasource_id, table, rest)
    return session.scalars(select(models.PushedTable.version).where(*key)).one()


def replace_pushed(session: Session, datasource_id: str, table: str, objects: list[Any], before: int) -> int | None:
    """Remember objects in place of those of version `before` (0: of none); the answer is their version, None when
    somebody else was faster and nothing is changed. Raises DBDuplicateEntry when somebody else is about to be."""
    first, *rest = _parts(json.dumps(objects))
    if not before:
        session.add(models.PushedTable(datasource_id=datasource_id, table_name=table, objects=first, version=1))
        session.flush()
    else:
        one = _one(models.PushedTable, datasource_id, table)
        changed = update(models.PushedTable).where(*one, models.PushedTable.version == before)
        counted = session.execute(changed.values(objects=first, version=before + 1))
        if not counted.rowcount:  # type: ignore[attr-defined]
            return None
    _store_parts(session, datasource_id, table, rest)
    return before + 1


def _parts(content: str) -> list[str]:
    return [content[begin : begin + PART] for begin in range(0, len(content), PART)]


def _store_parts(session: Session, datasource_id: str, table: str, rest: list[str]) -> None:
    """Whoever changes a table's row holds it until the commit, so no other writer's parts get between these."""
    session.execute(delete(models.PushedPart).where(*_one(models.PushedPart, datasource_id, table)))
    for number, content in enumerate(rest, 1):
        key = {"datasource_id": datasource_id, "table_name": table, "number": number}
        session.execute(insert(models.PushedPart).values(**key, content=content))


def _one(model: type[models.PushedTable | models.PushedPart], datasource_id: str, table: str) -> list[Any]:
    return [model.datasource_id == datasource_id, model.table_name == table]


def pushed_versions(session: Session) -> dict[tuple[str, str], int]:
    """(datasource's id, table) -> version of what was last pushed into it."""
    columns = (models.PushedTable.datasource_id, models.PushedTable.table_name, models.PushedTable.version)
    return {(datasource, table): version for datasource, table, version in session.execute(select(*columns))}


def pushed_table(session: Session, datasource_id: str, table: str) -> Pushed | None:
    """What was last pushed into a table, None when nothing was."""
    first = select(literal(0), models.PushedTable.objects, models.PushedTable.version)
    rest = select(models.PushedPart.number, models.PushedPart.content, literal(0))
    # One statement, since a database may show two statements of a transaction two states.
    both = first.where(*_one(models.PushedTable, datasource_id, table)).union_all(
        rest.where(*_one(models.PushedPart, datasource_id, table))
    )
    found = sorted((number, version, content) for number, content, version in session.execute(both))
    if not found:
        return None
    version = found[0][1]
    content = json.loads("".join(part for _number, _version, part in found))
    return Pushed([], content["rows"], version) if isinstance(content, dict) else Pushed(content, version=version)
