"""The runners of one node: which datasource is run by what, or why it is not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from congress.bus.updates import Publish, TableUpdate
from congress.datasources.contract import Driver, Runner
from congress.datasources.errors import DatasourceNotRunning, TableNotPolled
from congress.datasources.options import LAZY_TABLES
from congress.errors import CongressError

LOG = logging.getLogger(__name__)

MakeRunner = Callable[[str, Driver, Publish, int], Runner]
"""(name, driver, publish, epoch) -> a runner that was not started yet."""


class Stream(Protocol):
    """Where the runners publish; a `congress.bus.publisher.Publisher`."""

    def publish(self, updates: tuple[TableUpdate, ...]) -> None:
        """Take the updates of one poll; raises when this node must not publish."""

    def starts(self, source: str) -> int:
        """The epoch of a datasource's tables from now on; what was published under a lower one is dropped."""

    def ends(self, source: str) -> None:
        """Drop what the datasource still publishes, and forget its tables."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A datasource that runs; `lazy` are its tables that nobody needed so far."""

    runner: Runner
    groups: Mapping[str, tuple[str, ...]]
    lazy: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Idle:
    """A datasource that does not run, and why."""

    reason: str


class Running:
    """Starts and stops runners by datasource name. `start` and `stop` of one name are not called at the same time."""

    def __init__(self, stream: Stream, make_runner: MakeRunner) -> None:
        self._stream, self._make_runner = stream, make_runner
        self._known: dict[str, _Run | _Idle] = {}

    def start(self, name: str, driver: type[Driver], config: Mapping[str, str]) -> None:
        """Run a datasource; when its driver does not take the configuration it stands idle and says why."""
        epoch = self._stream.starts(name)
        try:
            runner = self._make_runner(name, driver(name, config), self._stream.publish, epoch)
        except Exception as error:  # a driver's constructor is foreign code: its failure must not stop the others
            LOG.error("datasource %s cannot run: %s", name, error, exc_info=not isinstance(error, CongressError))
            self.stand_idle(name, str(error))
            return
        lazy = set(LAZY_TABLES.of(config))
        groups = driver.configured_groups(config)
        self._known[name] = _Run(runner, groups, _listed_with(groups, lazy))
        runner.start()

    def stand_idle(self, name: str, reason: str) -> None:
        """Remember why a datasource does not run."""
        self._known[name] = _Idle(reason)

    def stop(self, name: str) -> None:
        """Stop a datasource's runner, without waiting for a cloud that is slow to answer; take nothing more from it."""
        found = self._known.pop(name, None)
        self._stream.ends(name)
        if isinstance(found, _Run):
            threading.Thread(target=found.runner.stop, name=f"stop-{name}", daemon=True).start()

    def stop_all(self) -> None:
        """Stop all runners, side by side, so that one slow cloud does not hold up the others."""
        found = [each for each in self._known.values() if isinstance(each, _Run)]
        self._known.clear()
        threads = [threading.Thread(target=each.runner.stop, kwargs={"timeout": 1.0}, daemon=True) for each in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(1.5)

    def runner(self, name: str) -> Runner:
        """The runner of a datasource. Raises DatasourceNotRunning."""
        found = self._known.get(name)
        if isinstance(found, _Run):
            return found.runner
        raise DatasourceNotRunning(name, self._reason(found))

    def status(self, name: str) -> dict[str, str]:
        """The runner's status; that of a datasource that does not run has the reason as `last_error`."""
        found = self._known.get(name)
        if isinstance(found, _Run):
            return found.runner.status()
        reason = self._reason(found)
        return {"last_updated": "None", "last_error": reason, "number_of_updates": "0", "initialized": "False"}

    def ages(self) -> dict[str, float]:
        """Seconds since each datasource was last read without errors, or pushed into; those never read are missing."""
        runs = [(name, found.runner.age()) for name, found in list(self._known.items()) if isinstance(found, _Run)]
        return {name: age for name, age in runs if age is not None}

    def activate(self, tables: Iterable[str]) -> None:
        """Begin to poll those of the tables (`datasource:table`, others are ignored) that are lazy and wait."""
        wanted = set(tables)
        for name, found in list(self._known.items()):
            if not isinstance(found, _Run):
                continue
            needed = {table for table in found.lazy if f"{name}:{table}" in wanted}
            if needed:
                for table in sorted(needed):
                    found.runner.activate(table)
                self._known[name] = _Run(found.runner, found.groups, found.lazy - _listed_with(found.groups, needed))

    def refuse_lazy(self, name: str, table: str) -> None:
        """Raises TableNotPolled when the table is lazy and nobody needed it yet."""
        found = self._known.get(name)
        if isinstance(found, _Run) and table in found.lazy:
            raise TableNotPolled(table, name)

    @staticmethod
    def _reason(found: _Run | _Idle | None) -> str:
        return found.reason if isinstance(found, _Idle) else "not run on this node"


def _listed_with(groups: Mapping[str, tuple[str, ...]], tables: Iterable[str]) -> frozenset[str]:
    """The tables, and all that are listed together with them."""
    wanted = set(tables)
    return frozenset(table for group in groups.values() if wanted.intersection(group) for table in group)
