"""The change log in the database: which rows watched tables have, as last recorded, and every change of that."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from congress.db import models
from congress.errors import CongressError


class Overtaken(CongressError):
    """Another engine recorded a change of the same row meanwhile; the transaction is undone and done again."""


@dataclass(frozen=True, slots=True)
class State:
    """A row as last recorded: `position` is (epoch, publication, revision, tick)."""

    digest: str
    policy: str
    table: str
    row: str
    number: int
    present: bool
    position: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that entered a watched table or left it. `row` is JSON, `at` in UTC without saying so, `id` 0 until it is
    stored, `node` who saw it. `explanation` is JSON, None when nobody could tell why."""

    digest: str
    policy: str
    table: str
    row: str
    number: int
    entered: bool
    position: tuple[int, int, int, int]
    at: datetime.datetime
    node: str
    id: int = 0
    explanation: str | None = None


def table_key(table: str) -> str:
    """What stands for the name of a table in indexes."""
    return hashlib.sha256(table.encode()).hexdigest()[:16]


def written(row: Iterable[Any]) -> str:
    """A row as it is stored: JSON, in which an integer and a real of one size differ."""
    return json.dumps(list(row), separators=(",", ":"))


def digest(policy: str, table: str, row: str) -> str:
    """What identifies a row, given as `written`."""
    return hashlib.sha256(json.dumps([policy, table, row]).encode()).hexdigest()


def _state(row: models.WatchedRow) -> State:
    position = (row.epoch, row.publication, row.revision, row.tick)
    return State(row.digest, row.policy, row.table_name, row.row, row.number, row.present, position)


def states(session: Session, digests: Collection[str]) -> dict[str, State]:
    """The recorded states of these rows, by digest; what was never recorded is not in it."""
    query = select(models.WatchedRow).where(models.WatchedRow.digest.in_(digests))
    return {row.digest: _state(row) for row in session.scalars(query)}


def present(session: Session, policy: str, table: str) -> list[State]:
    """The rows that a table has as last recorded."""
    query = select(models.WatchedRow).where(models.WatchedRow.policy == policy, models.WatchedRow.present)
    return [_state(row) for row in session.scalars(query) if row.table_name == table]


def tables(session: Session) -> set[tuple[str, str]]:
    """(policy, table) of all tables that have rows as last recorded."""
    query = select(models.WatchedRow.policy, models.WatchedRow.table_name).where(models.WatchedRow.present)
    return {(policy, table) for policy, table in session.execute(query.distinct())}


def record(session: Session, changes: Sequence[Change]) -> list[Change]:
    """Store changes, each the next one of its row; answers them with their ids. Raises Overtaken when one is not the
    next any longer, and what the database raises when two engines store the first change of a row."""
    if not changes:
        return []
    rows: Any = models.WatchedRow.__table__
    log: Any = models.RowChange.__table__
    first = [_state_columns(change) for change in changes if change.number == 1]
    later = [_state_columns(change) | {"before": change.number - 1} for change in changes if change.number > 1]
    if first:
        session.execute(insert(rows), first)
    if later:
        following = update(rows).where(rows.c.digest == bindparam("key"), rows.c.number == bindparam("before"))
        columns: dict[str, Any] = {name: bindparam(name) for name in later[0] if name not in _KEYS}
        # One statement with many parameters, each of which finds one row or none.
        values = [{name: one[name] for name in (*columns, "before")} | {"key": one["digest"]} for one in later]
        done = session.connection().execute(following.values(columns), values)
        if done.rowcount != len(later):
            raise Overtaken("another engine recorded a change of the same row")
    last = _count_on(session, len(changes))
    numbered = [replace(change, id=last - len(changes) + place) for place, change in enumerate(changes, 1)]
    session.execute(insert(log), [_columns(change) for change in numbered])
    _close(session, [change for change in numbered if not change.entered])
    return numbered


def _count_on(session: Session, by: int) -> int:
    """The last id of so many new ones. From here to the commit nobody else gets one, so ids grow as commits do: who
    has read up to an id has read everything before it, too. A counter of the database's own would not promise that."""
    counter: Any = models.ChangeCounter.__table__
    session.execute(update(counter).values(number=counter.c.number + by))
    last = int(session.execute(select(counter.c.number)).scalar_one())
    highest = session.execute(select(func.max(models.RowChange.id))).scalar_one() or 0
    if highest > last - by:  # a process of an older version, which does not count here, still runs
        last = highest + by
        session.execute(update(counter).values(number=last))
    return last


def _close(session: Session, left: Sequence[Change]) -> None:
    """Let the changes by which rows entered know those by which they left."""
    if not left:
        return
    log: Any = models.RowChange.__table__
    ended = update(log).where(log.c.digest == bindparam("key"), log.c.number == bindparam("before"))
    columns: dict[str, Any] = {
        "next_id": bindparam("by"),
        "next_at": bindparam("then"),
        "next_revision": bindparam("r"),
    }
    values = [
        {"key": each.digest, "before": each.number - 1, "by": each.id, "then": each.at, "r": each.position[2]}
        for each in left
    ]
    session.connection().execute(ended.values(standing=CLOSED, **columns), values)


def explain(session: Session, explanations: Mapping[int, str]) -> None:
    """Add explanations to changes that were stored without; by id."""
    log: Any = models.RowChange.__table__
    known = update(log).where(log.c.id == bindparam("change")).values(explanation=bindparam("text"))
    session.connection().execute(known, [{"change": each, "text": text} for each, text in explanations.items()])


