"""The configuration of the cloud's hosts, as `congress-cfg-validator-agt` reports it from each of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from congress.datalog.values import Row
from congress.datasources.configreport import TABLES, checked, rows_of
from congress.datasources.contract import Column, Driver, Option, UnknownTableGroup
from congress.datasources.options import LAZY_TABLES, POLL_TIME, Seconds


class ConfigDriver(Driver):
    """17 tables, filled from the last report of each host; agents push reports into table `host`.

    Another report of a host takes the place of its last one; the other hosts' rows stay. `clock` is for tests.
    """

    id = "config"
    description = "Options and values in the configuration files of hosts that run congress-cfg-validator-agt"
    options = (
        POLL_TIME._replace(description="Accepted and without effect: the agents send when something changed"),
        LAZY_TABLES._replace(description="Tables that cannot be read until a rule names them"),
        Option(
            "forget_after",
            description="Seconds after which a host that sent nothing is forgotten when another one sends; 0 is never",
            type=Seconds(),
            default="3600",
        ),
    )
    polls = False

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._forget_after: float = self.settings["forget_after"]
        self.clock: Callable[[], float] = time.monotonic
        self._receiving = threading.Lock()
        self._hosts: dict[str, tuple[float, Mapping[str, Iterable[Row]]]] = {}

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return TABLES

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {"host": tuple(TABLES)}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        raise UnknownTableGroup(f"datasource '{self.name}' is pushed to; nothing can be fetched")

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        """The rows of all tables after these reports, those of the other hosts included; no reports forget all hosts.

        Raises UnknownTableGroup, BadPushedData.
        """
        if table != "host":
            raise UnknownTableGroup(f"datasource '{self.name}' takes reports of agents in table 'host', not '{table}'")
        reports = [checked(number, each) for number, each in enumerate(objects)]
        now = self.clock()
        with self._receiving:
            if not reports:
                self._hosts.clear()
            self._hosts.update({report["host"]: (now, rows_of(report)) for report in reports})
            if self._forget_after:
                self._hosts = {
                    host: known for host, known in self._hosts.items() if now - known[0] <= self._forget_after
                }
            found: dict[str, set[Row]] = {name: set() for name in TABLES}
            for _at, tables in self._hosts.values():
                for name, rows in tables.items():
                    found[name].update(rows)
        return found
