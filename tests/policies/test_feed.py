from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from congress.bus.memory import MemoryBus
from congress.bus.publications import Position, table_epoch
from congress.bus.publisher import NotThePublisher, Publisher
from congress.bus.subscriber import Subscriber
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live, watching

EPOCH = table_epoch(1, 1)


class World:
    """A workspace with one datasource `d` and tables `t` and `u`, fed over a bus in one process."""

    def __init__(self) -> None:
        self.live = Live(Workspace(watch=watching(["error"])))
        with self.live.transaction() as change:
            change.set_datasource("d", {"t": ["x"], "u": ["x"]})
        self.feed = Feed(self.live)
        bus = MemoryBus()
        self.publisher = Publisher(bus)
        self.subscriber = Subscriber(bus, self.feed)
        self.publisher.start()
        self.subscriber._thread.start = lambda: None  # type: ignore[method-assign]
        self.subscriber.start()
        self.publisher.begin(1)
        self.subscriber.step()

    def send(self, kind: Any, sequence: int, inserted: Iterable[Row], deleted: Iterable[Row] = ()) -> None:
        update = TableUpdate("d", "t", EPOCH, sequence, kind, frozenset(inserted), frozenset(deleted))
        self.publisher.publish((update,))

    @property
    def rows(self) -> list[Row]:
        return self.live.workspace.rows("d", "t")


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_published_is_shown_when_publish_returns(world: World) -> None:
    world.send("snapshot", 1, {(1,), (2,)})
    world.send("delta", 2, {(3,)}, {(1,)})
    assert world.rows == [(2,), (3,)]
    assert world.feed.position == world.subscriber.position() == Position(1, 2)


def test_a_publication_of_several_tables_is_seen_whole(world: World) -> None:
    with world.live.transaction() as change:
        change.create_policy("p")
        change.insert_rules("p", ["error(x) :- d:t(x), not d:u(x)"])
    both = tuple(TableUpdate("d", table, EPOCH, 1, "snapshot", frozenset({(1,)})) for table in ("t", "u"))
    world.publisher.publish(both)
    assert world.live.changes("p", 0) == ([], 0, True)


def test_updates_of_a_datasource_that_is_gone_are_dropped(world: World) -> None:
    with world.live.transaction() as change:
        change.remove_datasource("d")
    world.send("snapshot", 1, {(1,)})
    assert [info.name for info in world.live.workspace.policies()] == []
    assert world.feed.count("d", "t") is None


def test_a_datasource_that_is_declared_anew_gets_its_rows_again(world: World) -> None:
    world.send("snapshot", 1, {(1,)})
    with world.live.transaction() as change:
        change.remove_datasource("d")
        change.set_datasource("d", {"t": ["x"]})
        world.subscriber.forget("d")
    assert world.feed.position is None
    assert world.subscriber.missing([("d", "t")]) == {("d", "t")}
    world.subscriber.step()
    assert world.rows == [(1,)]
    assert world.feed.position == Position(1, 1)


def test_a_failing_receiver_is_told_to_the_publisher_and_tries_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def broken() -> Iterator[Any]:
        raise RuntimeError("disk full")
        yield

    monkeypatch.setattr(world.live, "transaction", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        world.send("snapshot", 1, {(1,)})
    assert world.feed.position is None
    monkeypatch.undo()
    world.subscriber.step()
    assert world.rows == [(1,)]
    assert world.feed.position == Position(1, 1)


def test_rows_count_without_being_looked_at(world: World) -> None:
    world.send("snapshot", 1, {(1,), (2,)})
    assert world.feed.count("d", "t") == 2
    assert world.feed.count("d", "elsewhere") is None


def test_what_cannot_get_lost_is_never_old(world: World) -> None:
    world.send("snapshot", 1, {(1,)})
    status = world.subscriber.status()["d", "t"]
    assert (status.epoch, status.sequence, status.rows, status.age) == (EPOCH, 1, 1, 0.0)


def test_who_does_not_hold_the_lease_publishes_nothing(world: World) -> None:
    world.publisher.end()
    with pytest.raises(NotThePublisher):
        world.send("snapshot", 1, {(1,)})
    assert world.rows == []
