"""Which datasource is run by what, and which lazy tables are polled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from congress.bus.memory import MemoryBus
from congress.bus.publisher import Publisher
from congress.bus.updates import Publish
from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver, Option
from congress.datasources.errors import DatasourceNotRunning, TableNotPolled
from congress.datasources.running import Running
from tests.waiting import until


class TwoTables(Driver):
    id = "two"
    description = "A root table with a child"
    options = (Option("lazy_tables"), Option("broken"))

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        if config.get("broken"):
            raise RuntimeError("constructor failed")

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {"root": (Column("x"),), "root.child": (Column("x"),), "other": (Column("x"),)}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {"root": ("root", "root.child"), "other": ("other",)}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        return {}


class Recorder:
    """Stands for a runner; remembers what was asked of it."""

    def __init__(self, name: str, driver: Driver, publish: Publish, epoch: int) -> None:
        self.epoch = epoch
        self.asked: list[str] = []

    def start(self) -> None:
        self.asked.append("start")

    def stop(self, timeout: float = 5.0) -> None:
        self.asked.append("stop")

    def request_refresh(self) -> None:
        self.asked.append("refresh")

    def request_snapshot(self, table: str) -> None:
        self.asked.append(f"snapshot {table}")

    def activate(self, table: str) -> None:
        self.asked.append(f"activate {table}")

    def push(self, table: str, objects: Sequence[Any], keep: Callable[[], None] = lambda: None) -> None:
        self.asked.append(f"push {table}")

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self.asked.append(f"execute {action}")

    def status(self) -> dict[str, str]:
        return {"last_error": "None"}

    def age(self) -> float | None:
        return None

    def rows(self, table: str) -> frozenset[Row] | None:
        return None


class World:
    def __init__(self) -> None:
        self.made: list[Recorder] = []
        self.running = Running(Publisher(MemoryBus()), self._make)

    def _make(self, name: str, driver: Driver, publish: Publish, epoch: int) -> Recorder:
        self.made.append(Recorder(name, driver, publish, epoch))
        return self.made[-1]


def test_a_lazy_group_is_polled_once_somebody_needs_one_of_its_tables() -> None:
    world = World()
    world.running.start("d", TwoTables, {"lazy_tables": "root"})
    for table in ("root", "root.child"):
        with pytest.raises(TableNotPolled):
            world.running.refuse_lazy("d", table)
    world.running.refuse_lazy("d", "other")
    world.running.activate(["elsewhere:root", "d:other"])
    assert world.made[0].asked == ["start"]
    world.running.activate(["d:root.child"])
    world.running.activate(["d:root.child", "d:root"])
    assert world.made[0].asked == ["start", "activate root.child"]
    world.running.refuse_lazy("d", "root")


def test_a_driver_that_fails_to_begin_stands_idle_with_the_reason() -> None:
    world = World()
    world.running.start("d", TwoTables, {"broken": "yes"})
    assert world.running.status("d")["last_error"] == "constructor failed"
    with pytest.raises(DatasourceNotRunning, match="constructor failed"):
        world.running.runner("d")


def test_a_runner_that_replaces_another_has_a_higher_epoch() -> None:
    world = World()
    world.running.start("d", TwoTables, {})
    world.running.stop("d")
    world.running.start("d", TwoTables, {})
    until(lambda: "stop" in world.made[0].asked)
    assert world.made[0].epoch < world.made[1].epoch


def test_all_runners_stop_together() -> None:
    world = World()
    for name in ("a", "b"):
        world.running.start(name, TwoTables, {})
    world.running.stop_all()
    assert all(recorder.asked[-1] == "stop" for recorder in world.made)
    assert world.running.status("a")["last_error"] == "not run on this node"
