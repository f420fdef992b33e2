"""Messages on their way to the broker: sent by threads of its own, so that a stalled broker keeps nobody waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_MESSAGES = metrics.observed("congress_bus_outbox_messages", "Messages that wait for the broker to take them.")
_LOST = metrics.counter("congress_bus_lost_messages_total", "Messages that were dropped because the broker took none.")


class Outbox:
    """Sends in order, as long as the broker takes each message soon. Holds so many characters at most; then the oldest
    message is lost, which receivers notice.

    A send may hang for as long as it takes to find a connection dead: a stream whose leader died never confirms what
    it was sent last. After `patience` another thread goes on, with the same message, since receivers drop doubles; the
    thread that hung ends when its send does. Each further one waits longer, so that few of them try all the time.
    """

    def __init__(
        self, send: Callable[[str, dict[str, object]], None], most: int, patience: float = 0.5, threads: int = 6
    ) -> None:
        """`send(topic, message)` may take as long as it likes and raise; what it raises is logged. `most`: characters
        held; `patience`: seconds; `threads`: how many sends may hang at once."""
        self._send, self._most, self._patience, self._threads = send, most, patience, threads
        self._condition = threading.Condition()
        self._messages: deque[tuple[str, dict[str, object], int]] = deque()
        self._size = self.lost = 0
        self._hanging: set[object] = set()
        self._sender: object = None
        self._current: tuple[str, dict[str, object], int] | None = None
        self._since: float | None = None
        self._stopped = False

    def start(self) -> None:
        _MESSAGES.follow(lambda: {(): float(len(self._messages))})
        threading.Thread(target=self._watch, name="bus-outbox-watch", daemon=True).start()

    def stop(self, timeout: float = 1.0) -> None:
        """Send what is left, as far as there is time."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: not self._messages and self._since is None, timeout)

    def put(self, topic: str, message: dict[str, object]) -> None:
        """Send a message soon."""
        size = _size(message)
        with self._condition:
            self._messages.append((topic, message, size))
            self._size += size
            while self._size > self._most and len(self._messages) > 1:
                self._size -= self._messages.popleft()[2]
                self.lost += 1
                _LOST.inc()
                if self.lost & (self.lost - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...
                    LOG.warning("the broker does not take messages; %d were dropped so far", self.lost)
            self._condition.notify_all()

    def _watch(self) -> None:
        """Keep a sender that does not hang."""
        with self._condition:
            while not (self._stopped and not self._messages):
                if self._sender is None or self._late():
                    if self._sender is not None and self._current is not None:
                        self._hanging.add(self._sender)
                        self._messages.appendleft(self._current)
                        self._size += self._current[2]
                    self._sender, self._since = object(), None
                    threading.Thread(target=self._work, args=(self._sender,), name="bus-outbox", daemon=True).start()
                self._condition.wait(self._patience / 2 if self._since is not None else None)

    def _late(self) -> bool:
        patience = self._patience * (1 + len(self._hanging))
        late = self._since is not None and time.monotonic() - self._since >= patience
        return late and len(self._hanging) < self._threads - 1

    def _work(self, me: object) -> None:
        while (next_one := self._next(me)) is not None:
            topic, message = next_one
            try:
                self._send(topic, message)
            except Exception as error:  # the message is lost, which receivers notice; the next one may get through
                LOG.warning("a message on topic '%s' could not be sent: %s", topic, error)

    def _next(self, me: object) -> tuple[str, dict[str, object]] | None:
        with self._condition:
            if me is self._sender:
                self._since = None
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._messages or self._stopped or me is not self._sender)
            if me is not self._sender or not self._messages:
                self._hanging.discard(me)
                return None
            self._current = topic, message, size = self._messages.popleft()
            self._size -= size
            self._since = time.monotonic()
            self._condition.notify_all()
            return topic, message


def _size(message: dict[str, object]) -> int:
    return 500 + sum(len(value) for value in message.values() if isinstance(value, str | list))
