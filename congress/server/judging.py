"""The role `policy-engine`: a copy of the stored policies over a copy of the tables, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from oslo_config import cfg

from congress.bus.contract import Bus
from congress.bus.subscriber import Subscriber
from congress.conf import synchronisation
from congress.datasources import ages
from congress.datasources.ages import Ages
from congress.datasources.contract import Driver
from congress.datasources.needs import Needs
from congress.datasources.service import columns_of
from congress.db.session import Database
from congress.engine.workspace import Limits, Workspace
from congress.policies.feed import Feed
from congress.policies.hints import Hints
from congress.policies.library import PACKAGED, Library
from congress.policies.live import Live, watching
from congress.policies.replica import Listeners, Replica
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
from congress.server.ticker import Ticker

LOG = logging.getLogger(__name__)


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
        listeners = Listeners(on_advanced=hints.announce, on_policies=lambda names: self.policies.tell_tables(names))
        self.replica = Replica(database, self.live, partial(columns_of, drivers), listeners)
        self.synchroniser = Synchroniser(self.replica, synchronisation.period(conf))
        hints.pass_to(self.synchroniser)
        self.policies = PolicyService(self.replica, self._need)
        self.library = Library(database)
        self.feed = Feed(self.live)
        self.subscriber = Subscriber(bus, self.feed)
        self.ages = Ages()
        bus.subscribe(ages.TOPIC, self.ages.receive)
        bus.subscribe(ages.TOPIC, self._needs.hear)
        self._ticker = Ticker(self.live, conf.engine.now_period)

    def load(self) -> None:
        """Bring the stored policies into force, and fill an empty library."""
        self.policies.load()
        self.policies.tell_all_tables()
        directories = [PACKAGED]
        if self._conf.policy_library_path:
            directories.append(Path(self._conf.policy_library_path))
        self.library.load_files(directories)

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

    def _need(self, tables: list[str]) -> None:
        self._needs.need((source, table) for source, _colon, table in (each.rpartition(":") for each in tables))
