"""The action ledger in the database: each change of an entry's state is a compare-and-swap on its `generation`.

proposed --approve--> pending --claim--> claimed --> done | failed | unknown
    |                    |
    '----- reject / obsolete / expired -----'        failed, unknown, rejected, expired --retry--> pending
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from congress.db import models

PROPOSED, PENDING, CLAIMED = "proposed", "pending", "claimed"
DONE, FAILED, UNKNOWN = "done", "failed", "unknown"
REJECTED, OBSOLETE, EXPIRED = "rejected", "obsolete", "expired"
STATES = (PROPOSED, PENDING, CLAIMED, DONE, FAILED, UNKNOWN, REJECTED, OBSOLETE, EXPIRED)
OPEN = (PROPOSED, PENDING)
"""Nothing was tried yet."""
_FINAL = (DONE, FAILED, UNKNOWN, REJECTED, OBSOLETE, EXPIRED)


@dataclass(frozen=True, slots=True)
class Entry:
    """An action that a row asks for. `row`: JSON, the row and so the arguments by position; `table`: `execute[…]`.

    `seen`: the position at which the row entered. `epoch`, `node`: of the last claim. Times are UTC without saying so.
    """

    sequence: int
    id: str
    policy: str
    table: str
    datasource: str
    action: str
    row: str
    state: str
    generation: int
    epoch: int | None
    node: str | None
    attempts: int
    outcome: str
    seen: tuple[int, int, int, int]
    created_at: datetime.datetime
    updated_at: datetime.datetime

    @property
    def name(self) -> str:
        """`datasource:action`, by which limits and settings are kept."""
        return f"{self.datasource}:{self.action}"

    @property
    def arguments(self) -> list[Any]:
        return list(json.loads(self.row))


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to make, for change `number` of the row of this `digest`."""

    digest: str
    number: int
    policy: str
    table: str
    datasource: str
    action: str
    row: str
    state: str
    seen: tuple[int, int, int, int]
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Who or what (`actor`) brought an entry into a state, and why."""

    at: datetime.datetime
    state: str
    actor: str
    detail: str


@dataclass(frozen=True, slots=True)
class Control:
    """Whether actions are `paused`, by whom, why and since when; `epoch`: the lowest that may act."""

    paused: bool
    actor: str
    reason: str
    at: datetime.datetime | None
    epoch: int


def now() -> datetime.datetime:
    """The time as it is stored."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _entry(row: models.ActionEntry) -> Entry:
    return Entry(
        row.sequence,
        row.id,
        row.policy,
        row.table_name,
        row.datasource,
        row.action,
        row.row,
        row.state,
        row.generation,
        row.epoch,
        row.node,
        row.attempts,
        row.outcome,
        (row.seen_epoch, row.seen_publication, row.seen_revision, row.seen_tick),
        row.created_at,
        row.updated_at,
    )


# -- entries -----------------------------------------------------------------------------------------------------------


def add(session: Session, entries: Collection[NewEntry], actor: str) -> None:
    """Store new entries; one change of a row can have one only."""
    if not entries:
        return
    made = [(str(uuid.uuid4()), entry) for entry in entries]
    session.execute(insert(models.ActionEntry), [_columns(key, entry) for key, entry in made])
    events = [
        {"action_id": key, "at": entry.at, "state": entry.state, "actor": actor, "detail": "the row entered"}
        for key, entry in made
    ]
    session.execute(insert(models.ActionEvent), events)


def _columns(key: str, entry: NewEntry) -> dict[str, Any]:
    epoch, publication, revision, tick = entry.seen
    return {
        "id": key,
        "digest": entry.digest,
        "number": entry.number,
        "policy": entry.policy,
        "table_name": entry.table,
        "datasource": entry.datasource,
        "action": entry.action,
        "row": entry.row,
        "state": entry.state,
        "generation": 1,
        "attempts": 0,
        "outcome": "",
        "seen_epoch": epoch,
        "seen_publication": publication,
        "seen_revision": revision,
        "seen_tick": tick,
        "created_at": entry.at,
        "updated_at": entry.at,
    }


def open_for(session: Session, digests: Collection[str]) -> list[Entry]:
    """The entries of these rows with which nothing was tried yet."""
    row = models.ActionEntry
    return [_entry(one) for one in session.scalars(select(row).where(row.digest.in_(digests), row.state.in_(OPEN)))]


def find(session: Session, key: str) -> Entry | None:
    """The entry of this id."""
    row = session.scalars(select(models.ActionEntry).where(models.ActionEntry.id == key)).one_or_none()
    return _entry(row) if row else None


def listed(
    session: Session,
    *,
    limit: int,
    policy: str | None = None,
    state: str | None = None,
    before: int | None = None,
) -> list[Entry]:
    """The newest entries, newest first; with `before`, of those with a lower `sequence`."""
    row = models.ActionEntry
    query = select(row).order_by(row.sequence.desc()).limit(limit)
    if policy is not None:
        query = query.where(row.policy == policy)
    if state is not None:
        query = query.where(row.state == state)
    if before is not None:
        query = query.where(row.sequence < before)
    return [_entry(one) for one in session.scalars(query)]


def counts(session: Session) -> dict[str, int]:
    """State -> number of entries."""
    query = select(models.ActionEntry.state, func.count()).group_by(models.ActionEntry.state)
    return {str(state): int(number) for state, number in session.execute(query)}


