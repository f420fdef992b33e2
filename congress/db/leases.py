"""Leases in the database: at most one process holds each, and every change of a row is a compare-and-swap.

A row's `generation` grows with every change, its `epoch` with every new holder. No clock of any machine is stored or
compared: who wants the lease watches the generation, and whoever does not change it for `seconds` is not there any
longer. That works on any database on which an UPDATE with a condition either finds the row as it is or does nothing;
a deadlock or a conflict of two nodes of a Galera cluster is an error of the whole transaction, after which the caller
begins afresh.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from oslo_db.exception import DBDuplicateEntry
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from congress.db import models, punctual


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that wants leases. `instance` is its own alone; `node` and `host` are for people.

    `scope`, `pid` and `pid_started` name the process within its system, so that its neighbours can see that it ended.
    """

    instance: str
    node: str
    host: str
    scope: str
    pid: int
    pid_started: int


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A lease as it was read. `contender` is the last holder, who has given it back when not `is_held`; `seconds` is
    for how long it holds without being renewed; `since` in UTC, when it was taken, for people only."""

    name: str
    contender: Contender
    is_held: bool
    seconds: float
    epoch: int
    generation: int
    since: datetime.datetime

    def held_by(self, instance: str) -> bool:
        """Whether this process holds it."""
        return self.is_held and self.contender.instance == instance


def every(session: Session) -> list[LeaseRecord]:
    """All leases, sorted by name."""
    return [_record(row) for row in session.scalars(select(models.Lease).order_by(models.Lease.name))]


def read(session: Session, name: str) -> LeaseRecord | None:
    """One lease, None when nobody ever held it."""
    row = session.get(models.Lease, name)
    return None if row is None else _record(row)


def take(
    session: Session, name: str, seen: LeaseRecord | None, me: Contender, seconds: float, floor: int = 0
) -> int | None:
    """Take a lease that still is as it was seen; the new epoch, or None when it changed meanwhile.

    The epoch will be higher than `floor`, too: the last one that is known of, in case the database was set back to an
    older state.
    """
    epoch = max(floor, seen.epoch if seen else 0) + 1
    values: dict[str, Any] = {
        "holder": me.instance,
        "node": me.node,
        "host": me.host,
        "scope": me.scope,
        "pid": me.pid,
        "pid_started": me.pid_started,
        "milliseconds": int(seconds * 1000),
        "since": datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0),
    }
    if seen is None:
        session.add(models.Lease(name=name, epoch=epoch, generation=1, **values))
        session.flush()
        return epoch
    unchanged = (models.Lease.name == name) & (models.Lease.generation == seen.generation)
    values |= {"epoch": epoch, "generation": seen.generation + 1}
    return epoch if _changed(session, update(models.Lease).where(unchanged).values(values)) else None


def renew(session: Session, name: str, instance: str, epoch: int) -> bool:
    """Tell the others that the holder is there; False when the lease is not its own any more."""
    grown = {"generation": models.Lease.generation + 1}
    return _changed(session, update(models.Lease).where(_own(name, instance, epoch)).values(grown))


def release(session: Session, name: str, instance: str, epoch: int) -> bool:
    """Give a lease back, so that others need not wait; False when it was not its own any more."""
    free = {"holder": None, "generation": models.Lease.generation + 1}
    return _changed(session, update(models.Lease).where(_own(name, instance, epoch)).values(free))


def forget(session: Session, name: str, generation: int) -> None:
    """Remove a lease that nobody will ask for again, unless it changed."""
    unchanged = (models.Lease.name == name) & (models.Lease.generation == generation)
    session.execute(delete(models.Lease).where(unchanged))


class LeaseStore:
    """Each method is one statement, which happens or not. They raise what the database raises; whether a change that
    failed so was made all the same is not known, and need not be: the next one finds out.

    `engine`: from `congress.db.punctual`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, name: str) -> LeaseRecord | None:
        """See `read`."""
        with punctual.statements(self._engine) as session:
            return read(session, name)

    def take(self, name: str, seen: LeaseRecord | None, me: Contender, seconds: float, floor: int = 0) -> int | None:
        """See `take`."""
        try:
            with punctual.statements(self._engine) as session:
                return take(session, name, seen, me, seconds, floor)
        except DBDuplicateEntry:
            return None  # another one was the first

    def renew(self, name: str, instance: str, epoch: int) -> bool:
        """See `renew`."""
        with punctual.statements(self._engine) as session:
            return renew(session, name, instance, epoch)

    def release(self, name: str, instance: str, epoch: int) -> bool:
        """See `release`."""
        with punctual.statements(self._engine) as session:
            return release(session, name, instance, epoch)


def _own(name: str, instance: str, epoch: int) -> Any:
    # NOTE: whoever takes a lease changes holder or epoch, so this needs no generation; the holder may not know its own
    # last one, when the answer to a renewal was lost.
    return (models.Lease.name == name) & (models.Lease.holder == instance) & (models.Lease.epoch == epoch)


def _changed(session: Session, statement: Any) -> bool:
    return bool(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _record(row: models.Lease) -> LeaseRecord:
    contender = Contender(row.holder or "", row.node, row.host, row.scope, row.pid, row.pid_started)
    held = row.holder is not None
    return LeaseRecord(row.name, contender, held, row.milliseconds / 1000, row.epoch, row.generation, row.since)
