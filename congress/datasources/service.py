"""The configured datasources: stored, declared to the engine, and run while this node runs them."""

from __future__ import annotations

import dataclasses
import logging
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from congress.datasources.contract import Action, Column, Driver, NoWebhook
from congress.datasources.errors import DatasourceNameTaken, DatasourceNotFound, DatasourceTableNotFound
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
from congress.db.datasources import DatasourceRecord
from congress.engine.workspace import PolicyExists
from congress.errors import CongressError
from congress.policies.replica import Replica, Write

LOG = logging.getLogger(__name__)
HIDDEN = "<hidden>"


class DatasourceService:
    """All methods are safe to call from any thread."""

    def __init__(
        self, replica: Replica, drivers: Mapping[str, type[Driver]], secrets: Secrets, running: Running
    ) -> None:
        self._replica, self._database = replica, replica.database
        self._drivers, self._secrets, self._running = drivers, secrets, running
        self._changing = threading.Lock()
        self._started: dict[str, str] | None = None
        """Name -> id of the datasources that were handed to the runners; None while nothing runs here."""

    # -- life ----------------------------------------------------------------------------------------------------

    def delete_without_driver(self) -> None:
        """Delete the stored datasources that no driver of this server can run; before `start`."""
        for record in self._records():
            if record.driver not in self._drivers:
                LOG.warning("datasource %s is deleted: there is no driver %s", record.name, record.driver)
                try:
                    self.delete(record.id)
                except DatasourceNotFound:
                    LOG.info("another node deleted datasource %s meanwhile", record.name)

    def start(self) -> None:
        """Run all stored datasources; one that cannot run says so in its status."""
        with self._changing:
            if self._started is None:
                self._started = {}
        self.follow()

    def stop(self) -> None:
        """Stop all runners."""
        with self._changing:
            self._started = None
            self._running.stop_all()

    def follow(self) -> None:
        """Run what is stored and does not run yet, stop what is stored no longer; nothing while this node does not run
        datasources. Called when another node created or deleted some."""
        with self._changing:
            if self._started is None:
                return
            stored_now = {record.name: record for record in self._records()}
            for name, key in list(self._started.items()):
                if name not in stored_now or stored_now[name].id != key:
                    self._running.stop(name)
                    del self._started[name]
            for record in stored_now.values():
                if record.name not in self._started:
                    self._start(record)
                    self._push_again(record)

    def _start(self, record: DatasourceRecord) -> None:
        if self._started is not None and self._started.get(record.name) != record.id:
            self._started[record.name] = record.id
            self._run(record)

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
        try:
            self._running.check(name, driver, config)
        except CongressError as error:
            raise DatasourceInvalid(f"Driver {new.driver} does not take this configuration: {error}") from error
        secret = tuple(option.name for option in driver.options if option.secret and option.name in config)
        config = {key: self._secrets.encrypt(text) if key in secret else text for key, text in config.items()}
        record = DatasourceRecord(
            str(uuid.uuid4()), name, new.driver, new.description, new.enabled, config, encrypted=secret
        )
        self._store(record)
        with self._changing:
            self._start(record)
        return self._shown(record)

    def _store(self, record: DatasourceRecord) -> None:
        columns = columns_of(self._drivers, record)

        def do(write: Write, _seen: None) -> None:
            if record.name in write.state.datasources:
                raise DatasourceNameTaken(record.name)
            try:
                write.change.set_datasource(record.name, columns)
            except PolicyExists as error:
                raise DatasourceNameTaken(record.name) from error
            write.state = write.state.with_datasource(record.name, record.id)
            write.store(lambda session: stored.add(session, record))

        self._replica.write(lambda _session: None, do)

    def delete(self, name_or_id: str) -> None:
        """Stop and delete a datasource; rules that refer to it see empty tables, those that name columns of it are set
        aside. Raises DatasourceNotFound."""

        def look(session: Session) -> DatasourceRecord:
            found = stored.find(session, name_or_id)
            if found is None:
                raise DatasourceNotFound(name_or_id)
            return found

        def do(write: Write, record: DatasourceRecord) -> DatasourceRecord:
            write.change.remove_datasource(record.name)
            write.state = write.state.without_datasource(record.name)
            write.store(lambda session: stored.remove(session, record.id))
            return record

        record = self._replica.write(look, do)
        with self._changing:
            if self._started is not None and self._started.get(record.name) == record.id:
                del self._started[record.name]
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
        return self._running.status(self._record(name_or_id).name)

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
        self._running.runner(record.name).push(table, objects)
        if record.config.get("persist_data", "").lower() in ("true", "1", "yes"):
            with self._database.writer() as session:
                stored.store_pushed(session, record.id, table, objects)

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

    def _clear(self, record: DatasourceRecord) -> dict[str, str]:
        config = record.config.items()
        return {key: self._secrets.decrypt(text) if key in record.encrypted else text for key, text in config}

    def _shown(self, record: DatasourceRecord) -> DatasourceRecord:
        driver = self._drivers.get(record.driver)
        secret = {option.name for option in driver.options if option.secret} if driver else set()
        hidden = secret | set(record.encrypted)
        config = {key: HIDDEN if key in hidden else text for key, text in record.config.items()}
        return dataclasses.replace(record, config=config)


def columns_of(drivers: Mapping[str, type[Driver]], record: DatasourceRecord) -> dict[str, tuple[str, ...]]:
    """Table -> names of its columns, for a stored datasource; none when its driver is not available here."""
    driver = drivers.get(record.driver)
    if driver is None:
        LOG.error("datasource %s: driver %s is not available", record.name, record.driver)
        return {}
    tables = driver.configured_tables(record.config)
    return {table: tuple(column.name for column in columns) for table, columns in tables.items()}
