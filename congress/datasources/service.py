"""The configured datasources: stored, declared to the engine, and each with a runner while this node runs them."""

from __future__ import annotations

import itertools
import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from congress.bus.updates import Publish
from congress.datasources.contract import Action, Column, Driver, Runner
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.datasources.validation import DatasourceInvalid, NewDatasource, checked_config, checked_name, driver_of
from congress.db import datasources as stored
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database
from congress.engine.workspace import PolicyExists
from congress.errors import CongressError
from congress.policies.feed import Feed
from congress.policies.live import Live

LOG = logging.getLogger(__name__)
HIDDEN = "<hidden>"

MakeRunner = Callable[[str, Driver, Publish, int], Runner]
"""(name, driver, publish, epoch) -> a runner that was not started yet. `on_created` is called after each creation."""


class DatasourceNotFound(CongressError):
    """No datasource has this name or id."""

    def __init__(self, name_or_id: str) -> None:
        super().__init__(f"Datasource not found {name_or_id}")


class DatasourceNameTaken(CongressError):
    """A datasource or policy of this name exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Datasource already in use with name {name}; policies and datasources share their names")


class DatasourceTableNotFound(CongressError):
    """The datasource's driver has no such table."""

    def __init__(self, table: str, datasource: str) -> None:
        super().__init__(f"Table '{table}' for datasource '{datasource}' has no schema ")


class DatasourceNotRunning(CongressError):
    """The datasource exists but nothing runs it: it is disabled, or its driver or secret is not available here."""


@dataclass(frozen=True, slots=True)
class _Idle:
    """Why a datasource has no runner."""

    reason: str


