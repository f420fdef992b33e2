"""Messages that came, on their way to who receives them: in order within a topic, and no topic waits for another."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

_END: Any = None


class Lanes:
    """A thread and a short queue for each topic. A topic whose receivers are slow holds up the others only when its
    queue is full, and then also the broker, which keeps what comes meanwhile."""

    def __init__(self, hand_over: Callable[[str, Mapping[str, Any]], None], most: int = 16) -> None:
        """`hand_over(topic, message)` may take as long as it likes, and raises nothing; `most`: messages of a topic
        that wait."""
        self._hand_over, self._most = hand_over, most
        self._lock = threading.Lock()
        self._waiting: dict[str, queue.Queue[Mapping[str, Any]]] = {}
        self._stopped = False

    def put(self, topic: str, message: Mapping[str, Any]) -> None:
        """Hand a message over soon, after those before it; waits while its topic is full."""
        with self._lock:
            if self._stopped:
                return
            if topic not in self._waiting:
                self._waiting[topic] = queue.Queue(self._most)
                threading.Thread(target=self._work, args=(topic,), name=f"bus-take-{topic}", daemon=True).start()
            lane = self._waiting[topic]
        lane.put(message)

    def stop(self) -> None:
        """Hand over nothing more than what is under way."""
        with self._lock:
            self._stopped = True
            lanes = list(self._waiting.values())
        for lane in lanes:
            try:
                while True:
                    lane.get_nowait()
            except queue.Empty:
                lane.put(_END)

    def _work(self, topic: str) -> None:
        lane = self._waiting[topic]
        while (message := lane.get()) is not _END:
            self._hand_over(topic, message)
