"""Messages that came are handed over in order, topic by topic."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from congress.bus.lanes import Lanes
from tests.waiting import until


class Receivers:
    """What was taken in; topic `slow` waits until it is let go."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, int]] = []
        self.free, self.called = threading.Event(), threading.Event()

    def __call__(self, topic: str, message: Mapping[str, Any]) -> None:
        self.called.set()
        if topic == "slow":
            self.free.wait(20)
        self.taken.append((topic, message["n"]))


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    found = Receivers()
    yield found
    found.free.set()


def test_each_topic_keeps_its_order(receivers: Receivers) -> None:
    lanes = Lanes(receivers)
    for number in range(100):
        for topic in ("a", "b"):
            lanes.put(topic, {"n": number})
    until(lambda: len(receivers.taken) == 200)
    for topic in ("a", "b"):
        assert [number for name, number in receivers.taken if name == topic] == list(range(100))
    lanes.stop()


def test_a_slow_topic_holds_up_no_other(receivers: Receivers) -> None:
    lanes = Lanes(receivers)
    for number in range(10):
        lanes.put("slow", {"n": number})
        lanes.put("quick", {"n": number})
    until(lambda: ("quick", 9) in receivers.taken)
    assert receivers.taken == [("quick", number) for number in range(10)]
    receivers.free.set()
    until(lambda: ("slow", 9) in receivers.taken)
    lanes.stop()


def test_a_topic_that_is_full_holds_up_who_puts(receivers: Receivers) -> None:
    lanes = Lanes(receivers, most=3)
    put: list[int] = []

    def fill() -> None:
        for number in range(10):
            lanes.put("slow", {"n": number})
            put.append(number)

    filling = threading.Thread(target=fill)
    filling.start()
    until(lambda: len(put) == 4)  # one under way, three that wait
    filling.join(0.1)
    assert filling.is_alive() and len(put) == 4
    receivers.free.set()
    filling.join(20)
    until(lambda: len(receivers.taken) == 10)
    lanes.stop()


def test_nothing_is_handed_over_after_the_end(receivers: Receivers) -> None:
    lanes = Lanes(receivers)
    for number in range(5):
        lanes.put("slow", {"n": number})
    assert receivers.called.wait(20)
    lanes.stop()
    lanes.put("slow", {"n": 5})
    receivers.free.set()
    names = {"bus-take-slow"}
    until(lambda: not names & {thread.name for thread in threading.enumerate()})
    assert receivers.taken == [("slow", 0)]
