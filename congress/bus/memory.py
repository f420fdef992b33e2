"""The bus inside one process: a publication returns when every subscriber has taken it in."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from congress.bus.answering import Handlers, unwrapped
from congress.bus.contract import BusTimeout, Handler, Message, Receive


class Hub:
    """Connects the nodes of one process. A process has one node; tests have several."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, MemoryBus] = {}

    def join(self, bus: MemoryBus) -> None:
        with self._lock:
            self._nodes = {**self._nodes, bus.node: bus}

    def leave(self, bus: MemoryBus) -> None:
        with self._lock:
            self._nodes = {node: each for node, each in self._nodes.items() if each is not bus}

    def publish(self, topic: str, message: Message) -> None:
        """Deliver to all; then raise the first of what they raised."""
        failure: Exception | None = None
        for bus in self._nodes.values():
            try:
                bus.receive(topic, message)
            except Exception as error:  # one receiver's trouble is not another's
                failure = failure or error
        if failure is not None:
            raise failure

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        bus = self._nodes.get(node)
        if bus is None:
            raise BusTimeout(node, method, timeout)
        return unwrapped(bus.handlers.answer(method, arguments))


class MemoryBus:
    """One node's end of a hub; calls are answered in the caller's thread, so they take as long as they take."""

    local = True

    def __init__(self, node: str = "local", hub: Hub | None = None) -> None:
        self.node = node
        self.handlers = Handlers()
        self._hub = hub or Hub()
        self._lock = threading.Lock()
        self._receivers: dict[str, tuple[Receive, ...]] = {}
        self._hub.join(self)

    def start(self) -> None:
        self._hub.join(self)

    def stop(self) -> None:
        self._hub.leave(self)

    def publish(self, topic: str, message: Message) -> None:
        self._hub.publish(topic, message)

    def subscribe(self, topic: str, receive: Receive) -> None:
        with self._lock:
            self._receivers = {**self._receivers, topic: (*self._receivers.get(topic, ()), receive)}

    def receive(self, topic: str, message: Message) -> None:
        """Hand a message to this node's subscribers."""
        for receive in self._receivers.get(topic, ()):
            receive(message)

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        self.handlers.add(handlers)

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        return self._hub.call(node, method, arguments, timeout)