def mend(session: Session, most: int = 1000) -> int:
    """Add what an older version left out of at most so many changes that it stored while this one ran already; answers
    how many there were."""
    row: Any = models.RowChange
    old = session.scalars(select(row).where(row.table_key == "").order_by(row.id).limit(most)).all()
    for each in old:
        each.table_key = table_key(each.table_name)
        each.standing = OPEN if each.entered else END
    session.flush()
    _close(session, [changed(each) for each in old if not each.entered])
    entered = [each.digest for each in old if each.entered]
    followed = select(row).where(row.digest.in_(entered), ~row.entered)
    _close(session, [changed(each) for each in session.scalars(followed)] if entered else [])
    return len(old)


class Reach(NamedTuple):
    """How far the log goes: the id of the last change, and the highest one that has been forgotten."""

    latest: int
    forgotten: int


def reach(session: Session) -> Reach:
    """How far the log goes now."""
    row = models.ChangeCounter
    return Reach(*session.execute(select(row.number, row.forgotten)).one())


_KEYS = ("digest", "policy", "table_name", "row", "before")
OPEN, CLOSED, END = "open", "closed", "end"
"""The standing of a row that entered and is there, of one that entered and left, and of its leaving."""


def _state_columns(change: Change) -> dict[str, Any]:
    epoch, publication, revision, tick = change.position
    return {
        "digest": change.digest,
        "policy": change.policy,
        "table_name": change.table,
        "row": change.row,
        "number": change.number,
        "present": change.entered,
        "epoch": epoch,
        "publication": publication,
        "revision": revision,
        "tick": tick,
        "changed_at": change.at,
    }


def _columns(change: Change) -> dict[str, Any]:
    epoch, publication, revision, tick = change.position
    return {
        "id": change.id,
        "digest": change.digest,
        "number": change.number,
        "policy": change.policy,
        "table_name": change.table,
        "table_key": table_key(change.table),
        "row": change.row,
        "entered": change.entered,
        "standing": OPEN if change.entered else END,
        "epoch": epoch,
        "publication": publication,
        "revision": revision,
        "tick": tick,
        "at": change.at,
        "node": change.node,
        "explanation": change.explanation,
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes to read: those that match everything that is not None. `row` as `written`; times as in `Change`."""

    policy: str
    table: str | None = None
    row: str | None = None
    entered: bool | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


_CHANGE: Any = models.RowChange
# Thousands are read at once; objects of the mapper cost several times as much as these columns.
_TOLD = (
    *(_CHANGE.digest, _CHANGE.policy, _CHANGE.table_name, _CHANGE.row, _CHANGE.number, _CHANGE.entered),
    *(_CHANGE.epoch, _CHANGE.publication, _CHANGE.revision, _CHANGE.tick),
    *(_CHANGE.at, _CHANGE.node, _CHANGE.id),
)


def _told(found: Any) -> Change:
    """A change from the columns of `_TOLD`."""
    digest, policy, table, row, number, entered, *position, at, node, place = found
    epoch, publication, revision, tick = position
    return Change(digest, policy, table, row, number, entered, (epoch, publication, revision, tick), at, node, place)


def history(session: Session, wanted: Wanted, limit: int, before: int | None = None) -> list[Change]:
    """The newest changes that are wanted, newest first; with `before`, of those with lower ids."""
    row = models.RowChange
    query = select(*_TOLD).where(row.policy == wanted.policy).order_by(row.id.desc()).limit(limit)
    if wanted.table is not None:
        query = query.where(row.table_name == wanted.table)
    if wanted.row is not None:
        query = query.where(row.row == wanted.row)
    if wanted.entered is not None:
        query = query.where(row.entered == wanted.entered)
    if wanted.since is not None:
        query = query.where(row.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(row.at < wanted.until)
    if before is not None:
        query = query.where(row.id < before)
    return [_told(found) for found in session.execute(query)]


def changed(row: models.RowChange, *, explained: bool = False) -> Change:
    """A change as it is stored, without its explanation unless that is asked for."""
    return Change(
        row.digest,
        row.policy,
        row.table_name,
        row.row,
        row.number,
        row.entered,
        (row.epoch, row.publication, row.revision, row.tick),
        row.at,
        row.node,
        row.id,
        row.explanation if explained else None,
    )


def after(
    session: Session, event: int, limit: int, policy: str | None = None, table: str | None = None
) -> list[Change]:
    """The oldest changes after the one of this id, oldest first, of all policies and tables or of one."""
    row = models.RowChange
    query = select(*_TOLD).where(row.id > event).order_by(row.id).limit(limit)
    if policy is not None:
        query = query.where(row.policy == policy)
    if table is not None:
        query = query.where(row.table_key == table_key(table), row.table_name == table)
    return [_told(found) for found in session.execute(query)]


def purge(session: Session, before: datetime.datetime, most: int = 1000) -> int:
    """Forget at most so many changes older than `before`; answers how many. What says since when a row has been there
    is kept, and when it entered as long as when it left."""
    change, row = models.RowChange, models.WatchedRow
    over = and_(change.at < before, change.standing != OPEN, or_(change.next_at.is_(None), change.next_at < before))
    old = session.scalars(select(change.id).where(over).order_by(change.id).limit(most)).all()
    if old:
        session.execute(delete(change).where(change.id.in_(old)))
        counter: Any = models.ChangeCounter.__table__
        last = max(old)
        session.execute(update(counter).where(counter.c.forgotten < last).values(forgotten=last))
    # A row that enters again begins to count at 1, so what was counted before must be gone.
    counted = exists().where(change.digest == row.digest)
    asked = exists().where(models.ActionEntry.digest == row.digest)
    query = select(row.digest).where(row.changed_at < before, ~row.present, ~counted, ~asked).limit(most)
    gone = session.scalars(query).all()
    if gone:
        # The state is looked at again, since the row may have entered since.
        session.execute(delete(row).where(row.digest.in_(gone), row.changed_at < before, ~row.present))
    return len(old) + len(gone)