class DatasourceService:
    """All methods are safe to call from any thread."""

    def __init__(
        self,
        database: Database,
        live: Live,
        feed: Feed,
        drivers: Mapping[str, type[Driver]],
        secrets: Secrets,
        publish: Publish,
        make_runner: MakeRunner,
        on_created: Callable[[], None],
    ) -> None:
        self._database, self._live, self._feed = database, live, feed
        self._drivers, self._secrets = drivers, secrets
        self._publish, self._make_runner, self._on_created = publish, make_runner, on_created
        self._changing = threading.Lock()
        self._epochs = itertools.count(1)
        self._runners: dict[str, Runner | _Idle] = {}

    # -- life ----------------------------------------------------------------------------------------------------

    def declare(self) -> None:
        """Tell the empty workspace which datasources and columns there are; before the rules that use them load."""
        with self._live.transaction() as change:
            for record in self._records():
                change.set_datasource(record.name, self._column_names(record))

    def start(self) -> None:
        """Start a runner for each stored datasource; one that cannot run says so in its status."""
        with self._changing:
            for record in self._records():
                self._run(record)

    def stop(self) -> None:
        """Stop all runners, side by side, so that a slow cloud does not hold up the others."""
        with self._changing:
            runners = [runner for runner in self._runners.values() if not isinstance(runner, _Idle)]
            self._runners.clear()
        threads = [threading.Thread(target=runner.stop, kwargs={"timeout": 2.0}, daemon=True) for runner in runners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3.0)

    def _run(self, record: DatasourceRecord) -> None:
        epoch = next(self._epochs)
        self._feed.expect(record.name, epoch)
        if not record.enabled:
            self._runners[record.name] = _Idle("disabled")
            return
        if record.driver not in self._drivers:
            self._runners[record.name] = _Idle(f"driver {record.driver} is not available on this node")
            return
        try:
            runner = self._prepared(record.name, self._drivers[record.driver], self._clear(record), epoch)
        except Exception as error:  # a driver's constructor is foreign code: its failure must not stop the others
            LOG.error("datasource %s cannot run: %s", record.name, error, exc_info=not isinstance(error, CongressError))
            self._runners[record.name] = _Idle(str(error))
            return
        self._runners[record.name] = runner
        runner.start()
        self._push_again(record, runner)

    def _prepared(self, name: str, driver: type[Driver], config: dict[str, str], epoch: int) -> Runner:
        return self._make_runner(name, driver(name, config), self._publish, epoch)

    def _push_again(self, record: DatasourceRecord, runner: Runner) -> None:
        with self._database.reader() as session:
            pushed = stored.pushed(session, record.id)
        for table, objects in pushed.items():
            try:
                runner.push(table, objects)
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
        driver = driver_of(new, self._drivers)
        config = checked_config(driver, new.config)
        self._try(checked_name(new.name), driver, config)
        secret = tuple(option.name for option in driver.options if option.secret and option.name in config)
        record = DatasourceRecord(
            id=str(uuid.uuid4()),
            name=new.name,
            driver=new.driver,
            description=new.description,
            enabled=new.enabled,
            config={key: self._secrets.encrypt(text) if key in secret else text for key, text in config.items()},
            encrypted=secret,
        )
        with self._changing:
            self._store(record)
            self._run(record)
        self._on_created()
        return self._shown(record)

    def _try(self, name: str, driver: type[Driver], config: dict[str, str]) -> None:
        """Let the driver see its configuration before anything is stored. Raises DatasourceInvalid."""
        try:
            self._prepared(name, driver, config, 0).stop()
        except CongressError as error:
            raise DatasourceInvalid(f"Driver {driver.id} does not take this configuration: {error}") from error

    def _store(self, record: DatasourceRecord) -> None:
        with self._live.transaction() as change:
            if any(info.name == record.name for info in self._live.workspace.policies()):
                raise DatasourceNameTaken(record.name)
            try:
                change.set_datasource(record.name, self._column_names(record))
            except PolicyExists as error:
                raise DatasourceNameTaken(record.name) from error
            with self._database.writer() as session:
                stored.add(session, record)

    def delete(self, name_or_id: str) -> None:
        """Stop and delete a datasource; rules that refer to it see empty tables. Raises DatasourceNotFound."""
        with self._changing:
            record = self._record(name_or_id)
            with self._live.transaction() as change, self._database.writer() as session:
                stored.remove(session, record.id)
                change.remove_datasource(record.name)
            runner = self._runners.pop(record.name, None)
            self._feed.expect(record.name, next(self._epochs))
        if runner is not None and not isinstance(runner, _Idle):
            # The answer does not wait for a cloud that is slow to answer the last listing.
            threading.Thread(target=runner.stop, name=f"stop-{record.name}", daemon=True).start()

    # -- one datasource ------------------------------------------------------------------------------------------

    def schema(self, name_or_id: str) -> dict[str, tuple[Column, ...]]:
        """Table -> columns, sorted by table. Raises DatasourceNotFound."""
        driver = self._drivers.get(self._record(name_or_id).driver)
        return dict(sorted(driver.tables().items())) if driver else {}

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
        name = self._record(name_or_id).name
        runner = self._runners.get(name)
        if runner is not None and not isinstance(runner, _Idle):
            return runner.status()
        reason = runner.reason if runner else "not run on this node"
        return {"last_updated": "None", "last_error": reason, "number_of_updates": "0", "initialized": "False"}

    def request_refresh(self, name_or_id: str) -> None:
        """Poll soon. Raises DatasourceNotFound, DatasourceNotRunning."""
        self._runner(name_or_id).request_refresh()

    def ask_snapshot(self, name: str, table: str) -> None:
        """Have a table published whole again; nothing happens when the datasource is gone."""
        runner = self._runners.get(name)
        if runner is not None and not isinstance(runner, _Idle):
            runner.request_snapshot(table)

    def execute(self, name_or_id: str, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Do an action. Raises DatasourceNotFound, DatasourceNotRunning, UnknownAction, DriverError."""
        self._runner(name_or_id).execute(action, positional, named)

    def push(self, name_or_id: str, table: str, objects: list[Any]) -> None:
        """Replace a table by pushed objects. Raises DatasourceNotFound, DatasourceNotRunning, UnknownTableGroup,
        BadPushedData."""
        record = self._record(name_or_id)
        self._runner(record.name).push(table, objects)
        if record.config.get("persist_data", "").lower() in ("true", "1", "yes"):
            with self._database.writer() as session:
                stored.store_pushed(session, record.id, table, objects)

    # -- inside --------------------------------------------------------------------------------------------------

    def _runner(self, name_or_id: str) -> Runner:
        record = self._record(name_or_id)
        runner = self._runners.get(record.name)
        if runner is None or isinstance(runner, _Idle):
            _refuse(record.name, runner)
        return runner

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
        return {table: tuple(column.name for column in columns) for table, columns in driver.tables().items()}

    def _clear(self, record: DatasourceRecord) -> dict[str, str]:
        try:
            return {
                key: self._secrets.decrypt(text) if key in record.encrypted else text
                for key, text in record.config.items()
            }
        except SecretUnreadable as error:
            raise SecretUnreadable(f"datasource {record.name}: {error}") from error

    def _shown(self, record: DatasourceRecord) -> DatasourceRecord:
        driver = self._drivers.get(record.driver)
        secret = {option.name for option in driver.options if option.secret} if driver else set()
        hidden = secret | set(record.encrypted)
        config = {key: HIDDEN if key in hidden else text for key, text in record.config.items()}
        return DatasourceRecord(
            record.id, record.name, record.driver, record.description, record.enabled, config, record.encrypted
        )


def _refuse(name: str, idle: _Idle | None) -> NoReturn:
    reason = idle.reason if idle else "not run on this node"
    raise DatasourceNotRunning(f"datasource {name} does not run: {reason}")
