"""The role `policy-engine`: a copy of the stored policies over a copy of the tables, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from oslo_config import cfg

from congress.bus import publications
from congress.bus.contract import Bus
from congress.bus.subscriber import Subscriber
from congress.conf import synchronisation
from congress.datasources import ages
from congress.datasources.ages import Ages
from congress.datasources.contract import Driver
from congress.datasources.needs import Needs
from congress.datasources.service import columns_of
from congress.db.datasources import OWN
from congress.db.session import Database
from congress.engine.workspace import Limits, Workspace
from congress.policies import library
from congress.policies.feed import Feed
from congress.policies.hints import Hints
from congress.policies.library import Library
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.replica import Listeners, Replica
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
from congress.server import checks, packaged
from congress.server.bus import subscriber_options
from congress.server.health import Health
from congress.server.peers import BehindPeers
from congress.server.ticker import Ticker
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_REVISION = metrics.observed("congress_policy_revision", "The policy revision that the engine shows.")
_AGE = metrics.observed(
    "congress_table_age_seconds", "Seconds since a table was known to be as the datasources have it.", "table"
)


class Judging:
    """The parts of an engine."""

    def __init__(self, conf: cfg.ConfigOpts, database: Database, bus: Bus, drivers: Mapping[str, type[Driver]]) -> None:
        self._conf = conf
        workspace = Workspace(
            limits=Limits(rows=conf.engine.query_rows, seconds=conf.engine.query_seconds),
            watch=watching(conf.engine.watched_tables),
        )
        self.live = Live(workspace, conf.engine.remembered_changes, conf.engine.remembered_rows)
        hints = Hints(bus)
        self._needs = Needs(bus)
        self._sources: Mapping[str, str] = {}
        listeners = Listeners(
            on_advanced=hints.announce,
            on_policies=lambda names: self.policies.tell_tables(names),
            on_datasources=self._forget_sources,
        )
        self.replica = Replica(database, self.live, partial(columns_of, drivers), listeners)
        self.synchroniser = Synchroniser(self.replica, synchronisation.period(conf))
        hints.pass_to(self.synchroniser)
        self.policies = PolicyService(self.replica, self._need)
        self.library = Library(database)
        self.bundles = packaged.bundles(conf, self.policies, database, workspace)
        self.feed = Feed(self.live)
        self.subscriber = Subscriber(bus, self.feed, subscriber_options(conf))
        self.ages = Ages()
        bus.subscribe(ages.TOPIC, self.ages.receive)
        bus.subscribe(ages.TOPIC, self._needs.hear)
        self._is_loaded = False
        self._ticker = Ticker(self.live, conf.engine.now_period)

    def load(self) -> None:
        """Bring the stored policies into force, and fill an empty library."""
        self.policies.load()
        self.policies.tell_all_tables()
        self._is_loaded = True
        self.library.load_files(library.directories(self._conf.policy_library_path))

    def start(self) -> None:
        """Follow the tables, the other engines and the time."""
        self.subscriber.start()
        self._ticker.start()
        self.synchroniser.start()

    def drain(self) -> None:
        """Tell clients who wait for changes that there are none."""
        self.live.answer_waiting()

    def stop(self) -> None:
        """Follow nothing any more."""
        self._ticker.stop()
        self.synchroniser.stop()
        self.subscriber.stop()

    def _forget_sources(self) -> None:
        """Datasources were created or deleted: what is known of the tables of those that are gone is of no use."""
        before, self._sources = self._sources, self.replica.state.datasources
        for name in [name for name, known in before.items() if self._sources.get(name) != known]:
            self.subscriber.forget(name)
            self.ages.forget(name)

    def _need(self, tables: list[str]) -> None:
        self._needs.need((source, table) for source, _colon, table in (each.rpartition(":") for each in tables))

    # -- what it knows of itself ---------------------------------------------------------------------------------

    def where(self) -> Position | None:
        """What the engine's tables are computed from; None while that is not certain."""
        shown = self.feed.position
        if shown is None:
            return None
        tick = self.live.clock if self.live.workspace.follows_time() else 0
        return Position(shown.epoch, shown.number, self.live.revision, tick)

    def tell_health(
        self,
        health: Health,
        options: Any,
        silence: Callable[[], float],
        peers: Callable[[], Mapping[str, publications.Position]],
    ) -> None:
        """Let the process say how the engine is; `silence`: seconds since the database last answered; `peers`: node
        id -> the publication that another API node shows."""
        health.readiness.add("policies", self.synchroniser.trouble)
        followed = checks.followed(
            self._known_sources, self.subscriber.publisher, self._is_known, options.behind_seconds
        )
        health.readiness.add("datasources", followed)
        health.readiness.add("tables", checks.received(self._missing, options.behind_seconds))
        health.readiness.add("data", checks.younger(options.data_seconds, self._table_ages))
        health.readiness.add("database", checks.reachable("the database", options.database_seconds, silence))
        health.readiness.add("peers", BehindPeers(self.subscriber.position, peers, options.behind_seconds))
        health.status.add("position", self.subscriber.position)
        health.status.add("policy_revision", lambda: self.live.revision)
        health.status.add("publisher", self.subscriber.publisher)
        health.status.add("tables", self._tables)
        packaged.measure(self.bundles, lambda: self.live.revision)
        _REVISION.follow(lambda: {(): float(self.live.revision)})
        _AGE.follow(lambda: {(table,): age for table, age in self._table_ages().items()})
        self.feed.measure(lambda: {key: each.rows for key, each in self.subscriber.status().items()})
        health.watch_engine(self.live.workspace)

    def _known_sources(self) -> set[str] | None:
        return set(self.replica.state.datasources) - {OWN.name} if self._is_loaded else None

    def _is_known(self) -> bool:
        return self.subscriber.position() is not None

    def _missing(self) -> list[str]:
        """Tables that are shown and known to be behind."""
        return [f"{source}:{table}" for source, table in self.subscriber.missing(self.subscriber.status())]

    def _table_ages(self) -> dict[str, float]:
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
