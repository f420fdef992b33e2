"""The policy revision: a number that grows with every change of policies and rules, whoever makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from congress.db import models
from congress.db.session import Database


def current(session: Session) -> int:
    """The number now."""
    return session.scalars(select(models.PolicyRevision.number)).one_or_none() or 0


def settled(session: Session) -> int:
    """The number when every transaction that counted has ended, one whose connection was lost included."""
    return session.scalars(select(models.PolicyRevision.number).with_for_update()).one_or_none() or 0


def advance(session: Session) -> int:
    """Count one change; the new number is this transaction's alone, since the row stays locked until it ends."""
    counted = session.execute(update(models.PolicyRevision).values(number=models.PolicyRevision.number + 1))
    if not counted.rowcount:  # type: ignore[attr-defined]
        session.add(models.PolicyRevision(id=1, number=1))
        session.flush()
    return current(session)


@contextmanager
def writer(database: Database, is_stored: Callable[[Session], bool]) -> Iterator[Session]:
    """A `certain_writer` for changes that are not counted: they lock the number, so `is_stored` is asked only when a
    transaction whose connection was lost has ended. Who holds this must not wait for the workspace."""

    def is_settled(session: Session) -> bool:
        settled(session)
        return is_stored(session)

    with database.certain_writer(is_settled) as session:
        settled(session)
        yield session
