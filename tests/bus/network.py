"""A network under the test's control: what was sent waits until the test delivers, doubles, reorders or drops it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from congress.bus.answering import unwrapped
from congress.bus.contract import BusTimeout, Message
from congress.bus.memory import Hub, MemoryBus
from congress.bus.publications import Position, TableKey
from congress.bus.publisher import Publisher, PublisherOptions
from congress.bus.subscriber import ShownPosition, Subscriber, SubscriberOptions
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row


class RemoteBus(MemoryBus):
    """A node's end that could as well be in another process."""

    local = False


class Network(Hub):
    """Holds messages in one list for each node; calls are answered unless a node is cut off. All is sent as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, list[tuple[str, str]]] = {}
        self.cut: set[str] = set()
        self.calls = 0

    def bus(self, node: str) -> RemoteBus:
        self.waiting[node] = []
        return RemoteBus(node, self)

    def publish(self, topic: str, message: Message) -> None:
        for waiting in self.waiting.values():
            waiting.append((topic, json.dumps(message)))

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        self.calls += 1
        if node in self.cut or arguments["node"].split("/")[0] in self.cut or node not in self._nodes:
            raise BusTimeout(node, method, timeout)
        result = self._nodes[node].handlers.answer(method, json.loads(json.dumps(arguments)))
        return unwrapped(json.loads(json.dumps(result)))

    def deliver(self, node: str, place: int = 0) -> None:
        topic, text = self.waiting[node].pop(place)
        self._nodes[node].receive(topic, json.loads(text))

    def deliver_all(self) -> None:
        while any(self.waiting.values()):
            for node, waiting in self.waiting.items():
                if waiting:
                    self.deliver(node)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Rows:
    """A target: the tables of one engine. `absent` are sources that it does not know, `heavy` tables it cannot take."""

    def __init__(self) -> None:
        self.tables: dict[TableKey, frozenset[Row]] = {}
        self.position: Position | None = None
        self.absent: set[str] = set()
        self.heavy: set[TableKey] = set()

    def apply(self, updates: tuple[TableUpdate, ...], position: ShownPosition) -> frozenset[TableKey]:
        after = dict(self.tables)
        unplaced = set()
        for update in updates:
            key = (update.source, update.table)
            if key in self.heavy:
                raise RuntimeError(f"{key} is too much")
            if update.source in self.absent:
                unplaced.add(key)
            elif update.kind == "snapshot":
                after[key] = update.inserted
            else:
                assert update.deleted <= after[key]
                assert not update.inserted & after[key]
                after[key] = (after[key] - update.deleted) | update.inserted
        self.tables, self.position = after, position()
        return frozenset(unplaced)

    def show(self, position: ShownPosition) -> None:
        self.position = position()

    def count(self, source: str, table: str) -> int | None:
        return None if source in self.absent else len(self.tables.get((source, table), ()))


class Engine:
    """A subscriber whose thread is the test."""

    def __init__(self, network: Network, clock: Clock, node: str, **options: Any) -> None:
        self.node, self.rows = node, Rows()
        bus = network.bus(node)
        self.subscriber = Unthreaded(bus, self.rows, SubscriberOptions(**options), clock=clock)
        self.subscriber.start()

    def shows(self, table: str = "t", source: str = "d") -> set[Row] | None:
        found = self.rows.tables.get((source, table))
        return None if found is None else set(found)


class Unthreaded(Subscriber):
    def start(self) -> None:
        self._thread.start = lambda: None  # type: ignore[method-assign]
        super().start()


def publisher(network: Network, clock: Clock, node: str, **options: Any) -> Publisher:
    """A publisher whose thread is the test."""
    bus = network.bus(node)
    bus.local = True  # only so that `start` starts no thread
    made = Publisher(bus, PublisherOptions(**options), clock=clock)
    made.start()
    bus.local = False
    return made


def update(
    sequence: int,
    inserted: Mapping[Any, Any] | set[Any],
    deleted: set[Any] | None = None,
    *,
    table: str = "t",
    epoch: int = 1,
) -> TableUpdate:
    """A delta of one-cell rows of table `t`; a snapshot if nothing is said of deleted ones."""
    return TableUpdate(
        "d",
        table,
        epoch,
        sequence,
        "snapshot" if deleted is None else "delta",
        frozenset((cell,) for cell in inserted),
        frozenset((cell,) for cell in deleted or ()),
    )
