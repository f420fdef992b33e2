"""Keeps a site running as its supervisors would, and tells what changes: who works, who is ready, what was ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from demo.ha.galera import Database
from demo.ha.machines import Process
from demo.ha.site import Site

RESTART_SECONDS = 20.0
"""An ended server is started again after so long: there is time to see how the others do without it."""


class Keeper:
    """Call `look` now and then."""

    def __init__(self, site: Site, restart: float = RESTART_SECONDS) -> None:
        self._site, self._restart = site, restart
        self._ended: dict[str, float] = {}
        self._seen: dict[str, Any] = {}

    def look(self) -> Iterator[str]:
        """What changed since the last look, a sentence each; starts again what ended long enough ago."""
        yield from self._look_at_processes()
        for name, state in self._site.proxy.states().items():
            up_or_down = state.split()[0]  # `UP 1/2` is still up, and may go down
            if self._changed(f"state of {name}", up_or_down):
                yield f"{name} is {up_or_down} for the load balancer"
        yield from self._look_at_leases()

    def _look_at_processes(self) -> Iterator[str]:
        now = time.monotonic()
        for name, (process, start) in self._servers().items():
            if process().running:
                self._ended.pop(name, None)
            elif name not in self._ended:
                self._ended[name] = now
                yield f"{name} has ended; it is started again in {self._restart:g} s"
            elif now - self._ended[name] > self._restart:
                start()
                self._ended.pop(name)
                yield f"{name} is started again: kill -9 -- -{process().pid}"

    def _servers(self) -> dict[str, tuple[Callable[[], Process], Callable[[], None]]]:
        site = self._site
        found: dict[str, tuple[Callable[[], Process], Callable[[], None]]] = {}
        for name, database in site.databases.items():
            found[name] = (lambda database=database: database.process, lambda database=database: self._join(database))  # type: ignore[misc]
        for name, broker in site.brokers.items():
            found[name] = (lambda broker=broker: broker.process, broker.start)  # type: ignore[misc]
        for name, node in site.nodes.items():
            found[name] = (lambda node=node: node.process, node.start)  # type: ignore[misc]
        found["proxy"] = (lambda: site.proxy.process, site.proxy.process.start)
        return found

    def _join(self, database: Database) -> None:
        """Start a database node. When none is left, the one that had come furthest founds the cluster again."""
        if any(other.process.running for other in self._site.databases.values()):
            database.start()
            return
        furthest = max(self._site.databases.values(), key=Database.position)
        furthest.may_found()
        furthest.start(bootstrap=True)

    def _look_at_leases(self) -> Iterator[str]:
        try:
            leases = self._site.status()["leases"]
        except requests.RequestException:
            return
        for lease in leases:
            if self._changed(lease["name"], (lease["holder"], lease["epoch"])):
                yield f"{lease['holder']} holds the lease {lease['name']}, epoch {lease['epoch']}"

    def _changed(self, what: str, value: Any) -> bool:
        before, self._seen[what] = self._seen.get(what), value
        return before != value
