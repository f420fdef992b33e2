"""Wires the parts of one process together, and starts and stops them in an order in which each finds what it needs."""

from __future__ import annotations

import importlib.metadata
import logging
import platform
from functools import partial
from pathlib import Path
from typing import Any

from oslo_config import cfg

from congress.api import app
from congress.api.middleware import Application
from congress.api.services import Services
from congress.bus.memory import MemoryBus
from congress.bus.publisher import Publisher
from congress.bus.subscriber import Subscriber
from congress.bus.updates import Publish
from congress.conf import lease, paths, synchronisation
from congress.datasources import registry
from congress.datasources.contract import Driver, Runner
from congress.datasources.runner import DatasourceRunner
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService, columns_of
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.db import migration, punctual, waiting
from congress.engine.workspace import Limits, Workspace
from congress.policies.feed import Feed
from congress.policies.hints import Hints
from congress.policies.library import PACKAGED, Library
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.replica import Listeners, Replica
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
from congress.server import checks, identity
from congress.server.enforcing import Enforcing
from congress.server.health import Health
from congress.server.membership import Membership
from congress.server.roles import Roles
from congress.server.ticker import Ticker
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_REVISION = metrics.observed("congress_policy_revision", "The policy revision that the engine shows.")
_AGE = metrics.observed(
    "congress_table_age_seconds", "Seconds since a table was known to be as the datasources have it.", "table"
)
_NODES = metrics.observed("congress_nodes", "Nodes of the service that this one knows, by state.", "state")


