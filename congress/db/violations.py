"""Violations in the database: each change by which a row entered a watched table, with the one by which it left.

Lists come latest first and are read in pages. Of those that are open and those that are closed each has an index in
that order, so a list of both is the two lists merged.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased, defer

from congress.db import models
from congress.db.changelog import CLOSED, OPEN, Change, changed, digest, table_key


class Violation(NamedTuple):
    """A stay of a row in a watched table; `closed` is None while it goes on."""

    opened: Change
    closed: Change | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which violations to read: those that match everything that is not None. `row` as `changelog.written`; times in
    UTC without saying so; `standing` is OPEN or CLOSED."""

    policy: str | None = None
    table: str | None = None
    row: str | None = None
    standing: str | None = None
    text: str | None = None
    open_at: datetime.datetime | None = None
    opened_since: datetime.datetime | None = None
    opened_until: datetime.datetime | None = None
    closed_since: datetime.datetime | None = None
    closed_until: datetime.datetime | None = None
    since_revision: int | None = None
    since_event: int | None = None

    @property
    def digest(self) -> str | None:
        """Of the one row that can match; None when there may be others."""
        if self.policy is None or self.table is None or self.row is None:
            return None
        return digest(self.policy, self.table, self.row)

    @property
    def standings(self) -> tuple[str, ...]:
        """Those that can match at all."""
        if self.closed_since is not None or self.closed_until is not None:
            return () if self.standing == OPEN else (CLOSED,)
        return (OPEN, CLOSED) if self.standing is None else (self.standing,)


def violations(session: Session, wanted: Wanted, limit: int, before: int | None = None) -> list[Violation]:
    """The latest violations that are wanted, latest first; with `before`, of those whose ids are lower."""
    found = [_opened(session, wanted, standing, limit, before) for standing in wanted.standings]
    opened = list(heapq.merge(*found, key=lambda row: -row.id))[:limit]
    return list(_with_ends(session, opened))


def violation(session: Session, identity: int) -> Violation | None:
    """The violation of this id, with the explanations of both its changes; None when there is none."""
    entered, left = models.RowChange, aliased(models.RowChange)
    query = select(entered, left).outerjoin(left, entered.next_id == left.id)
    found = session.execute(query.where(entered.id == identity, entered.entered)).one_or_none()
    if found is None:
        return None
    return Violation(changed(found[0], explained=True), None if found[1] is None else changed(found[1], explained=True))


def beginnings(session: Session, ends: list[int]) -> dict[int, int]:
    """Ids of changes by which rows left -> ids of those by which they had entered, as far as they are known."""
    row = models.RowChange
    found = session.execute(select(row.next_id, row.id).where(row.next_id.in_(ends))) if ends else ()
    return {end: begin for end, begin in found if end is not None}


def _opened(session: Session, wanted: Wanted, standing: str, limit: int, before: int | None) -> list[models.RowChange]:
    query = _query(wanted, standing)
    if before is not None:
        query = query.where(models.RowChange.id < before)
    # Of one row it is the same order, and names the index that finds it at once.
    order = models.RowChange.id if wanted.digest is None else models.RowChange.number
    query = query.order_by(order.desc()).limit(limit).options(defer(models.RowChange.explanation))
    return list(session.scalars(query))


def _with_ends(session: Session, opened: list[models.RowChange]) -> Iterator[Violation]:
    row = models.RowChange
    ids = [each.next_id for each in opened if each.next_id is not None]
    ends: dict[int, models.RowChange] = {}
    for begin in range(0, len(ids), 1000):
        query = select(row).where(row.id.in_(ids[begin : begin + 1000])).options(defer(row.explanation))
        ends.update((each.id, each) for each in session.scalars(query))
    for each in opened:
        end = ends.get(each.next_id) if each.next_id is not None else None
        yield Violation(changed(each), None if end is None else changed(end))


def _query(wanted: Wanted, standing: str) -> Select[Any]:
    row = models.RowChange
    query = select(row).where(row.standing == standing)
    if wanted.digest is not None:
        query = query.where(row.digest == wanted.digest)
    else:
        if wanted.policy is not None:
            query = query.where(row.policy == wanted.policy)
        if wanted.table is not None:
            query = query.where(row.table_key == table_key(wanted.table))
        if wanted.row is not None:
            query = query.where(row.row == wanted.row)
    if wanted.text is not None:
        query = query.where(row.row.contains(wanted.text, autoescape=True))
    return _in_time(query, wanted, standing)


def _in_time(query: Select[Any], wanted: Wanted, standing: str) -> Select[Any]:
    row = models.RowChange
    if wanted.open_at is not None:
        ended = or_(row.next_at.is_(None), row.next_at > wanted.open_at)
        query = query.where(and_(row.at <= wanted.open_at, ended))
    for column, since, until in (
        (row.at, wanted.opened_since, wanted.opened_until),
        (row.next_at, wanted.closed_since, wanted.closed_until),
    ):
        if since is not None:
            query = query.where(column >= since)
        if until is not None:
            query = query.where(column < until)
    # What closed did so after it had opened, so its end alone says whether anything happened since.
    revision, event = (row.revision, row.id) if standing == OPEN else (row.next_revision, row.next_id)
    if wanted.since_revision is not None:
        query = query.where(revision > wanted.since_revision)
    if wanted.since_event is not None:
        query = query.where(event > wanted.since_event)
    return query
