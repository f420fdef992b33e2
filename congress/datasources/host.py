"""Runs all stored datasources on the node that holds the lease, and follows the database in what there is to run.

What the database holds is what runs: a datasource that any node stores is started here, one that is deleted is stopped,
and rows that were pushed through any node are published from the stored copy. A hint over the bus makes it quick, a
look at the database every so often makes it sure.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.bus.contract import Handler, Message
from congress.bus.publications import Position, TableKey
from congress.bus.publisher import NotThePublisher
from congress.datasources.contract import Driver, Runner
from congress.datasources.own import OwnDriver
from congress.datasources.pushing import Patch
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.db import datasources as stored
from congress.db.datasources import DatasourceRecord, Pushed
from congress.db.session import Database
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
LOOK_PERIOD = 1.0


class Host:
    """Safe to call from any thread. It runs datasources between `begin` and `end`."""

    def __init__(
        self,
        database: Database,
        drivers: Mapping[str, type[Driver]],
        secrets: Secrets,
        running: Running,
        position: Callable[[], Position | None],
        look_period: float = LOOK_PERIOD,
    ) -> None:
        """`position`: the last publication of this node; `look_period`: seconds between two looks at the database."""
        self._database, self._secrets, self._running = database, secrets, running
        self._drivers: dict[str, type[Driver]] = {**drivers, OwnDriver.id: OwnDriver}
        self._position, self._period = position, look_period
        self._changing = threading.RLock()
        self._started: dict[str, DatasourceRecord] = {}
        self._pushed: dict[tuple[str, str], int] = {}
        self._wanted: frozenset[TableKey] = frozenset()
        self._epoch: int | None = None
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def active(self) -> bool:
        """Whether this node runs the datasources."""
        return self._epoch is not None

    def begin(self, epoch: int) -> None:
        """Run what is stored, under a lease of this epoch. A database that is away is waited for in the background."""
        with self._changing:
            self._epoch = epoch
            self._try_to_look()
            self._ended = threading.Event()
            self._watcher = threading.Thread(target=self._watch, args=(self._ended,), name="datasources", daemon=True)
            self._watcher.start()

    def end(self) -> None:
        """Stop everything; nothing is published or done in a cloud after it. Idempotent."""
        self._ended.set()
        with self._changing:
            self._epoch = None
            self._started.clear()
            self._pushed.clear()
            self._running.stop_all()

    def want(self, tables: frozenset[TableKey]) -> None:
        """Rules refer to these tables: begin to poll those that are lazy and wait."""
        self._wanted = self._wanted | tables
        self._activate()

    def _activate(self) -> None:
        self._running.activate(f"{source}:{table}" for source, table in self._wanted)

    # -- following the database ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Start, stop and publish what the database holds now. Raises DBError."""
        with self._changing:
            if self._epoch is None:
                return
            with self._database.reader() as session:
                records = {record.id: record for record in stored.with_own(stored.every(session))}
                versions = stored.pushed_versions(session)
            for gone in [known for known in self._started.values() if known.id not in records]:
                del self._started[gone.id]
                self._running.stop(gone.name)
            self._pushed = {key: version for key, version in self._pushed.items() if key[0] in records}
            for record in records.values():
                known = self._started.get(record.id)
                if known is None or known.enabled != record.enabled:
                    self._start(record)
            for (datasource, table), version in versions.items():
                if datasource in self._started and self._pushed.get((datasource, table), 0) < version:
                    self._push_stored(self._started[datasource], table)

    def _start(self, record: DatasourceRecord) -> None:
        self._started[record.id] = record
        driver = self._drivers.get(record.driver)
        if not record.enabled:
            self._running.stand_idle(record.name, "disabled", record.driver)
        elif driver is None:
            self._running.stand_idle(
                record.name, f"driver {record.driver} is not available on this node", record.driver
            )
        else:
            try:
                config = self._secrets.clear(record.config, record.encrypted)
            except SecretUnreadable as error:
                LOG.error("datasource %s cannot run: %s", record.name, error)
                self._running.stand_idle(record.name, str(error), record.driver)
                return
            self._running.start(record.name, driver, config)
            self._activate()

    def _push_stored(self, record: DatasourceRecord, table: str) -> None:
        with self._database.reader() as session:
            found = stored.pushed_table(session, record.id, table)
        if found is None:
            return
        self._pushed[record.id, table] = found.version
        try:
            _give(self._running.runner(record.name), table, found)
        except CongressError as error:
            LOG.warning("rows pushed into %s:%s before are not usable: %s", record.name, table, error)

    def _try_to_look(self) -> None:
        try:
            self.look()
        except (DBError, SQLAlchemyError) as error:
            LOG.warning("what datasources there are is not known at the moment: %s", error)

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(self._period):
            try:
                self._try_to_look()
                # NOTE: outside the lock, which those wait for who hold what receivers need
                self._running.report(stored.OWN.name)
            except NotThePublisher:
                LOG.debug("the lease was lost; the state of the datasources is not told")
            except Exception:
                # One datasource's surprise must not leave all later changes unnoticed.
                LOG.exception("the stored datasources could not be followed")

    # -- what other nodes ask ------------------------------------------------------------------------------------

    def handlers(self) -> Mapping[str, Handler]:
        """What this node answers on the bus; the methods of `congress.datasources.control.Control`."""
        return {
            "datasource.look": self._on_look,
            "datasource.status": lambda message: self._running.status(message["name"]),
            "datasource.refresh": lambda message: self._running.runner(message["name"]).request_refresh(),
            "datasource.lazy": lambda message: self._running.refuse_lazy(message["name"], message["table"]),
            "datasource.execute": self._on_execute,
            "datasource.push": self._on_push,
            "datasource.patch": self._on_patch,
            "datasource.pushed": self._on_pushed,
        }

    def _on_look(self, _message: Message) -> None:
        self.look()

    def _on_execute(self, message: Message) -> None:
        runner = self._running.runner(message["name"])
        runner.execute(message["action"], message["positional"], message["named"])

    def _on_push(self, message: Message) -> list[int] | None:
        """Rows that are not stored: published now or refused."""
        self._running.runner(message["name"]).push(message["table"], message["objects"])
        return self._published()

    def _on_patch(self, message: Message) -> str:
        patch = Patch(message["insert"], message["delete"], message["expected"])
        return self._running.runner(message["name"]).patch(message["table"], patch)

    def _on_pushed(self, message: Message) -> list[int] | None:
        """Rows were stored: publish them. `objects`, when given, are those of `version`."""
        name, table, version = str(message["name"]), str(message["table"]), int(message["version"])
        objects = message.get("objects")
        with self._changing:
            record = next((one for one in self._started.values() if one.name == name), None)
            if record is None:
                self.look()
            elif objects is None or self._pushed.get((record.id, table), 0) != version - 1:
                if self._pushed.get((record.id, table), 0) < version:
                    self._push_stored(record, table)
            else:
                self._running.runner(name).push(table, objects)
                self._pushed[record.id, table] = version
        return self._published()

    def _published(self) -> list[int] | None:
        position = self._position()
        return None if position is None else list(position)


def _give(runner: Runner, table: str, content: Pushed) -> Any:
    if content.rows is None:
        runner.push(table, content.objects)
    else:
        runner.restore(table, content.rows)
