"""Wires the parts of one process together, and starts and stops them in an order in which each finds what it needs."""

from __future__ import annotations

import importlib.metadata
import logging
import platform
import random
import threading
from collections.abc import Callable
from typing import Any

from oslo_config import cfg

from congress.api import app
from congress.api.middleware import Application
from congress.api.services import Services
from congress.api.streams import Streams
from congress.bus import publications
from congress.bus.contract import Bus
from congress.conf import lease as timings
from congress.conf import paths
from congress.dashboard.login import Login
from congress.datasources import commands, ingesterfiles, registry, transport
from congress.datasources.control import Control
from congress.datasources.secrets import Secrets
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.db import migration, punctual, waiting
from congress.db.leases import LeaseStore
from congress.db.session import password
from congress.outgoing.targets import Webhooks
from congress.server import bus, clouds, identity, ingesting, logmasking
from congress.server.enforcing import Enforcing
from congress.server.health import Health
from congress.server.judging import Judging
from congress.server.lease import Lease
from congress.server.membership import Membership
from congress.server.outgoing import Outgoing
from congress.server.reading import Reading
from congress.server.roles import Roles
from congress.telemetry import metrics, tracing

LOG = logging.getLogger(__name__)

LEASE = "datasources"
TAKING_SECONDS = 10.0
"""How long a server that hears of no other one waits for the lease at its start."""

_NODES = metrics.observed("congress_nodes", "Nodes of the service that this one knows, by state.", "state")