class Node:
    """The service in one process, without its listening socket."""

    def __init__(self, conf: cfg.ConfigOpts, roles: Roles, health: Health | None = None) -> None:
        """`health`: to which the parts add what they know of themselves. Raises CongressError."""
        self._conf = conf
        self._acts = roles.datasources
        self.health = health or Health(conf)
        url = paths.database_url(conf)
        lease_times, node_times = lease.timing(conf), lease.node_timing(conf)
        self.database = waiting.connect(url, database_options(conf), self.health.stopping, self.health.say)
        self.health.say("starting")
        self._signs = punctual.connect(url, min(lease_times.renew, node_times.duration / 2))
        self.membership = Membership(
            self._signs,
            identity.myself(conf.node_id or platform.node()),
            roles=roles.names(),
            version=importlib.metadata.version("congress"),
            status=self.health.status,
            timing=node_times,
            exclusive=self.database.engine.dialect.name == "sqlite",
            on_replaced=self.health.leave,
        )
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
        self._epoch: int | None = None
        self.enforcing = Enforcing(
            conf,
            self.database,
            self.live,
            self._where,
            self.subscriber.missing,
            self.datasources,
            node=conf.node_id or platform.node(),
            held=lambda: self._epoch,
        )

    def application(self) -> Application:
        """The WSGI application over this node."""
        services = Services(
            policies=self.policies,
            library=self.library,
            datasources=self.datasources,
            webhook_secrets=WebhookSecrets(self.database),
            live=self.live,
            synchroniser=self.synchroniser,
            ledger=self.enforcing.ledger,
            history=self.enforcing.history,
            drivers=self._drivers,
            readiness=self.health.readiness,
            liveness=self.health.liveness,
            system_status=self.system_status,
            execute_enabled=self._conf.enable_execute_action,
            most_waiting=max(1, self._conf.api.threads // 2),
        )
        return app.build(self._conf, services)

    def start(self) -> None:
        """Load everything that is stored, then begin to follow the clouds and the other nodes.

        Raises NodeIdTaken, and Stopped when the process is told to stop meanwhile.
        """
        migration.prepare(self.database)
        self.membership.join(self.health.stopping)
        if self.health.stopping.is_set():
            raise waiting.Stopped
        self.membership.start()
        self._tell_health()
        self.policies.load()
        if self._conf.delete_missing_driver_datasources:
            self.datasources.delete_without_driver()
        directories = [PACKAGED]
        if self._conf.policy_library_path:
            directories.append(Path(self._conf.policy_library_path))
        self.library.load_files(directories)
        self.publisher.start()
        self.subscriber.start()
        self.enforcing.start(acts=self._acts)
        self._epoch = self.enforcing.reserve_epoch()
        self.publisher.begin(self._epoch)
        self.datasources.start()
        self._ticker.start()
        self.health.state = "ready"
        self.synchroniser.start()
        self.policies.tell_all_tables()

    def drain(self) -> None:
        """Tell load balancers to send no more requests, and clients who wait for changes that there are none."""
        self.health.state = "stopping"
        self.live.answer_waiting()

    def stop(self) -> None:
        """Stop what runs. What was acknowledged is in the database already."""
        self.health.state = "stopping"
        self.enforcing.stop()
        self._ticker.stop()
        self.synchroniser.stop()
        self.datasources.stop()
        self.publisher.stop()
        self.subscriber.stop()
        self.membership.stop()
        self._signs.dispose()
        self.database.close()

    def system_status(self) -> dict[str, Any]:
        """All nodes, as this one knows them."""
        seen = self.membership.view()
        own = next(node for node in seen["nodes"] if node["id"] == seen["node"])
        return {**seen, "paused": bool(own["status"].get("paused", False))}

    def _tell_health(self) -> None:
        options, health = self._conf.healthcheck, self.health
        health.readiness.add("policies", self.synchroniser.trouble)
        health.readiness.add("tables", checks.received(self._missing))
        health.readiness.add("data", checks.younger(options.data_seconds, self._ages))
        health.readiness.add(
            "database", checks.reachable("the database", options.database_seconds, self.membership.silence)
        )
        health.status.add("policy_revision", lambda: self.live.revision)
        health.status.add("publisher", self.subscriber.publisher)
        health.status.add("tables", self._tables)
        health.status.add("paused", lambda: self.enforcing.paused)
        health.status.add("resting_actions", self.enforcing.executor.guards.resting)
        _REVISION.follow(lambda: {(): float(self.live.revision)})
        _AGE.follow(lambda: {(table,): age for table, age in self._ages().items()})
        _NODES.follow(self._node_states)
        health.watch_engine(self.live.workspace)

    def _where(self) -> Position | None:
        """What the engine's tables are computed from."""
        shown = self.feed.position
        return None if shown is None else Position(shown.epoch, shown.number, self.live.revision, self.live.clock)

    def _missing(self) -> list[str]:
        """Tables that are shown and known to be behind."""
        return [f"{source}:{table}" for source, table in self.subscriber.missing(self.subscriber.status())]

    def _ages(self) -> dict[str, float]:
        return {f"{source}:{table}": each.age for (source, table), each in self.subscriber.status().items()}

    def _tables(self) -> dict[str, dict[str, float]]:
        return {
            f"{source}:{table}": {
                "epoch": each.epoch,
                "sequence": each.sequence,
                "rows": each.rows,
                "age": round(each.age, 1),
            }
            for (source, table), each in self.subscriber.status().items()
        }

    def _node_states(self) -> dict[tuple[str, ...], float]:
        states = [node["state"] for node in self.membership.view()["nodes"]]
        return {(state,): float(states.count(state)) for state in ("up", "unknown", "silent")}

    def _activate(self, tables: list[str]) -> None:
        if self.health.state != "starting":  # the datasources start after the policies; then all tables are told
            self.datasources.activate(tables)


def _runner(name: str, driver: Driver, publish: Publish, epoch: int) -> Runner:
    return DatasourceRunner(name, driver, publish, epoch=epoch)


def database_options(conf: cfg.ConfigOpts) -> dict[str, object]:
    """oslo.db's pool options, as far as they were set; its defaults are meant for shared databases."""
    names = ("max_pool_size", "max_overflow", "pool_timeout", "connection_recycle_time", "max_retries")
    return {name: value for name in names if (value := getattr(conf.database, name, None)) is not None}
