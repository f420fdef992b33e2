"""The runners of one node: which datasource is run by what, or why it is not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from congress.bus.updates import Publish, TableUpdate
from congress.datasources.contract import Driver, Runner
from congress.datasources.errors import DatasourceNotRunning, TableNotPolled
from congress.datasources.notifications import Hearing
from congress.datasources.options import LAZY_TABLES
from congress.datasources.own import DATASOURCES, OwnDriver
from congress.datasources.schedule import written
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
REPORT_SECONDS: Final = 5.0
"""How often the state of the datasources is said again when it is as before."""

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
    driver: type[Driver]
    groups: Mapping[str, tuple[str, ...]]
    lazy: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Idle:
    """A datasource that does not run, and why; `driver` is the id of its driver."""

    reason: str
    driver: str
    since: str


class Running:
    """Starts and stops runners by datasource name. `start` and `stop` of one name are not called at the same time."""

    def __init__(self, stream: Stream, make_runner: MakeRunner, hearing: Hearing | None = None) -> None:
        self._stream, self._make_runner, self._hearing = stream, make_runner, hearing or Hearing()
        self._reported: tuple[float, list[dict[str, Any]]] = (float("-inf"), [])
        self._known: dict[str, _Run | _Idle] = {}

    def start(self, name: str, driver: type[Driver], config: Mapping[str, str]) -> None:
        """Run a datasource; when its driver does not take the configuration it stands idle and says why."""
        epoch = self._stream.starts(name)
        try:
            made = driver(name, config)
            runner = self._make_runner(name, made, self._stream.publish, epoch)
            if made.object_keys():
                self._hearing.join(name, config.get("notification_url"), runner.hint, runner.request_refresh)
        except Exception as error:  # a driver's constructor is foreign code: its failure must not stop the others
            LOG.error("datasource %s cannot run: %s", name, error, exc_info=not isinstance(error, CongressError))
            self.stand_idle(name, str(error), driver.id)
            return
        lazy = set(LAZY_TABLES.of(config))
        groups = driver.configured_groups(config)
        self._known[name] = _Run(runner, driver, groups, _listed_with(groups, lazy))
        runner.start()

    def stand_idle(self, name: str, reason: str, driver: str = "") -> None:
        """Remember why a datasource does not run."""
        self._known[name] = _Idle(reason, driver, written(datetime.now(UTC)))

    def stop(self, name: str) -> None:
        """Stop a datasource's runner, without waiting for a cloud that is slow to answer; take nothing more from it."""
        found = self._known.pop(name, None)
        self._stream.ends(name)
        self._hearing.leave(name)
        if isinstance(found, _Run):
            threading.Thread(target=found.runner.stop, name=f"stop-{name}", daemon=True).start()

    def stop_all(self) -> None:
        """Stop all runners, side by side, so that one slow cloud does not hold up the others."""
        found = [each for each in self._known.values() if isinstance(each, _Run)]
        for name in self._known:
            self._hearing.leave(name)
        self._known.clear()
        self._reported = (float("-inf"), [])
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

    def status(self, name: str) -> dict[str, Any]:
        """The runner's status; that of a datasource that does not run has the reason as `last_error`."""
        found = self._known.get(name)
        if isinstance(found, _Run):
            return found.runner.status()
        return not_running(self._reason(found), _state(found), found.since if found else "None")

    def report(self, name: str) -> None:
        """Put the state of all datasources into the tables of the one of this name, our own. Raises what its runner's
        `push` raises."""
        own = self._known.get(name)
        if not isinstance(own, _Run) or own.driver is not OwnDriver:
            return
        found = [_reported(each, state) for each, state in sorted(self._known.items()) if each != name]
        at, before = self._reported
        now = time.monotonic()
        if found != before or now - at > REPORT_SECONDS:
            own.runner.push(DATASOURCES, found)
            self._reported = (now, found)

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
                self._known[name] = _Run(
                    found.runner, found.driver, found.groups, found.lazy - _listed_with(found.groups, needed)
                )

    def refuse_lazy(self, name: str, table: str) -> None:
        """Raises TableNotPolled when the table is lazy and nobody needed it yet."""
        found = self._known.get(name)
        if isinstance(found, _Run) and table in found.lazy:
            raise TableNotPolled(table, name)

    @staticmethod
    def _reason(found: _Run | _Idle | None) -> str:
        return found.reason if isinstance(found, _Idle) else "not run on this node"


def not_running(reason: str, state: str = "unknown", since: str = "None") -> dict[str, Any]:
    """The status of a datasource that nothing runs here, or of which nobody can tell."""
    return {
        "last_updated": "None",
        "last_error": reason,
        "number_of_updates": "0",
        "initialized": "False",
        "state": state,
        "since": since,
        "tables": {},
    }


def _state(found: _Idle | None) -> str:
    return "disabled" if found is not None and found.reason == "disabled" else "idle"


def _reported(name: str, found: _Run | _Idle) -> dict[str, Any]:
    if isinstance(found, _Idle):
        told = {"state": _state(found), "since": found.since, "error": found.reason, "driver": found.driver}
        return {"name": name, **told, "tables": {}}
    status = found.runner.status()
    tables = {table: str(each["state"]) for table, each in status["tables"].items()}
    told = {"state": status["state"], "since": status["since"], "error": status["last_error"]}
    return {"name": name, "driver": found.driver.id, **told, "tables": tables}


def _listed_with(groups: Mapping[str, tuple[str, ...]], tables: Iterable[str]) -> frozenset[str]:
    """The tables, and all that are listed together with them."""
    wanted = set(tables)
    return frozenset(table for group in groups.values() if wanted.intersection(group) for table in group)
