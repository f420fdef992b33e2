"""Where events are sent, how far each target is, and what could not be delivered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from congress.db import models


@dataclass(frozen=True, slots=True)
class Target:
    """A target of events of one `policy` and one `table`, or of all where these are None. `secret` is encrypted, empty
    for the message bus. `position` is the last event that is done with; `attempts` counts the failures since, `error`
    is the last one. Times are UTC without saying so."""

    id: str
    url: str
    description: str
    policy: str | None
    table: str | None
    secret: str
    position: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    generation: int = 0
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a target did not take: the events `first` to `last`, as the `body` that was sent. `attempts` is 0 for one
    that is to be sent again."""

    id: str
    target: str
    first: int
    last: int
    body: str
    attempts: int
    error: str
    at: datetime.datetime


def every(session: Session) -> list[Target]:
    """All targets, the oldest first."""
    row = models.EventTarget
    return [_target(found) for found in session.scalars(select(row).order_by(row.created_at, row.id))]


def get(session: Session, identity: str) -> Target | None:
    """The target of this id."""
    found = session.get(models.EventTarget, identity)
    return None if found is None else _target(found)


def add(session: Session, target: Target) -> None:
    """Store a new target."""
    session.execute(insert(models.EventTarget).values(_columns(target)))


def remove(session: Session, identity: str) -> None:
    """Forget a target and its dead letters."""
    session.execute(delete(models.DeadLetter).where(models.DeadLetter.target_id == identity))
    session.execute(delete(models.EventTarget).where(models.EventTarget.id == identity))


def set_secret(session: Session, identity: str, secret: str) -> None:
    """Store another ciphertext."""
    session.execute(update(models.EventTarget).where(models.EventTarget.id == identity).values(secret=secret))


def advance(session: Session, target: Target, position: int, *, attempts: int = 0, error: str = "") -> bool:
    """Note how far a target is; False when somebody else did so since it was read."""
    row = models.EventTarget
    unchanged = (row.id == target.id, row.generation == target.generation)
    values: dict[str, Any] = {
        "position": position,
        "attempts": attempts,
        "error": error,
        "generation": target.generation + 1,
        "updated_at": _now(),
    }
    done: Any = session.execute(update(row).where(*unchanged).values(values))
    return bool(done.rowcount)


def letters(session: Session, target: str | None = None, *, due: bool = False) -> list[Letter]:
    """The dead letters of a target or of all, the oldest first; with `due` those that are to be sent again."""
    row = models.DeadLetter
    query = select(row).order_by(row.first_event, row.id)
    if target is not None:
        query = query.where(row.target_id == target)
    if due:
        query = query.where(row.attempts == 0)
    return [_letter(found) for found in session.scalars(query)]


def count_letters(session: Session) -> dict[str, int]:
    """Target -> the number of its dead letters, for those that have some."""
    row = models.DeadLetter
    found = session.execute(select(row.target_id, func.count()).group_by(row.target_id))
    return {target: number for target, number in found}  # noqa: C416 - rows are no pairs to a type checker


def put_letter(session: Session, letter: Letter) -> None:
    """Store a dead letter, or how sending it again went."""
    session.merge(
        models.DeadLetter(
            id=letter.id,
            target_id=letter.target,
            first_event=letter.first,
            last_event=letter.last,
            body=letter.body,
            attempts=letter.attempts,
            error=letter.error,
            at=letter.at,
        )
    )


def remove_letter(session: Session, identity: str) -> None:
    """Forget a dead letter."""
    session.execute(delete(models.DeadLetter).where(models.DeadLetter.id == identity))


def purge(session: Session, before: datetime.datetime) -> int:
    """Forget the dead letters that are older; answers how many."""
    done: Any = session.execute(delete(models.DeadLetter).where(models.DeadLetter.at < before))
    return int(done.rowcount)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _columns(target: Target) -> dict[str, Any]:
    return {
        "id": target.id,
        "url": target.url,
        "description": target.description,
        "policy": target.policy,
        "table_name": target.table,
        "secret": target.secret,
        "position": target.position,
        "generation": target.generation,
        "attempts": target.attempts,
        "error": target.error,
        "created_at": target.created_at,
        "updated_at": target.updated_at,
    }


def _target(row: models.EventTarget) -> Target:
    return Target(
        row.id,
        row.url,
        row.description,
        row.policy,
        row.table_name,
        row.secret,
        row.position,
        row.created_at,
        row.updated_at,
        row.generation,
        row.attempts,
        row.error,
    )


def _letter(row: models.DeadLetter) -> Letter:
    return Letter(row.id, row.target_id, row.first_event, row.last_event, row.body, row.attempts, row.error, row.at)