def in_state(session: Session, state: str, *, after: int = 0, limit: int = 500) -> list[Entry]:
    """The oldest entries in a state, of those with a higher `sequence` than `after`."""
    row = models.ActionEntry
    query = select(row).where(row.state == state, row.sequence > after).order_by(row.sequence).limit(limit)
    return [_entry(one) for one in session.scalars(query)]


def recent(session: Session, since: datetime.datetime) -> list[Entry]:
    """The entries that were claimed at some time and last changed after `since`, in the order of that change."""
    row = models.ActionEntry
    query = select(row).where(row.updated_at >= since, row.epoch.is_not(None)).order_by(row.updated_at)
    return [_entry(one) for one in session.scalars(query)]


def events(session: Session, key: str) -> list[Event]:
    """What happened to an entry, oldest first."""
    row = models.ActionEvent
    query = select(row).where(row.action_id == key).order_by(row.id)
    return [Event(one.at, one.state, one.actor, one.detail) for one in session.scalars(query)]


# -- changes of state --------------------------------------------------------------------------------------------------


def move(session: Session, entry: Entry, state: str, *, actor: str, detail: str = "") -> bool:
    """Bring an entry that is still as it was read into another state; False when it is not. A retried one starts
    counting its attempts anew."""
    values: dict[str, Any] = {"outcome": detail}
    if state == PENDING:
        values["attempts"] = 0
    return _changed(session, entry, state, values, actor, detail)


def claim(session: Session, entry: Entry, *, epoch: int, node: str) -> bool:
    """Take a pending entry under an epoch; False when it is not as it was read, or the epoch may not act any more."""
    may_act = select(models.ActionControl.epoch).where(models.ActionControl.id == 1).scalar_subquery() == epoch
    values = {"epoch": epoch, "node": node, "attempts": entry.attempts + 1}
    return _changed(session, entry, CLAIMED, values, node, f"epoch {epoch}", may_act)


def finish(session: Session, claimed: Entry, state: str, *, actor: str, detail: str) -> bool:
    """Record how a claim ended, from its generation on; also when it was declared unknown meanwhile.

    False when the entry went on without the claimant: what is stored then is another attempt's.
    """
    row = models.ActionEntry
    mine = (row.epoch == claimed.epoch) & (row.attempts == claimed.attempts) & row.state.in_((CLAIMED, UNKNOWN))
    values = {"state": state, "outcome": detail, "updated_at": now(), "generation": row.generation + 1}
    done = session.execute(
        update(row).where(row.id == claimed.id, mine).values(values).execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, claimed.id, state, actor, detail)
    return True


def remark(session: Session, entry: Entry, text: str) -> None:
    """Say why an entry waits; it is no change of state."""
    row = models.ActionEntry
    unchanged = (row.id == entry.id) & (row.generation == entry.generation)
    session.execute(update(row).where(unchanged).values(outcome=text).execution_options(synchronize_session=False))


def _changed(
    session: Session, entry: Entry, state: str, values: dict[str, Any], actor: str, detail: str, *more: Any
) -> bool:
    row = models.ActionEntry
    values = {**values, "state": state, "generation": entry.generation + 1, "updated_at": now()}
    statement = update(row).where(row.id == entry.id, row.generation == entry.generation, *more).values(values)
    done = session.execute(statement.execution_options(synchronize_session=False))
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, entry.id, state, actor, detail)
    return True


def _note(session: Session, key: str, state: str, actor: str, detail: str) -> None:
    values = {"action_id": key, "at": now(), "state": state, "actor": actor[:255], "detail": detail}
    session.execute(insert(models.ActionEvent).values(values))


# -- control -----------------------------------------------------------------------------------------------------------


def control(session: Session) -> Control:
    """Whether actions are paused, and which epoch may act."""
    row = session.get(models.ActionControl, 1)
    if row is None:
        return Control(False, "", "", None, 0)
    return Control(row.paused, row.actor, row.reason, row.at, row.epoch)


def set_paused(session: Session, paused: bool, *, actor: str, reason: str) -> bool:
    """Stop actions everywhere, or let them go on; False when that is so already."""
    row = models.ActionControl
    values = {"paused": paused, "actor": actor[:255], "reason": reason, "at": now()}
    statement = update(row).where(row.id == 1, row.paused != paused).values(values)
    if not session.execute(statement.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        return False
    _note(session, "", "paused" if paused else "resumed", actor, reason)
    return True


def admit(session: Session, epoch: int) -> bool:
    """Let this epoch act, and no lower one from now on; False when a higher one does."""
    row = models.ActionControl
    statement = update(row).where(row.id == 1, row.epoch <= epoch).values(epoch=epoch)
    return bool(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


# -- retention ---------------------------------------------------------------------------------------------------------


def purge(session: Session, before: datetime.datetime, most: int = 1000) -> int:
    """Forget at most so many entries that came to an end before this time, with their events; answers how many."""
    row = models.ActionEntry
    query = select(row.id).where(row.updated_at < before, row.state.in_(_FINAL)).limit(most)
    old: Sequence[str] = session.scalars(query).all()
    if old:
        session.execute(delete(models.ActionEvent).where(models.ActionEvent.action_id.in_(old)))
        session.execute(delete(row).where(row.id.in_(old), row.state.in_(_FINAL), row.updated_at < before))
    return len(old)