class Node:
    """The service in one process, without its listening socket. Every process has a policy engine."""

    def __init__(self, conf: cfg.ConfigOpts, roles: Roles, health: Health | None = None) -> None:
        """`health`: to which the parts add what they know of themselves. Raises CongressError."""
        self._conf, self.health = conf, health or Health(conf)
        lease_times, node_times = timings.timing(conf), timings.node_timing(conf)
        url = paths.database_url(conf)
        me = identity.myself(conf.node_id or platform.node())
        self._stop_tracing = tracing.start(conf.tracing.otlp_endpoint or "", conf.tracing.share, me.node)
        commands.permit(conf.driver_commands)
        transport.bound(clouds.bounds(conf))
        ingesterfiles.configure(ingesting.files(conf))
        self._drivers = registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)
        self._secrets = Secrets(paths.key_dir(conf))
        self._secrets.mask.remember(password(url))
        self._secrets.mask.remember(password(conf.json_ingester.db_connection or ""))
        logmasking.install(self._secrets.mask)
        self._url = url
        self.database = waiting.connect(url, database_options(conf), self.health.stopping, self.health.say)
        self.health.say("starting")
        self._signs = punctual.connect(url, min(lease_times.renew, node_times.duration / 2))
        self._alone = self.database.engine.dialect.name == "sqlite"
        self.membership = Membership(
            self._signs,
            me,
            roles=roles.names(),
            version=importlib.metadata.version("congress"),
            status=self.health.status,
            timing=node_times,
            exclusive=self._alone,
            on_replaced=self.health.leave,
        )
        self.bus: Bus = bus.connect(conf, me.node)
        self.judging = Judging(conf, self.database, self.bus, self._drivers)
        self.lease = Lease(
            LEASE,
            LeaseStore(self._signs),
            me,
            lease_times,
            on_taken=self._begin,
            on_lost=self._end,
            exclusive=self._alone,
        )
        self.reading = (
            Reading(
                self.database,
                self.bus,
                self._drivers,
                self._secrets,
                self.lease.held,
                bus.publisher_options(conf),
                limits=clouds.limits(conf),
                hearing=clouds.hearing(conf),
            )
            if roles.datasources
            else None
        )
        self.datasources = DatasourceService(
            self.judging.replica,
            self._drivers,
            self._secrets,
            Control(self.bus, self._reader),
            conf.datasources.pushed_rows,
        )
        self.enforcing = Enforcing(
            conf,
            self.database,
            self.judging.live,
            self.judging.where,
            self.judging.subscriber.missing,
            self.datasources,
            self.judging.ages.age,
            node=me.node,
            held=self.lease.held,
            others=not self.bus.local,
            delay=self._delay,
        )
        self.outgoing = Outgoing(conf, self.database, self.enforcing.events, self._secrets, self.lease.held, me.node)
        self._streams = Streams(self.enforcing.events, conf.api.streams, conf.api.stream_seconds)
        self._has_begun = threading.Event()

    def application(self) -> Application:
        """The WSGI application over this node."""
        services = Services(
            policies=self.judging.policies,
            library=self.judging.library,
            bundles=self.judging.bundles,
            datasources=self.datasources,
            webhook_secrets=WebhookSecrets(self.database),
            mask=self._secrets.mask,
            live=self.judging.live,
            ages=self.judging.ages,
            synchroniser=self.judging.synchroniser,
            ledger=self.enforcing.ledger,
            history=self.enforcing.history,
            violations=self.enforcing.violations,
            events=self.enforcing.events,
            streams=self._streams,
            event_webhooks=Webhooks(self.database, self._secrets),
            drivers=self._drivers,
            readiness=self.health.readiness,
            liveness=self.health.liveness,
            system_status=self.system_status,
            login=Login(self._conf),
            execute_enabled=self._conf.enable_execute_action,
            waiting_places=threading.Semaphore(self._conf.api.threads // 2),
        )
        return app.build(self._conf, services)

    def start(self) -> None:
        """Load everything that is stored, then begin to follow the clouds and the other nodes.

        Raises NodeIdTaken, and Stopped when the process is told to stop meanwhile.
        """
        self._with_patience(lambda: migration.prepare(self.database))
        self.membership.join(self.health.stopping)
        if self.health.stopping.is_set():
            raise waiting.Stopped
        self.membership.start()
        self._tell_health()
        self._with_patience(self.judging.load)
        if self._conf.delete_missing_driver_datasources:
            self._with_patience(self.datasources.delete_without_driver)
        self._with_patience(lambda: ingesting.prepare(self.datasources, self.judging.policies))
        self.bus.start()
        self.enforcing.start(acts=self.reading is not None)
        if self.reading is not None:
            self._with_patience(self.outgoing.prepare)
            self.outgoing.start()
            self.reading.start()
        self.judging.start()
        if self.reading is not None:
            self.lease.start()
            if self.bus.local:
                self._has_begun.wait(TAKING_SECONDS)
        self.health.state = "ready"

    def _with_patience(self, step: Callable[[], None]) -> None:
        """Do what needs the database, again while that is away. Raises Stopped."""
        waiting.done(step, self._url, self.health.stopping, self.health.say)
        self.health.say("starting")

    def _begin(self, epoch: int) -> None:
        if self.reading is not None:
            self.reading.begin(epoch)
        self._has_begun.set()

    def _end(self) -> None:
        if self.reading is not None:
            self.reading.end()

    def drain(self) -> None:
        """Tell load balancers to send no more requests, and clients who wait for changes that there are none."""
        self.health.state = "stopping"
        self.judging.drain()
        self.enforcing.events.answer_waiting()
        self._streams.close()
        if not self._alone:  # a standby may take over while requests end here
            threading.Thread(target=self.lease.stop, name="give-back", daemon=True).start()

    def stop(self) -> None:
        """Stop what runs. What was acknowledged is in the database already."""
        self.health.state = "stopping"
        self.outgoing.stop()
        self.enforcing.stop()
        self.lease.stop()
        if self.reading is not None:
            self.reading.stop()
        self.judging.stop()
        self.bus.stop()
        self.membership.stop()
        self._signs.dispose()
        self.database.close()
        self._stop_tracing()

    def system_status(self) -> dict[str, Any]:
        """All nodes, as this one knows them."""
        seen = self.membership.view()
        own = next(node for node in seen["nodes"] if node["id"] == seen["node"])
        return {**seen, "paused": bool(own["status"].get("paused", False))}

    def _tell_health(self) -> None:
        self.judging.tell_health(self.health, self._conf.healthcheck, self.membership.silence, self._positions)
        self.health.status.add("paused", lambda: self.enforcing.paused)
        self.health.status.add("resting_actions", self.enforcing.executor.guards.resting)
        if self.reading is not None:
            self.health.status.add("lease", self.lease.status)
        _NODES.follow(self._node_states)

    def _positions(self) -> dict[str, publications.Position]:
        """What the other API nodes show, as far as they said so."""
        nodes = [node for node in self.membership.others() if "api" in node["roles"]]
        told = {node["id"]: node["status"].get("position") for node in nodes}
        return {name: publications.Position(*position) for name, position in told.items() if position}

    def _node_states(self) -> dict[tuple[str, ...], float]:
        states = [node["state"] for node in self.membership.view()["nodes"]]
        return {(state,): float(states.count(state)) for state in ("up", "unknown", "silent")}

    def _delay(self) -> float:
        """Seconds that this node leaves others the first word about a change: the one that reads needs none."""
        return 0.0 if self.bus.local or self.lease.held() is not None else random.uniform(0.2, 0.6)  # noqa: S311

    def _reader(self) -> str | None:
        """The id of the node that reads the clouds now, as far as is known."""
        if self.reading is not None and self.reading.host.active:
            return self.bus.node
        return self.judging.subscriber.publisher()


def database_options(conf: cfg.ConfigOpts) -> dict[str, object]:
    """oslo.db's options of pool and log, as far as they were set; its defaults are meant for shared databases."""
    names = (
        "max_pool_size", "max_overflow", "pool_timeout", "connection_recycle_time", "max_retries", "connection_debug"
    )  # fmt: skip
    return {name: value for name in names if (value := getattr(conf.database, name, None)) is not None}
