"""Several engines over one database in one process, each as a node has it, without datasources that run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from congress.bus.updates import TableUpdate
from congress.datasources.contract import Driver, Runner
from congress.datasources.pushed import FakeDriver, PushDriver
from congress.datasources.runner import DatasourceRunner
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService, columns_of
from congress.datasources.validation import NewDatasource
from congress.db.session import Database
from congress.engine.workspace import Limits, Workspace
from congress.policies.live import Live
from congress.policies.replica import Listeners, Replica
from congress.policies.service import PolicyService

DRIVERS: Mapping[str, type[Driver]] = {"fake_datasource": FakeDriver, "push": PushDriver}

Program = tuple[Mapping[str, tuple[str, list[str]]], Mapping[str, Mapping[str, tuple[str, ...]]]]
"""Policies with their kinds and rules in effect; datasources with their columns."""


class _Stream:
    """Publishes nothing."""

    def starts(self, _source: str) -> int:
        return 1

    def stops(self, _source: str) -> None:
        pass

    def publish(self, _updates: tuple[TableUpdate, ...]) -> None:
        pass

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments, **_named: None


def _runner(name: str, driver: Driver, publish: Callable[[tuple[TableUpdate, ...]], None], epoch: int) -> Runner:
    return DatasourceRunner(name, driver, publish, epoch=epoch)


class Engine:
    """One engine. `database` may be shared by engines of one process, or be its own connection to the same file."""

    def __init__(
        self,
        database: Database,
        keys: Path,
        *,
        on_advanced: Callable[[int], None] = lambda _revision: None,
        limits: Limits | None = None,
        runs_datasources: bool = False,
    ) -> None:
        self.database = database
        self.live = Live(Workspace(limits=limits))
        self.told_policies: list[str] = []
        self.datasource_changes = 0
        listeners = Listeners(on_advanced, self.told_policies.extend, self._datasources_changed)
        self.replica = Replica(database, self.live, partial(columns_of, DRIVERS), listeners)
        self.policies = PolicyService(self.replica)
        self.running = Running(_Stream(), _runner, here=runs_datasources)
        self.datasources = DatasourceService(self.replica, DRIVERS, Secrets(keys), self.running)
        self.policies.load()

    def _datasources_changed(self) -> None:
        self.datasource_changes += 1
        self.datasources.follow()

    def push_datasource(self, name: str, *columns: str) -> None:
        """Create a datasource with one table, `data`, of these columns."""
        config = {"description": "test", "columns": ",".join(columns)}
        self.datasources.create(NewDatasource(name, "push", config))

    def program(self) -> Program:
        """What is in effect, as the workspace itself tells it."""
        entries = self.live.workspace._policies  # the façade tells rows, not rules
        policies = {
            policy.name: (
                policy.kind,
                sorted(entry.text for entry in policy.entries.values() if entry.rule is not None),
            )
            for policy in entries
            if policy.columns is None
        }
        return policies, {policy.name: dict(policy.columns) for policy in entries if policy.columns is not None}


def oracle(database: Database, keys: Path) -> Program:
    """What a newly started engine makes of the database."""
    return Engine(database, keys).program()
