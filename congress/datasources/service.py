"""The configured datasources: stored, declared to the engine, and run while this node runs them."""

from __future__ import annotations

import dataclasses
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from oslo_db.exception import DBError
from sqlalchemy.orm import Session

from congress.datasources.contract import Action, Column, Driver, NoWebhook
from congress.datasources.errors import DatasourceNameTaken, DatasourceNotFound, DatasourceTableNotFound
from congress.datasources.masking import HIDDEN, secret_names
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.datasources.validation import (
    DatasourceInvalid,
    NewDatasource,
    checked_config,
    checked_name,
    driver_of,
)
from congress.db import datasources as stored
from congress.db import revision as stored_revision
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database, OutcomeUnknown
from congress.engine.workspace import PolicyExists
from congress.errors import CongressError
from congress.policies.live import Live

LOG = logging.getLogger(__name__)


class DatasourceService:
    """All methods are safe to call from any thread."""

    def __init__(
        self,
        database: Database,
        live: Live,
        drivers: Mapping[str, type[Driver]],
        secrets: Secrets,
        running: Running,
        on_created: Callable[[], None],
    ) -> None:
        """`on_created` is called after each creation: rules may have waited for the datasource."""
        self._database, self._live, self._drivers = database, live, drivers
        self._secrets, self._running, self._on_created = secrets, running, on_created
        self._changing = threading.Lock()
        self._keeping = threading.Lock()
        """Held while pushed rows are stored and then shown, so that both happen in the same order."""

    # -- life ----------------------------------------------------------------------------------------------------

    def delete_without_driver(self) -> None:
        """Delete the stored datasources that no driver of this server can run; before `declare`."""
        with self._database.writer() as session:
            for record in stored.every(session):
                if record.driver not in self._drivers:
                    LOG.warning("datasource %s is deleted: there is no driver %s", record.name, record.driver)
                    stored.remove(session, record.id)

    def declare(self) -> None:
        """Tell the empty workspace which datasources and columns there are; before the rules that use them load."""
        with self._live.transaction() as change:
            for record in self._records():
                change.set_datasource(record.name, self._column_names(record))

    def start(self) -> None:
        """Run all stored datasources; one that cannot run says so in its status."""
        with self._changing:
            for record in self._records():
                self._run(record)
                self._push_again(record)

    def stop(self) -> None:
        """Stop all runners."""
        with self._changing:
            self._running.stop_all()

    def _run(self, record: DatasourceRecord) -> None:
        driver = self._drivers.get(record.driver)
        if not record.enabled:
            self._running.stand_idle(record.name, "disabled")
        elif driver is None:
            self._running.stand_idle(record.name, f"driver {record.driver} is not available on this node")
        else:
            try:
                config = self._clear(record)
            except SecretUnreadable as error:
                LOG.error("datasource %s cannot run: %s", record.name, error)
                self._running.stand_idle(record.name, str(error))
                return
            self._running.start(record.name, driver, config)

    def _push_again(self, record: DatasourceRecord) -> None:
        with self._database.reader() as session:
            pushed = stored.pushed(session, record.id)
        for table, before in pushed.items():
            try:
                runner = self._running.runner(record.name)
                if before.rows is None:
                    runner.push(table, before.objects)
                else:
                    runner.restore(table, before.rows)
            except CongressError as error:
                LOG.warning("rows pushed into %s:%s before are not usable: %s", record.name, table, error)

    # -- the list ------------------------------------------------------------------------------------------------

    def datasources(self) -> list[DatasourceRecord]:
        """All datasources, sorted by name, secrets hidden."""
        return [self._shown(record) for record in self._records()]

    def datasource(self, name_or_id: str) -> DatasourceRecord:
        """One datasource, secrets hidden. Raises DatasourceNotFound."""
        return self._shown(self._record(name_or_id))

    def create(self, new: NewDatasource) -> DatasourceRecord:
        """Create and start a datasource. Raises DatasourceInvalid, DatasourceNameTaken."""
        driver, name = driver_of(new, self._drivers), checked_name(new.name)
        config = checked_config(driver, new.config)
        secret = tuple(sorted(secret_names(driver, config)))
        encrypted = {key: self._secrets.encrypt(text) if key in secret else text for key, text in config.items()}
        try:
            self._running.check(name, driver, config)
        except CongressError as error:
            reason = self._secrets.mask(str(error))
            raise DatasourceInvalid(f"Driver {new.driver} does not take this configuration: {reason}") from error
        record = DatasourceRecord(
            str(uuid.uuid4()), name, new.driver, new.description, new.enabled, encrypted, encrypted=secret
        )
        with self._changing:
            with self._settled_later(record):
                self._store(record)
            self._run(record)
        try:
            self._on_created()
        except DBError as error:  # the datasource is there all the same, and that is what was asked for
            LOG.warning("rules that waited for datasource %s are tried when the next one appears: %s", name, error)
        return self._shown(record)

    def _store(self, record: DatasourceRecord) -> None:
        with self._live.transaction() as change:
            if any(info.name == record.name for info in self._live.workspace.policies()):
                raise DatasourceNameTaken(record.name)
            try:
                change.set_datasource(record.name, self._column_names(record))
            except PolicyExists as error:
                raise DatasourceNameTaken(record.name) from error
            with stored_revision.writer(self._database, lambda session: stored.is_there(session, record.id)) as session:
                stored.add(session, record)

    def delete(self, name_or_id: str) -> None:
        """Stop and delete a datasource; rules that refer to it see empty tables. Raises DatasourceNotFound."""
        with self._changing:
            record = self._record(name_or_id)
            with (
                self._settled_later(record),
                self._live.transaction() as change,
                stored_revision.writer(
                    self._database, lambda session: not stored.is_there(session, record.id)
                ) as session,
            ):
                stored.remove(session, record.id)
                change.remove_datasource(record.name)
            self._running.stop(record.name)

    @contextmanager
    def _settled_later(self, record: DatasourceRecord) -> Iterator[None]:
        """A change of which the database did not tell how it ended is looked after when it can be asked again."""
        try:
            yield
        except OutcomeUnknown:
            self._database.eventually(lambda: self._settle(record))
            raise

    def _settle(self, record: DatasourceRecord) -> None:
        with self._changing:
            with self._database.writer() as session:
                stored_revision.settled(session)
                is_stored = stored.is_there(session, record.id)
            with self._live.transaction() as change:
                infos = self._live.workspace.policies()
                is_declared = any(info.name == record.name and info.kind == "datasource" for info in infos)
                if is_stored and not is_declared:
                    change.set_datasource(record.name, self._column_names(record))
                elif is_declared and not is_stored:
                    change.remove_datasource(record.name)
            if is_stored and not is_declared:
                self._run(record)
            elif is_declared and not is_stored:
                self._running.stop(record.name)

    # -- one datasource ------------------------------------------------------------------------------------------

    def schema(self, name_or_id: str) -> dict[str, tuple[Column, ...]]:
        """Table -> columns, sorted by table. Raises DatasourceNotFound."""
        record = self._record(name_or_id)
        driver = self._drivers.get(record.driver)
        return dict(sorted(driver.configured_tables(record.config).items())) if driver else {}

    def table(self, name_or_id: str, table: str) -> tuple[Column, ...]:
        """The columns of one table. Raises DatasourceNotFound, DatasourceTableNotFound."""
        columns = self.schema(name_or_id).get(table)
        if columns is None:
            raise DatasourceTableNotFound(table, name_or_id)
        return columns

    def actions(self, name_or_id: str) -> tuple[Action, ...]:
        """What the datasource can do. Raises DatasourceNotFound."""
        driver = self._drivers.get(self._record(name_or_id).driver)
        return driver.actions() if driver else ()

    def status(self, name_or_id: str) -> dict[str, str]:
        """The state of the polling, as strings. Raises DatasourceNotFound."""
        found = self._running.status(self._record(name_or_id).name)
        return {key: self._secrets.mask(text) for key, text in found.items()}

    def updated(self, name: str) -> datetime | None:
        """When a datasource, given by its name, was last read without errors or pushed into; None when it never was."""
        return self._running.updated(name)

    def request_refresh(self, name_or_id: str) -> None:
        """Poll soon. Raises DatasourceNotFound, DatasourceNotRunning."""
        self._running.runner(self._record(name_or_id).name).request_refresh()

    def activate(self, tables: Iterable[str]) -> None:
        """Begin to poll those of the tables (`datasource:table`) that are lazy and wait."""
        self._running.activate(tables)

    def refuse_lazy(self, name: str, table: str) -> None:
        """Raises TableNotPolled when the table is lazy and nobody needed it yet."""
        self._running.refuse_lazy(name, table)

    def execute(self, name_or_id: str, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Do an action. Raises DatasourceNotFound, DatasourceNotRunning, UnknownAction, DriverError."""
        self._running.runner(self._record(name_or_id).name).execute(action, positional, named)

    def push(self, name_or_id: str, table: str, objects: list[Any]) -> None:
        """Replace a table by pushed objects. Raises DatasourceNotFound, DatasourceNotRunning, UnknownTableGroup,
        BadPushedData."""
        record = self._record(name_or_id)
        runner = self._running.runner(record.name)
        if record.config.get("persist_data", "").lower() not in ("true", "1", "yes"):
            runner.push(table, objects)
            return
        with self._keeping:
            try:
                runner.push(table, objects, lambda: self._keep(record, table, objects))
            except OutcomeUnknown:
                self._database.eventually(lambda: self._push_kept(record))
                raise

    def _keep(self, record: DatasourceRecord, table: str, objects: list[Any]) -> None:
        def is_kept(session: Session) -> bool:
            kept = stored.pushed(session, record.id).get(table)
            return kept is not None and kept.rows is None and kept.objects == objects

        with stored_revision.writer(self._database, is_kept) as session:
            if not stored.is_there(session, record.id):  # deleted meanwhile
                raise DatasourceNotFound(record.name)
            stored.store_pushed(session, record.id, table, objects)

    def _push_kept(self, record: DatasourceRecord) -> None:
        with self._keeping:
            with self._database.writer() as session:
                stored_revision.settled(session)
            self._push_again(record)

    def notify(self, name_or_id: str, payload: Any) -> None:
        """Pass on a notification of another service. Raises as `push`, and NoWebhook."""
        record = self._record(name_or_id)
        driver = self._drivers.get(record.driver)
        if driver is None:
            raise NoWebhook(f"driver {record.driver} of datasource '{name_or_id}' is not available")
        self.push(record.id, *driver.notified(payload))

    # -- inside --------------------------------------------------------------------------------------------------

    def _records(self) -> list[DatasourceRecord]:
        with self._database.reader() as session:
            return stored.every(session)

    def _record(self, name_or_id: str) -> DatasourceRecord:
        with self._database.reader() as session:
            found = stored.find(session, name_or_id)
        if found is None:
            raise DatasourceNotFound(name_or_id)
        return found

    def _column_names(self, record: DatasourceRecord) -> dict[str, tuple[str, ...]]:
        driver = self._drivers.get(record.driver)
        if driver is None:
            LOG.error("datasource %s: driver %s is not available", record.name, record.driver)
            return {}
        tables = driver.configured_tables(record.config)
        return {table: tuple(column.name for column in columns) for table, columns in tables.items()}

    def _clear(self, record: DatasourceRecord) -> dict[str, str]:
        config = record.config.items()
        return {key: self._secrets.decrypt(text) if key in record.encrypted else text for key, text in config}

    def _shown(self, record: DatasourceRecord) -> DatasourceRecord:
        hidden = secret_names(self._drivers.get(record.driver), record.config).union(record.encrypted)
        config = {key: HIDDEN if key in hidden else text for key, text in record.config.items()}
        return dataclasses.replace(record, config=config)
