from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from congress.bus.memory import MemoryBus
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live, watching


class World:
    """A workspace with one datasource `d` and table `t`, fed over a bus."""

    def __init__(self) -> None:
        self.live = Live(Workspace(watch=watching(["error"])))
        with self.live.transaction() as change:
            change.set_datasource("d", {"t": ["x"], "u": ["x"]})
        self.asked: list[tuple[str, str]] = []
        self.feed = Feed(self.live, lambda source, table: self.asked.append((source, table)))
        self.bus = MemoryBus()
        self.bus.subscribe(self.feed.receive)

    def send(
        self, kind: Any, sequence: int, inserted: Iterable[Row], deleted: Iterable[Row] = (), epoch: int = 1
    ) -> None:
        update = TableUpdate("d", "t", epoch, sequence, kind, frozenset(inserted), frozenset(deleted))
        self.bus.publish((update,))

    @property
    def rows(self) -> list[Row]:
        return self.live.workspace.rows("d", "t")


@pytest.fixture
def world() -> World:
    return World()


def test_snapshots_and_deltas_in_order_are_applied(world: World) -> None:
    world.send("snapshot", 1, {(1,), (2,)})
    world.send("delta", 2, {(3,)}, {(1,)})
    assert world.rows == [(2,), (3,)]
    world.send("snapshot", 3, {(9,)})
    assert world.rows == [(9,)]
    assert world.asked == []


def test_a_missing_update_is_noticed_and_nothing_is_guessed(world: World) -> None:
    world.send("snapshot", 1, {(1,)})
    world.send("delta", 3, {(3,)})
    assert world.rows == [(1,)]
    assert world.asked == [("d", "t")]
    world.send("snapshot", 4, {(1,), (2,), (3,)})
    assert world.rows == [(1,), (2,), (3,)]


def test_a_delta_before_any_snapshot_asks_for_one(world: World) -> None:
    world.send("delta", 1, {(1,)})
    assert world.asked == [("d", "t")]
    assert world.rows == []


def test_repeated_and_late_updates_are_dropped(world: World) -> None:
    world.send("snapshot", 1, {(1,)})
    world.send("delta", 2, {(2,)})
    world.send("delta", 2, {(2,)})
    world.send("snapshot", 1, set())
    assert world.rows == [(1,), (2,)]


def test_a_replaced_publisher_is_not_listened_to(world: World) -> None:
    world.send("snapshot", 1, {(1,)}, epoch=2)
    world.send("snapshot", 9, set(), epoch=1)
    assert world.rows == [(1,)]
    world.feed.expect("d", 3)
    world.send("snapshot", 9, set(), epoch=2)
    assert world.rows == [(1,)]
    world.send("snapshot", 1, {(3,)}, epoch=3)
    assert world.rows == [(3,)]


def test_updates_of_a_datasource_that_is_gone_are_dropped(world: World) -> None:
    with world.live.transaction() as change:
        change.remove_datasource("d")
    world.send("snapshot", 1, {(1,)})
    assert [info.name for info in world.live.workspace.policies()] == []


def test_a_publication_of_several_tables_is_seen_whole(world: World) -> None:
    with world.live.transaction() as change:
        change.create_policy("p")
        change.insert_rules("p", ["error(x) :- d:t(x), not d:u(x)"])
    both = tuple(TableUpdate("d", table, 1, 1, "snapshot", frozenset({(1,)})) for table in ("t", "u"))
    world.bus.publish(both)
    assert world.live.changes("p", 0) == ([], 0, True)


def test_a_failing_receiver_is_told_to_the_publisher(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken() -> Iterator[Any]:
        raise RuntimeError("disk full")
        yield

    monkeypatch.setattr(world.live, "transaction", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        world.send("snapshot", 1, {(1,)})
    monkeypatch.undo()
    world.send("snapshot", 1, {(1,)})
    assert world.rows == [(1,)]
