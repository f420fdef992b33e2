"""The processes of the service in the database: each keeps a row of its own fresh, all read all of them."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A process. `status`: what it says of itself, JSON-able; `generation` grows while it lives; `started_at` in UTC
    by its own clock, for people only."""

    id: str
    instance: str
    host: str
    pid: int
    roles: tuple[str, ...]
    version: str
    started_at: datetime.datetime
    generation: int = 0
    status: dict[str, Any] | None = None


def every(session: Session) -> list[NodeRecord]:
    """All processes that were not stopped, sorted by id; those that ended otherwise are among them for a while."""
    return [_record(row) for row in session.scalars(select(models.Node).order_by(models.Node.id))]


def write(session: Session, node: NodeRecord, status: str | None) -> None:
    """Say that this process is there; with a status (JSON), also how it is."""
    values: dict[str, Any] = {
        "instance": node.instance,
        "host": node.host,
        "pid": node.pid,
        "roles": ",".join(node.roles),
        "version": node.version,
        "started_at": node.started_at,
        "generation": models.Node.generation + 1,
    }
    if status is not None:
        values["status"] = status
    statement = update(models.Node).where(models.Node.id == node.id).values(values)
    changed = session.execute(statement.execution_options(synchronize_session=False))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.add(models.Node(**{"status": "{}", **values, "generation": 1}, id=node.id))
        session.flush()


def remove(session: Session, node_id: str, instance: str) -> None:
    """Forget a process that stops."""
    own = (models.Node.id == node_id) & (models.Node.instance == instance)
    session.execute(delete(models.Node).where(own))


def forget(session: Session, node_id: str, generation: int) -> None:
    """Forget a process that was not heard of, unless it was heard of meanwhile."""
    unchanged = (models.Node.id == node_id) & (models.Node.generation == generation)
    session.execute(delete(models.Node).where(unchanged))


def _record(row: models.Node) -> NodeRecord:
    roles = tuple(role for role in row.roles.split(",") if role)
    status = json.loads(row.status or "{}")
    return NodeRecord(
        row.id, row.instance, row.host, row.pid, roles, row.version, row.started_at, row.generation, status
    )
