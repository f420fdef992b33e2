"""Wires the parts of one process together, and starts and stops them in an order in which each finds what it needs."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from oslo_config import cfg

from congress.api import app
from congress.api.middleware import Application
from congress.api.services import Services
from congress.bus.memory import MemoryBus
from congress.bus.updates import Publish
from congress.conf import paths
from congress.datasources import registry
from congress.datasources.contract import Driver, Runner
from congress.datasources.runner import DatasourceRunner
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.db import migration
from congress.db.session import Database, password
from congress.engine.workspace import Limits, Workspace
from congress.policies.feed import Feed
from congress.policies.library import PACKAGED, Library
from congress.policies.live import Live, watching
from congress.policies.service import PolicyService
from congress.server import logmasking
from congress.server.roles import Roles
from congress.server.ticker import Ticker

LOG = logging.getLogger(__name__)


class Node:
    """The service in one process, without its listening socket."""

    def __init__(self, conf: cfg.ConfigOpts, roles: Roles) -> None:
        self._conf = conf
        self._state = "starting"
        self.database = Database(paths.database_url(conf), _database_options(conf))
        workspace = Workspace(
            limits=Limits(rows=conf.engine.query_rows, seconds=conf.engine.query_seconds),
            watch=watching(conf.engine.watched_tables),
        )
        self.live = Live(workspace, conf.engine.remembered_changes, conf.engine.remembered_rows)
        self.policies = PolicyService(self.database, self.live, self._activate)
        self.library = Library(self.database)
        self._feed = Feed(self.live, self._ask_snapshot)
        self._drivers = registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)
        bus = MemoryBus()
        bus.subscribe(self._feed.receive)
        self._running = Running(self._feed, bus.publish, _runner, here=roles.datasources)
        self._secrets = Secrets(paths.key_dir(conf))
        self._secrets.mask.remember(password(self.database.url))
        logmasking.install(self._secrets.mask)
        self.datasources = DatasourceService(
            self.database, self.live, self._drivers, self._secrets, self._running, self._datasource_created
        )
        self._ticker = Ticker(self.live, conf.engine.now_period)

    def application(self) -> Application:
        """The WSGI application over this node."""
        services = Services(
            policies=self.policies,
            library=self.library,
            datasources=self.datasources,
            webhook_secrets=WebhookSecrets(self.database),
            mask=self._secrets.mask,
            live=self.live,
            drivers=self._drivers,
            unready=self.unready,
            execute_enabled=self._conf.enable_execute_action,
            waiting_places=threading.Semaphore(self._conf.api.threads // 2),
        )
        return app.build(self._conf, services)

    def start(self) -> None:
        """Load everything that is stored, then begin to follow the clouds.

        Datasources are declared before rules are loaded, since rules name their columns.
        """
        migration.prepare(self.database)
        if self._conf.delete_missing_driver_datasources:
            self.datasources.delete_without_driver()
        self.datasources.declare()
        self.policies.load()
        directories = [PACKAGED]
        if self._conf.policy_library_path:
            directories.append(Path(self._conf.policy_library_path))
        self.library.load_files(directories)
        self.datasources.start()
        self._ticker.start()
        self._state = "ready"
        self.policies.tell_all_tables()

    def drain(self) -> None:
        """Tell load balancers to send no more requests, and clients who wait for changes that there are none."""
        self._state = "stopping"
        self.live.answer_waiting()

    def stop(self) -> None:
        """Stop what runs. What was acknowledged is in the database already."""
        self._state = "stopping"
        self._ticker.stop()
        self.datasources.stop()
        self.database.close()

    def unready(self) -> str | None:
        """Why no requests should be sent here, None when they should."""
        return None if self._state == "ready" else f"the server is {self._state}"

    def _datasource_created(self) -> None:
        self.policies.retry_parked()
        self.policies.tell_all_tables()

    def _activate(self, tables: list[str]) -> None:
        if self._state != "starting":  # the datasources start after the policies; then all tables are told
            self.datasources.activate(tables)

    def _ask_snapshot(self, source: str, table: str) -> None:
        self._running.ask_snapshot(source, table)


def _runner(name: str, driver: Driver, publish: Publish, epoch: int) -> Runner:
    return DatasourceRunner(name, driver, publish, epoch=epoch)


def _database_options(conf: cfg.ConfigOpts) -> dict[str, object]:
    """oslo.db's options of pool and log, as far as they were set; its defaults are meant for shared databases."""
    names = (
        "max_pool_size", "max_overflow", "pool_timeout", "connection_recycle_time", "max_retries", "connection_debug"
    )  # fmt: skip
    return {name: value for name in names if (value := getattr(conf.database, name, None)) is not None}
