"""The parts of a node that record what changes in watched tables, and do what rules ask for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from oslo_config import cfg

from congress.datasources.acting import Acting
from congress.datasources.service import DatasourceService
from congress.db.session import Database
from congress.policies.actions.checking import Check, LocalCheck
from congress.policies.actions.counting import Counting
from congress.policies.actions.executing import Executor
from congress.policies.actions.ledger import Ledger
from congress.policies.actions.proposing import Proposing
from congress.policies.actions.settings import Settings, pairs
from congress.policies.changelog import ChangeLog
from congress.policies.events import EventLog
from congress.policies.explaining import Moments
from congress.policies.history import History, Retention
from congress.policies.live import Live, watching
from congress.policies.recorder import Missing, Recorder, Where
from congress.policies.violations import Violations

LOG = logging.getLogger(__name__)


class Enforcing:
    """Every engine records; the node that holds the lease of the datasources acts.

    `held` answers the epoch of that lease, None at every other moment and node. `check` asks an engine; by default the
    one of this process. With `others` there may be more engines, to which a late one leaves the first word.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        database: Database,
        live: Live,
        where: Where,
        missing: Missing,
        datasources: DatasourceService,
        age: Callable[[str], float | None],
        *,
        node: str,
        held: Callable[[], int | None],
        check: Check | None = None,
        others: bool = False,
        delay: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`age`: seconds since a datasource was read, None when it never was. Raises ActionSettingInvalid."""
        self._database, self._live = database, live
        self.local_check = LocalCheck(live, where, missing)
        self.executor = Executor(
            database,
            settings(conf),
            held=held,
            check=check or self.local_check,
            act=Acting(datasources),
            age=age,
            node=node,
        )
        self.ledger = Ledger(database, self.executor.wake)
        self._counting = Counting(self.ledger, held)
        self.history = History(database)
        self.violations = Violations(database)
        self.events = EventLog(database)
        self.recorder = Recorder(
            database,
            live,
            where,
            missing,
            watching(conf.engine.watched_tables),
            node=node,
            on_recorded=Proposing(self.executor.wake),
            on_stored=self.events.wake,
            explain=Moments(live.workspace, age, conf.history.explain_nodes, conf.history.explain_seconds).explain,
            grace=conf.history.grace if others else 0.0,
            compare_period=conf.history.compare_period if others else None,
        )
        retention = Retention(database, conf.history.keep_days, conf.actions.keep_days)
        self._changelog = ChangeLog(self.recorder, delay=delay, purge=retention)
        self.paused = False
        """Whether actions are stopped everywhere, as last read."""
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._look, name="pause", daemon=True)

    def start(self, *, acts: bool) -> None:
        """Begin to record; call it before the first data arrive. `acts`: whether this node may ever act."""
        self._changelog.start(self._live)
        self._counting.start(lambda: self.paused)
        self._watch.start()
        if acts:
            self.executor.start()

    def stop(self) -> None:
        """Begin no more actions, store what was seen, and end."""
        self._stopping.set()
        self.executor.stop()
        self._changelog.stop()
        if self._watch.is_alive():
            self._watch.join(1.0)

    def _look(self) -> None:
        while not self._stopping.wait(0.5):
            try:
                paused = self.ledger.control().paused
                self._counting.look()
            except Exception as error:  # the database may be away for a while
                LOG.debug("whether actions are paused is not known: %s", error)
                continue
            if paused != self.paused:
                LOG.warning("actions are %s", "paused" if paused else "resumed")
            self.paused = paused


def settings(conf: cfg.ConfigOpts) -> Settings:
    """What the configuration says about actions. Raises ActionSettingInvalid."""
    chosen = conf.actions
    return Settings(
        enabled=conf.enable_execute_action,
        concurrency=chosen.concurrency,
        attempts=chosen.attempts,
        retry_delay=chosen.retry_delay,
        data_age=chosen.data_age,
        data_ages=pairs("data_ages", chosen.data_ages, float),
        at_least_once=tuple(chosen.at_least_once),
        rate=chosen.rate,
        rates={name: int(number) for name, number in pairs("rates", chosen.rates, int).items()},
        rate_period=chosen.rate_period,
        failures=chosen.failures,
        rest=chosen.rest,
        expiry=chosen.expiry,
    )
