"""Messages on their way to the broker: sent by a thread of its own, so that a stalled broker keeps nobody waiting."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

LOG = logging.getLogger(__name__)


class Outbox:
    """Sends in order. Holds so many characters at most; then the oldest message is lost, which receivers notice."""

    def __init__(self, send: Callable[[str, dict[str, object]], None], most: int) -> None:
        """`send(topic, message)` may take as long as it likes and raise; what it raises is logged."""
        self._send, self._most = send, most
        self._condition = threading.Condition()
        self._messages: deque[tuple[str, dict[str, object], int]] = deque()
        self._size = self.lost = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="bus-outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Send what is left, as far as there is time."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def put(self, topic: str, message: dict[str, object]) -> None:
        """Send a message soon."""
        size = _size(message)
        with self._condition:
            self._messages.append((topic, message, size))
            self._size += size
            while self._size > self._most and len(self._messages) > 1:
                self._size -= self._messages.popleft()[2]
                self.lost += 1
                if self.lost & (self.lost - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...
                    LOG.warning("the broker does not take messages; %d were dropped so far", self.lost)
            self._condition.notify()

    def _loop(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._messages or self._stopped)
                if not self._messages:
                    return
                topic, message, size = self._messages.popleft()
                self._size -= size
            try:
                self._send(topic, message)
            except Exception as error:  # the message is lost, which receivers notice; the next one may get through
                LOG.warning("a message on topic '%s' could not be sent: %s", topic, error)


def _size(message: dict[str, object]) -> int:
    return 500 + sum(len(value) for value in message.values() if isinstance(value, str | list))
