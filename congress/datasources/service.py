"""The configured datasources: stored in the database, declared to every engine, run by who holds the lease."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oslo_db.exception import DBDuplicateEntry
from sqlalchemy.orm import Session

from congress.datasources import pushing
from congress.datasources.contract import Action, BadPushedData, Column, Driver, NoWebhook, UnknownTableGroup
from congress.datasources.control import Control
from congress.datasources.errors import DatasourceNameTaken, DatasourceNotFound, DatasourceTableNotFound
from congress.datasources.masking import HIDDEN, secret_names
from congress.datasources.options import PERSIST_DATA
from congress.datasources.own import OwnDriver
from congress.datasources.pushing import Patch
from congress.datasources.runner import DatasourceRunner
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.datasources.validation import (
    DatasourceInvalid,
    NewDatasource,
    checked_config,
    checked_name,
    driver_of,
)
from congress.db import certain
from congress.db import datasources as stored
from congress.db.datasources import DatasourceRecord
from congress.engine.workspace import PolicyExists
from congress.errors import CongressError
from congress.policies.errors import TooManyWriters
from congress.policies.replica import Replica, Write

LOG = logging.getLogger(__name__)
ATTEMPTS = 20


class DatasourceService:
    """All methods are safe to call from any thread."""

    def __init__(
        self,
        replica: Replica,
        drivers: Mapping[str, type[Driver]],
        secrets: Secrets,
        control: Control,
        most_pushed: int = pushing.MOST,
    ) -> None:
        """`most_pushed`: items that a table may be given."""
        self._most_pushed = most_pushed
        self._replica, self._database = replica, replica.database
        self._drivers, self._secrets, self._control = drivers, secrets, control
        self._known: dict[str, type[Driver]] = {**drivers, OwnDriver.id: OwnDriver}

    def delete_without_driver(self) -> None:
        """Delete the stored datasources that no driver of this server can run."""
        for record in self._records():
            if record.driver not in self._drivers:
                LOG.warning("datasource %s is deleted: there is no driver %s", record.name, record.driver)
                try:
                    self.delete(record.id)
                except DatasourceNotFound:
                    LOG.info("another node deleted datasource %s meanwhile", record.name)

    # -- the list ------------------------------------------------------------------------------------------------

    def datasources(self) -> list[DatasourceRecord]:
        """All datasources, sorted by name, secrets hidden."""
        return [self._shown(record) for record in self._records()]

    def datasource(self, name_or_id: str) -> DatasourceRecord:
        """One datasource, secrets hidden. Raises DatasourceNotFound."""
        return self._shown(self._record(name_or_id))

    def create(self, new: NewDatasource) -> DatasourceRecord:
        """Create a datasource; it runs soon, within one process at once. Raises DatasourceInvalid,
        DatasourceNameTaken."""
        return self._create(new, checked_name(new.name))

    def create_ingester(self, new: NewDatasource) -> DatasourceRecord:
        """The same for an ingester of the configuration, whose name may begin with an underscore."""
        return self._create(new, new.name)

    def _create(self, new: NewDatasource, name: str) -> DatasourceRecord:
        driver = driver_of(new, self._drivers)
        config = checked_config(driver, new.config)
        secret = tuple(sorted(secret_names(driver, config)))
        encrypted = {key: self._secrets.encrypt(text) if key in secret else text for key, text in config.items()}
        try:
            DatasourceRunner(name, driver(name, config), lambda _updates: None).stop()
        except CongressError as error:
            reason = self._secrets.mask(str(error))
            raise DatasourceInvalid(f"Driver {new.driver} does not take this configuration: {reason}") from error
        record = DatasourceRecord(
            str(uuid.uuid4()), name, new.driver, new.description, new.enabled, encrypted, encrypted=secret
        )
        self._store(record)
        self._control.look()
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

        def do(write: Write, record: DatasourceRecord) -> None:
            write.change.remove_datasource(record.name)
            write.state = write.state.without_datasource(record.name)
            write.store(lambda session: stored.remove(session, record.id))

        self._replica.write(look, do)
        self._control.look()

    # -- one datasource ------------------------------------------------------------------------------------------

    def schema(self, name_or_id: str) -> dict[str, tuple[Column, ...]]:
        """Table -> columns, sorted by table. Raises DatasourceNotFound."""
        record = self._record(name_or_id)
        driver = self._known.get(record.driver)
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

    def status(self, name_or_id: str) -> dict[str, Any]:
        """The state of the polling. Raises DatasourceNotFound."""
        found = self._control.status(self._record(name_or_id).name)
        return {key: self._masked(each) for key, each in found.items()}

    def _masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._masked(each) for key, each in value.items()}
        return self._secrets.mask(value) if isinstance(value, str) else value

    def request_refresh(self, name_or_id: str) -> None:
        """Poll soon. Raises DatasourceNotFound, DatasourceNotRunning, RunnerElsewhere."""
        self._control.request_refresh(self._record(name_or_id).name)

    def refuse_lazy(self, name: str, table: str) -> None:
        """Raises TableNotPolled when the table is lazy and nobody needed it yet."""
        self._control.refuse_lazy(name, table)

    def execute(self, name_or_id: str, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Do an action. Raises DatasourceNotFound, DatasourceNotRunning, UnknownAction, DriverError,
        RunnerElsewhere."""
        self._control.execute(self._record(name_or_id).name, action, positional, named)

    def push(self, name_or_id: str, table: str, objects: list[Any]) -> str | None:
        """Replace a table by pushed objects. What was kept is there after any restart; the answer is the tag of the
        table's state, None for what is not kept. Raises DatasourceNotFound, DatasourceNotRunning, UnknownTableGroup,
        BadPushedData."""
        record = self._takes_pushes(name_or_id)
        pushing.check_number(objects, self._most_pushed)
        if not _is_kept(record):
            self._control.push(record.name, table, objects)
            return None
        self._check_pushed(record, table, objects)
        with certain.writer(self._database) as session:
            if stored.find(session, record.id) is None:  # deleted meanwhile
                raise DatasourceNotFound(record.name)
            version = stored.store_pushed(session, record.id, table, objects)
        self._control.pushed(record.name, table, version, objects)
        return pushing.tag(version)

    def patch(self, name_or_id: str, table: str, patch: Patch) -> str:
        """Change single objects of a table; answers the tag of its state. Raises as `push`, and RowsChanged."""
        record = self._takes_pushes(name_or_id)
        for name, objects in (("delete", patch.delete), ("insert", patch.insert)):
            try:
                self._check_pushed(record, table, [*objects])
            except BadPushedData as error:  # positions are those in the list that was sent
                raise BadPushedData(f"{name}: {error}") from error
        if not _is_kept(record):
            return self._control.patch(record.name, table, patch)

        def make(objects: list[Any], version: int) -> list[Any]:
            patch.check(table, pushing.tag(version))
            return patch.applied(objects)

        return pushing.tag(self._change(record, table, make))

    def _change(self, record: DatasourceRecord, table: str, make: Callable[[list[Any], int], list[Any]]) -> int:
        """Change what a table was given, from what it holds and its version; again when somebody else was faster."""
        for _attempt in range(ATTEMPTS):
            with self._database.reader() as session:
                if stored.find(session, record.id) is None:  # deleted meanwhile
                    raise DatasourceNotFound(record.name)
                found = stored.pushed_table(session, record.id, table)
            if found is not None and found.rows is not None:
                raise BadPushedData(
                    f"the rows of table '{table}' come from another version; replace them as a whole once"
                )
            before = 0 if found is None else found.version
            objects = make([] if found is None else found.objects, before)
            pushing.check_number(objects, self._most_pushed)
            self._check_pushed(record, table, objects)
            try:
                with certain.writer(self._database) as session:
                    version = stored.replace_pushed(session, record.id, table, objects, before)
            except DBDuplicateEntry:
                continue
            if version is not None:
                self._control.pushed(record.name, table, version, objects)
                return version
        raise TooManyWriters

    def _takes_pushes(self, name_or_id: str) -> DatasourceRecord:
        record = self._record(name_or_id)
        if record is stored.OWN:
            raise UnknownTableGroup(f"datasource '{record.name}' is filled by Congress itself; it takes no pushed data")
        return record

    def _check_pushed(self, record: DatasourceRecord, table: str, objects: list[Any]) -> None:
        """Let the driver refuse what it could not publish, before it is stored."""
        driver = self._drivers.get(record.driver)
        if driver is None or not record.enabled:
            self._control.push(record.name, table, objects)  # says why the datasource does not run
            return
        try:
            config = self._secrets.clear(record.config, record.encrypted)
        except SecretUnreadable:
            self._control.push(record.name, table, objects)
            return
        driver(record.name, config).translate(table, objects)

    def notify(self, name_or_id: str, payload: Any) -> None:
        """Pass on a notification of another service. Raises as `push`, and NoWebhook."""
        record = self._takes_pushes(name_or_id)
        driver = self._drivers.get(record.driver)
        if driver is None:
            raise NoWebhook(f"driver {record.driver} of datasource '{name_or_id}' is not available")
        if driver.notifies is None:
            self.push(record.id, *driver.notified(payload))
        else:
            self._merge(record, driver, driver.notifies, payload)

    def receive(self, name_or_id: str, table: str, payload: Any) -> None:
        """Pass on a notification for one table. Raises as `notify`, UnknownTableGroup."""
        record = self._takes_pushes(name_or_id)
        driver = self._drivers.get(record.driver)
        if driver is None:
            raise NoWebhook(f"driver {record.driver} of datasource '{name_or_id}' is not available")
        one = driver(record.name, self._secrets.clear(record.config, record.encrypted))
        self._change(record, table, lambda objects, _version: one.received(table, payload, objects))

    def _merge(self, record: DatasourceRecord, driver: type[Driver], table: str, payload: Any) -> None:
        """Change what a table was given, as the notification says."""
        self._change(record, table, lambda objects, _version: driver.notified(payload, objects)[1])

    # -- inside --------------------------------------------------------------------------------------------------

    def _records(self) -> list[DatasourceRecord]:
        with self._database.reader() as session:
            return stored.every(session)

    def _record(self, name_or_id: str) -> DatasourceRecord:
        with self._database.reader() as session:
            found = stored.find(session, name_or_id)
        if found is None and name_or_id in (stored.OWN.name, stored.OWN.id):
            return stored.OWN
        if found is None:
            raise DatasourceNotFound(name_or_id)
        return found

    def _shown(self, record: DatasourceRecord) -> DatasourceRecord:
        hidden = secret_names(self._drivers.get(record.driver), record.config).union(record.encrypted)
        config = {key: HIDDEN if key in hidden else text for key, text in record.config.items()}
        return dataclasses.replace(record, config=config)


def _is_kept(record: DatasourceRecord) -> bool:
    """Whether pushed rows outlive what runs: they do unless the configuration says otherwise."""
    return PERSIST_DATA.of(record.config) is True


def columns_of(drivers: Mapping[str, type[Driver]], record: DatasourceRecord) -> dict[str, tuple[str, ...]]:
    """Table -> names of its columns, for a stored datasource; none when its driver is not available here."""
    driver = OwnDriver if record is stored.OWN else drivers.get(record.driver)
    if driver is None:
        LOG.error("datasource %s: driver %s is not available", record.name, record.driver)
        return {}
    try:
        tables = driver.configured_tables(record.config)
    except CongressError as error:  # stored by a version that took this configuration
        LOG.error("datasource %s: %s", record.name, error)
        tables = driver.tables()
    return {table: tuple(column.name for column in columns) for table, columns in tables.items()}
