"""Wires the parts of one process together, and starts and stops them in an order in which each finds what it needs."""

from __future__ import annotations

import logging
import threading

from oslo_config import cfg

from congress.api import app
from congress.api.middleware import Application
from congress.api.services import Services
from congress.bus.contract import Bus
from congress.bus.memory import MemoryBus
from congress.conf import paths
from congress.datasources import registry
from congress.datasources.control import Control
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.db import migration
from congress.db.session import Database, password
from congress.server import logmasking
from congress.server.judging import Judging
from congress.server.reading import Reading
from congress.server.roles import Roles

LOG = logging.getLogger(__name__)


class Node:
    """The service in one process, without its listening socket."""

    def __init__(self, conf: cfg.ConfigOpts, roles: Roles) -> None:
        self._conf = conf
        self._state = "starting"
        self.database = Database(paths.database_url(conf), _database_options(conf))
        self._drivers = registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)
        self._secrets = Secrets(paths.key_dir(conf))
        self._secrets.mask.remember(password(self.database.url))
        logmasking.install(self._secrets.mask)
        self.bus: Bus = MemoryBus()
        self._epoch: int | None = None
        self.reading = Reading(self.database, self.bus, self._drivers, self._secrets, lambda: self._epoch)
        self.judging = Judging(conf, self.database, self.bus, self._drivers)
        self.datasources = DatasourceService(
            self.judging.replica, self._drivers, self._secrets, Control(self.bus, self._reader)
        )

    def application(self) -> Application:
        """The WSGI application over this node."""
        services = Services(
            policies=self.judging.policies,
            library=self.judging.library,
            datasources=self.datasources,
            webhook_secrets=WebhookSecrets(self.database),
            mask=self._secrets.mask,
            live=self.judging.live,
            synchroniser=self.judging.synchroniser,
            ages=self.judging.ages,
            drivers=self._drivers,
            unready=self.unready,
            execute_enabled=self._conf.enable_execute_action,
            waiting_places=threading.Semaphore(self._conf.api.threads // 2),
        )
        return app.build(self._conf, services)

    def start(self) -> None:
        """Load everything that is stored, then begin to follow the clouds and the other nodes."""
        migration.prepare(self.database)
        self.judging.load()
        if self._conf.delete_missing_driver_datasources:
            self.datasources.delete_without_driver()
        self.bus.start()
        self.reading.start()
        self.judging.start()
        self._epoch = 1
        self.reading.begin(1)
        self._state = "ready"

    def drain(self) -> None:
        """Tell load balancers to send no more requests, and clients who wait for changes that there are none."""
        self._state = "stopping"
        self.judging.drain()

    def stop(self) -> None:
        """Stop what runs. What was acknowledged is in the database already."""
        self._state = "stopping"
        self.reading.stop()
        self.judging.stop()
        self.bus.stop()
        self.database.close()

    def unready(self) -> str | None:
        """Why no requests should be sent here, None when they should."""
        return None if self._state == "ready" else f"the server is {self._state}"

    def _reader(self) -> str | None:
        """The id of the node that reads the clouds now, as far as is known."""
        return self.bus.node if self.reading.host.active else self.judging.subscriber.publisher()


def _database_options(conf: cfg.ConfigOpts) -> dict[str, object]:
    """oslo.db's pool options, as far as they were set; its defaults are meant for shared databases."""
    names = ("max_pool_size", "max_overflow", "pool_timeout", "connection_recycle_time", "max_retries")
    return {name: value for name in names if (value := getattr(conf.database, name, None)) is not None}
