"""Several engines over one database in one process, each as a node has it, without a node that runs the datasources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from congress.bus.memory import MemoryBus
from congress.datasources.contract import Driver
from congress.datasources.control import Control
from congress.datasources.pushed import FakeDriver, PushDriver
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


class Engine:
    """One engine. `database` may be shared by engines of one process, or be its own connection to the same file."""

    def __init__(
        self,
        database: Database,
        keys: Path,
        *,
        on_advanced: Callable[[int], None] = lambda _revision: None,
        limits: Limits | None = None,
    ) -> None:
        self.database = database
        self.live = Live(Workspace(limits=limits))
        self.told_policies: list[str] = []
        self.datasource_changes = 0
        listeners = Listeners(on_advanced, self.told_policies.extend, self._datasources_changed)
        self.replica = Replica(database, self.live, partial(columns_of, DRIVERS), listeners)
        self.policies = PolicyService(self.replica)
        nobody = Control(MemoryBus(), lambda: None)
        self.datasources = DatasourceService(self.replica, DRIVERS, Secrets(keys), nobody)
        self.policies.load()
        self.datasource_changes = 0  # the service's own tables, which are always there, are told at first

    def _datasources_changed(self) -> None:
        self.datasource_changes += 1

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
