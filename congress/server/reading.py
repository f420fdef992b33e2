"""The role `datasources`: reads the clouds and acts on them while this node holds the lease, or waits warm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from congress.bus.contract import Bus
from congress.bus.publisher import Publisher, PublisherOptions
from congress.bus.updates import Publish
from congress.datasources import needs
from congress.datasources.ages import Teller
from congress.datasources.contract import Driver, Runner
from congress.datasources.host import Host
from congress.datasources.limits import Limits
from congress.datasources.notifications import Hearing
from congress.datasources.runner import DatasourceRunner
from congress.datasources.running import Running
from congress.datasources.secrets import Secrets
from congress.db.session import Database

LOG = logging.getLogger(__name__)


class Reading:
    """Between `begin` and `end` this node is the one that reads. `held` is asked before each act for the lease's epoch,
    None when it is lost."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        drivers: Mapping[str, type[Driver]],
        secrets: Secrets,
        held: Callable[[], int | None],
        options: PublisherOptions | None = None,
        *,
        limits: Limits | None = None,
        hearing: Hearing | None = None,
    ) -> None:
        self._held, self._limits = held, limits
        self.publisher = Publisher(bus, options, holds=lambda: held() is not None)
        self._running = Running(self.publisher, self._runner, hearing)
        self.host = Host(database, drivers, secrets, self._running, self.publisher.position)
        self._teller = Teller(bus, held, self._running.ages)
        bus.serve(self.host.handlers())
        bus.subscribe(needs.TOPIC, lambda message: self.host.want(needs.needed(message)))

    def start(self) -> None:
        """Be ready to read."""
        self.publisher.start()
        self._teller.start()

    def begin(self, epoch: int) -> None:
        """Read and publish, under a lease of this epoch."""
        LOG.info("this node reads the datasources, under epoch %d", epoch)
        self.publisher.begin(epoch)
        self.host.begin(epoch)
        self._teller.tell()

    def end(self) -> None:
        """Read and publish no more. Idempotent."""
        self.publisher.end()
        self.host.end()

    def stop(self) -> None:
        """End for good."""
        self._teller.stop()
        self.end()
        self.publisher.stop()

    def _runner(self, name: str, driver: Driver, publish: Publish, epoch: int) -> Runner:
        def tell() -> None:
            age = runner.age()
            if age is not None:
                self._teller.tell({name: age})

        runner = DatasourceRunner(name, driver, publish, epoch=epoch, limits=self._limits, on_updated=tell)
        return runner
