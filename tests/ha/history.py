"""What clients did and were told while things broke, in the order of time: the evidence that checkers judge."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["ok", "refused", "unknown"]
"""ok: a 2xx answer; refused: a 4xx answer, nothing may have happened; unknown: 5xx or no answer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One request. `began` and `ended`: seconds of a clock that never jumps; `number`: what was written or read about;
    `numbers`: what a reading showed; `revision`: what the answer said, `minimum`: what the request asked for;
    `through`: the address asked; `attempts`: 2 when it was retried."""

    client: str
    kind: Literal["rule", "rows", "read"]
    began: float
    ended: float
    outcome: Outcome
    status: int = 0
    number: int = 0
    numbers: tuple[int, ...] = ()
    revision: int | None = None
    minimum: int | None = None
    through: str = ""
    attempts: int = 1


class History:
    """Safe to add to from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []

    def add(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)

    def __iter__(self) -> Iterator[Event]:
        with self._lock:
            return iter(sorted(self._events, key=lambda event: event.ended))

    def of(self, kind: str) -> list[Event]:
        """The events of one kind, by the end of their requests."""
        return [event for event in self if event.kind == kind]

    def gap(self, kind: str, since: float) -> float:
        """The longest time between two successes of a kind, from `since` on: how long the service was out."""
        times = [since, *(event.ended for event in self.of(kind) if event.outcome == "ok" and event.ended >= since)]
        return max((later - earlier for earlier, later in zip(times, times[1:], strict=False)), default=0.0)

    def outage(self, kind: str, since: float) -> float:
        """The longest time that a client tried in vain: from the beginning of a request to the end of the first one
        that succeeded. Of the requests of a kind that ended after `since`."""
        longest, trying = 0.0, dict[str, float]()
        for event in self.of(kind):
            began = trying.setdefault(event.client, event.began)
            if event.outcome == "ok":
                del trying[event.client]
                longest = max(longest, event.ended - began) if event.ended >= since else longest
        return longest

    def save(self, file: Path) -> None:
        """One event per line, as JSON."""
        file.write_text("".join(json.dumps(asdict(event)) + "\n" for event in self))
