"""Wires the parts of one process together, and starts and stops them in an order in which each finds what it needs."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from oslo_config import cfg

from congress.api import app
from congress.api.middleware import Application
from congress.api.services import Services
from congress.bus.memory import MemoryBus
from congress.bus.publisher import Publisher
from congress.bus.subscriber import Subscriber
from congress.bus.updates import Publish
from congress.conf import paths, synchronisation
from congress.datasources import registry
from congress.datasources.contract import Driver, Runner
from congress.datasources.runner import DatasourceRunner
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService, columns_of
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.db import migration
from congress.db.session import Database
from congress.engine.workspace import Limits, Workspace
from congress.policies.feed import Feed
from congress.policies.hints import Hints
from congress.policies.library import PACKAGED, Library
from congress.policies.live import Live, watching
from congress.policies.replica import Listeners, Replica
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
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
        self._drivers = registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)
        self.bus = MemoryBus()
        hints = Hints(self.bus)
        listeners = Listeners(
            on_advanced=hints.announce,
            on_policies=lambda names: self.policies.tell_tables(names),
            on_datasources=lambda: self.datasources.follow(),
        )
        self._replica = Replica(self.database, self.live, partial(columns_of, self._drivers), listeners)
        self.synchroniser = Synchroniser(self._replica, synchronisation.period(conf))
        hints.pass_to(self.synchroniser)
        self.policies = PolicyService(self._replica, self._activate)
        self.library = Library(self.database)
        self.publisher = Publisher(self.bus)
        self.feed = Feed(self.live)
        self.subscriber = Subscriber(self.bus, self.feed)
        self._running = Running(self.publisher, _runner, here=roles.datasources)
        secrets = Secrets(paths.key_dir(conf))
        self.datasources = DatasourceService(self._replica, self._drivers, secrets, self._running)
        self._ticker = Ticker(self.live, conf.engine.now_period)

    def application(self) -> Application:
        """The WSGI application over this node."""
        services = Services(
            policies=self.policies,
            library=self.library,
            datasources=self.datasources,
            webhook_secrets=WebhookSecrets(self.database),
            live=self.live,
            synchroniser=self.synchroniser,
            drivers=self._drivers,
            unready=self.unready,
            execute_enabled=self._conf.enable_execute_action,
            most_waiting=max(1, self._conf.api.threads // 2),
        )
        return app.build(self._conf, services)

    def start(self) -> None:
        """Load everything that is stored, then begin to follow the clouds and the other nodes."""
        migration.prepare(self.database)
        self.policies.load()
        if self._conf.delete_missing_driver_datasources:
            self.datasources.delete_without_driver()
        directories = [PACKAGED]
        if self._conf.policy_library_path:
            directories.append(Path(self._conf.policy_library_path))
        self.library.load_files(directories)
        self.publisher.start()
        self.subscriber.start()
        self.publisher.begin(1)
        self.datasources.start()
        self._ticker.start()
        self._state = "ready"
        self.synchroniser.start()
        self.policies.tell_all_tables()

    def drain(self) -> None:
        """Tell load balancers to send no more requests, and clients who wait for changes that there are none."""
        self._state = "stopping"
        self.live.answer_waiting()

    def stop(self) -> None:
        """Stop what runs. What was acknowledged is in the database already."""
        self._state = "stopping"
        self._ticker.stop()
        self.synchroniser.stop()
        self.datasources.stop()
        self.publisher.stop()
        self.subscriber.stop()
        self.database.close()

    def unready(self) -> str | None:
        """Why no requests should be sent here, None when they should."""
        return None if self._state == "ready" else f"the server is {self._state}"

    def _activate(self, tables: list[str]) -> None:
        if self._state != "starting":  # the datasources start after the policies; then all tables are told
            self.datasources.activate(tables)


def _runner(name: str, driver: Driver, publish: Publish, epoch: int) -> Runner:
    return DatasourceRunner(name, driver, publish, epoch=epoch)


def _database_options(conf: cfg.ConfigOpts) -> dict[str, object]:
    """oslo.db's pool options, as far as they were set; its defaults are meant for shared databases."""
    names = ("max_pool_size", "max_overflow", "pool_timeout", "connection_recycle_time", "max_retries")
    return {name: value for name in names if (value := getattr(conf.database, name, None)) is not None}
