"""This process among the others: its sign of life in the database, and what it knows of theirs.

Each process holds the lease `node:<id>`, so that no two that live have one id, and keeps a row in `nodes` fresh. All
read all rows, so any of them can tell about all. Whether another one lives is judged by whether its row changes, never
by anybody's clock.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from oslo_db.exception import DBDuplicateEntry, DBError
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from congress.conf.lease import Timing
from congress.db import leases, nodes, punctual
from congress.db.leases import Contender, LeaseRecord
from congress.db.nodes import NodeRecord
from congress.errors import CongressError
from congress.server import identity
from congress.server.lease import Watch
from congress.server.signs import Signs
from congress.telemetry.status import StatusItems

LOG = logging.getLogger(__name__)

_LONGEST_ID = 200
_FORGET_SECONDS = 3600.0
"""After so long without a sign of life a process is not listed any more."""
_SMALL = 4096
_LARGE_EVERY = 5.0
"""A status of more than so many bytes is written once in so many seconds."""


class NodeIdInvalid(CongressError):
    """The node id cannot be used; the text says why."""


class NodeIdTaken(CongressError):
    """Another process lives under this node id; the text says which, and since when."""


@dataclasses.dataclass(slots=True)
class _Known:
    """What was seen of a process: its last row, since when it is like that, and whether it ever changed."""

    record: NodeRecord
    since: float
    moves: bool = False


class Membership:
    """`join`, then `start`; `stop` at the end. `view` never waits for the database.

    `exclusive`: this process is alone with its database, so there is nobody to tell.
    `on_replaced(sentence)` is called when another process has taken the node id, after this one stood still for long.
    """

    def __init__(
        self,
        engine: Engine,
        me: Contender,
        *,
        roles: tuple[str, ...],
        version: str,
        status: StatusItems,
        timing: Timing,
        exclusive: bool = False,
        on_replaced: Callable[[str], None] = lambda _sentence: None,
        clock: Callable[[], float] = identity.clock,
        has_ended: Callable[[Contender], bool] = identity.has_ended,
    ) -> None:
        """Raises NodeIdInvalid."""
        if not me.node or len(me.node) > _LONGEST_ID or not me.node.isprintable():
            raise NodeIdInvalid(
                f"the node id {me.node[:50]!r} cannot be used: give --node-id 1 to {_LONGEST_ID} printable characters"
            )
        self._engine, self._me, self._status, self._timing = engine, me, status, timing
        self._exclusive, self._on_replaced, self._clock = exclusive, on_replaced, clock
        self._has_ended = has_ended
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
        self._record = NodeRecord(me.node, me.instance, me.host, me.pid, roles, version, now)
        self._lease_name = f"node:{me.node}"
        self._epoch = self._floor = 0
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._leases: list[LeaseRecord] = []
        self._refreshed = clock()
        self._status_written = float("-inf")
        self._replaced = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="membership", daemon=True)

    @property
    def me(self) -> Contender:
        """This process."""
        return self._me

    def join(self, stopping: threading.Event) -> None:
        """Take the node id; waits until the database answers, until a process that vanished is known to be gone, or
        until `stopping` is set. Raises NodeIdTaken."""
        if self._exclusive:
            return
        watch, signs = Watch(self._me, self._has_ended), Signs(self._timing.renew)
        first, pause = True, 0.25
        while not stopping.is_set():
            try:
                with punctual.statements(self._engine) as session:
                    seen = leases.read(session, self._lease_name)
                    lives = seen is not None and signs.seen(seen, self._clock())
                    if seen is not None and lives and seen.is_held and not self._has_ended(seen.contender):
                        raise NodeIdTaken(self._taken(seen))
                    reason = watch.see(seen, self._clock())
                    if reason is not None and self._take(seen):
                        LOG.info("node %s (process %s on %s): %s", self._me.node, self._me.pid, self._me.host, reason)
                        self._refresh()
                        return
                if reason is None and first:
                    LOG.info("node id %s was used before; looking whether %s still lives", self._me.node, _who(seen))
                first = False
            except (DBError, SQLAlchemyError, OSError) as error:
                LOG.warning("the database did not answer when node %s joined: %s", self._me.node, _first_line(error))
            stopping.wait(pause)

    def start(self) -> None:
        """Keep the sign of life fresh from now on."""
        if not self._exclusive:
            self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Say good-bye, for which there are so many seconds."""
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def silence(self) -> float:
        """For how many seconds the database has not taken this process's sign of life."""
        return 0.0 if self._exclusive else max(0.0, self._clock() - self._refreshed - self._timing.renew)

    def view(self) -> dict[str, Any]:
        """All processes and leases, JSON-able, as far as known; this process as it is now."""
        now = self._clock()
        with self._lock:
            known, held = list(self._known.values()), list(self._leases)
        others = [self._shown(each, now) for each in known if each.record.id != self._me.node]
        mine = dataclasses.replace(self._record, status=self._status.read())
        age = 0.0 if self._exclusive else now - self._refreshed
        own = _described(mine) | {"state": "up", "seconds_since_refresh": round(age, 3)}
        return {
            "node": self._me.node,
            "nodes": sorted([own, *others], key=lambda node: str(node["id"])),
            "leases": [_lease(record) for record in held if not record.name.startswith("node:")],
        }

    def others(self) -> list[dict[str, Any]]:
        """The other processes that gave a sign of life lately, each as in `view`."""
        now = self._clock()
        with self._lock:
            known = [each for each in self._known.values() if each.record.id != self._me.node]
        return [shown for each in known if (shown := self._shown(each, now))["state"] == "up"]

    def living(self) -> list[str]:
        """The ids of the processes that gave a sign of life lately, this one included."""
        return [node["id"] for node in self.view()["nodes"] if node["state"] == "up"]

    # -- the database

    def _take(self, seen: LeaseRecord | None) -> bool:
        try:
            with punctual.statements(self._engine) as session:
                epoch = leases.take(
                    session, self._lease_name, seen, self._me, self._timing.duration, self._floor
                )
        except DBDuplicateEntry:
            return False
        if epoch is not None:
            self._epoch = self._floor = epoch
        return epoch is not None

    def _refresh(self) -> None:
        now = self._clock()
        with punctual.statements(self._engine) as session:
            if not leases.renew(session, self._lease_name, self._me.instance, self._epoch):
                self._regain(leases.read(session, self._lease_name))
                return
            nodes.write(session, self._record, self._status_due(now))
            found, held = nodes.every(session), leases.every(session)
            self._learn(found, held, self._clock())
            for gone in self._to_forget(self._clock()):
                nodes.forget(session, gone.id, gone.generation)
        self._refreshed = now

    def _regain(self, seen: LeaseRecord | None) -> None:
        if seen is not None and seen.is_held and not seen.held_by(self._me.instance):
            self._replaced = True
            sentence = f"{_who(seen)} has taken the node id {self._me.node} since this process was last heard of"
            LOG.error("%s; stopping", sentence)
            self._on_replaced(sentence)
        elif self._take(seen):
            LOG.warning("the lease on node id %s had vanished and was taken again", self._me.node)

    def _status_due(self, now: float) -> str | None:
        text = json.dumps(self._status.read(), separators=(",", ":"), default=str)
        if len(text) > _SMALL and now - self._status_written < _LARGE_EVERY:
            return None
        self._status_written = now
        return text

    def _learn(self, found: list[NodeRecord], held: list[LeaseRecord], now: float) -> None:
        with self._lock:
            known = {}
            for record in found:
                before = self._known.get(record.id)
                if before is not None and _sign(before.record) == _sign(record):
                    known[record.id] = before
                else:
                    known[record.id] = _Known(record, now, moves=before is not None)
            self._known, self._leases = known, held

    def _to_forget(self, now: float) -> list[NodeRecord]:
        with self._lock:
            return [each.record for each in self._known.values() if now - each.since > _FORGET_SECONDS]

    def _leave(self) -> None:
        try:
            with punctual.statements(self._engine) as session:
                nodes.remove(session, self._me.node, self._me.instance)
                leases.release(session, self._lease_name, self._me.instance, self._epoch)
        except (DBError, SQLAlchemyError, OSError) as error:
            LOG.warning("node %s could not say good-bye: %s", self._me.node, _first_line(error))

    def _run(self) -> None:
        failing = False
        while not self._stopping.wait(self._timing.renew * random.uniform(0.9, 1.0)):  # noqa: S311 - not all at once
            try:
                self._refresh()
                if failing:
                    LOG.info("the database answers again")
                failing = False
            except (DBError, SQLAlchemyError, OSError) as error:
                if not failing:
                    LOG.warning("the database did not take the sign of life: %s", _first_line(error))
                failing = True
            except Exception:
                LOG.exception("unexpected failure of the sign of life")
            if self._replaced:
                return
        self._leave()

    # -- words

    def _shown(self, known: _Known, now: float) -> dict[str, Any]:
        age = now - known.since
        state = "silent" if age > self._timing.duration else "up" if known.moves else "unknown"
        return _described(known.record) | {"state": state, "seconds_since_refresh": round(age, 3)}

    def _taken(self, seen: LeaseRecord) -> str:
        return (
            f"node id {self._me.node} is in use by {_who(seen)}, which took it {seen.since:%Y-%m-%d %H:%M:%S} UTC and "
            "is alive; stop that process, or give this one another --node-id"
        )


def _sign(record: NodeRecord) -> tuple[str, int]:
    return record.instance, record.generation


def _who(seen: LeaseRecord | None) -> str:
    return "nobody" if seen is None else f"process {seen.contender.pid} on host {seen.contender.host}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _described(record: NodeRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "host": record.host,
        "pid": record.pid,
        "roles": list(record.roles),
        "version": record.version,
        "started_at": f"{record.started_at:%Y-%m-%dT%H:%M:%SZ}",
        "status": record.status or {},
    }


def _lease(record: LeaseRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "holder": record.contender.node if record.is_held else None,
        "host": record.contender.host if record.is_held else None,
        "epoch": record.epoch,
        "since": f"{record.since:%Y-%m-%dT%H:%M:%SZ}",
    }
