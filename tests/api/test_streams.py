"""The thread that writes to all streams, with connections of a test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.api.streams import Streams
from congress.db import migration
from congress.db.session import Database
from congress.policies.events import Filter
from tests.policies.test_events import World
from tests.waiting import until


class Wire:
    """A connection whose client takes what it is sent, or does not."""

    def __init__(self) -> None:
        self.sent, self.untaken, self.is_open, self.sends = b"", 0, True, 0

    def send(self, data: bytes) -> bool:
        self.sends += 1
        self.sent += data
        return self.is_open

    def pending(self) -> int:
        return self.untaken

    def close(self) -> None:
        self.is_open = False

    def messages(self, kind: str = "change") -> list[dict[str, Any]]:
        found = []
        for part in self.sent.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
            if fields.get("event") == kind:
                found.append(json.loads(fields["data"]))
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.upgrade(database)
    yield World(database)
    database.close()


def opened(streams: Streams, position: int = 0, only: Filter = Filter()) -> Wire:  # noqa: B008 - it is frozen
    wire = Wire()
    assert streams.reserve()
    streams.begin(wire, position, only)
    return wire


def test_each_stream_gets_what_is_after_its_place_and_passes_its_filter(world: World) -> None:
    for number in range(1200):
        world.enter(f"r{number}", policy="q" if number % 2 else "p")
    streams = Streams(world.events)
    whole, rest, half = opened(streams), opened(streams, 1100), opened(streams, 0, Filter("q", "error"))
    until(lambda: (len(whole.messages()), len(rest.messages()), len(half.messages())) == (1200, 100, 600))
    assert [int(each["id"]) for each in whole.messages()] == list(range(1, 1201))
    world.enter("last")
    world.events.wake()
    until(lambda: len(whole.messages()) == 1201 and len(rest.messages()) == 101)
    streams.close()


def test_a_client_that_takes_nothing_is_sent_nothing_more_until_it_does(world: World) -> None:
    streams = Streams(world.events)
    slow, quick = opened(streams), opened(streams)
    slow.untaken = 10**9
    world.enter("a")
    world.events.wake()
    until(lambda: quick.messages())
    assert slow.messages() == []
    slow.untaken = 0
    until(lambda: slow.messages() == quick.messages())
    streams.close()


def test_a_connection_that_broke_gives_its_place_back(world: World) -> None:
    streams = Streams(world.events, most=1)
    wire = opened(streams)
    assert not streams.reserve()
    wire.is_open = False
    world.enter("a")
    world.events.wake()
    until(streams.reserve)
    streams.close()


def test_a_stream_is_told_what_is_forgotten(world: World) -> None:
    world.enter("a")
    world.leave("a")
    world.enter("b", day=9)
    world.forget(day=5)
    streams = Streams(world.events)
    wire = opened(streams)
    until(lambda: wire.messages())
    assert wire.messages("missed") == [{"after": "0", "until": "2"}]
    assert [each["row"] for each in wire.messages()] == [["b"]]
    assert wire.sent.index(b"event: missed") < wire.sent.index(b"event: change")
    streams.close()


def test_nobody_gets_a_place_after_the_end(world: World) -> None:
    streams = Streams(world.events)
    wire = opened(streams)
    streams.close()
    assert not wire.is_open
    assert not streams.reserve()


class Clock:
    """A clock that a test moves on, in place of the module `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("congress.api.streams.time", clock)
    return clock


def asleep(world: World, clock: Clock) -> tuple[Streams, int]:
    """Streams, and the place of a client of theirs that slept for an hour, while its connection was there first."""
    streams = Streams(world.events)
    client = opened(streams)
    world.enter("before")
    world.events.wake()
    until(lambda: client.messages())
    client.untaken = 10**9
    for number in range(700):
        world.enter(f"r{number}")
        world.leave(f"r{number}", day=1)
    clock.now += 3600
    world.events.wake()
    until(lambda: not client.is_open)
    return streams, int(client.messages()[-1]["id"])


def test_a_client_that_slept_an_hour_catches_up_without_loss(world: World, clock: Clock) -> None:
    streams, place = asleep(world, clock)
    back = opened(streams, place)
    until(lambda: len(back.messages()) >= 1400)
    assert [int(each["id"]) for each in back.messages()] == list(range(place + 1, place + 1401))
    assert back.messages("missed") == []
    streams.close()


def test_a_client_that_slept_beyond_the_retention_is_told_what_it_missed_and_finds_the_rest_open(
    world: World, clock: Clock
) -> None:
    streams, place = asleep(world, clock)
    world.enter("open", day=2)
    world.forget(day=2)
    world.enter("after", day=3)
    back = opened(streams, place)
    until(lambda: len(back.messages()) == 2)
    (missed,) = back.messages("missed")
    assert missed == {"after": str(place), "until": str(place + 1400)}
    assert [int(each["id"]) for each in back.messages()] == [place + 1401, place + 1402]
    assert world.open_rows() == ['["after"]', '["open"]', '["before"]']
    streams.close()
