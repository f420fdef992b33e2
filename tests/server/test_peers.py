"""An engine that shows older data than others for a while says that it is not ready."""

from __future__ import annotations

from congress.bus.publications import Position
from congress.server.peers import BehindPeers


class Place:
    """One engine among others."""

    def __init__(self, seconds: float = 10.0) -> None:
        self.mine: Position | None = Position(1, 5)
        self.peers: dict[str, Position] = {}
        self.now = 0.0
        self.check = BehindPeers(lambda: self.mine, lambda: self.peers, seconds, lambda: self.now)


def test_alone_or_level_it_is_ready() -> None:
    place = Place()
    assert place.check() is None
    place.peers = {"b": Position(1, 5), "c": Position(1, 4)}
    place.now = 100.0
    assert place.check() is None


def test_a_moment_behind_is_no_harm() -> None:
    place = Place()
    for number in range(6, 60):
        place.peers = {"b": Position(1, number)}
        assert place.check() is None
        place.now += 9.0
        place.mine = Position(1, number)


def test_behind_for_long_it_is_not_ready_until_it_has_caught_up() -> None:
    place = Place()
    place.peers = {"b": Position(1, 6), "c": Position(1, 8)}
    assert place.check() is None
    place.now = 10.0
    place.peers = {"b": Position(1, 9), "c": Position(1, 30)}
    assert place.check() == "node c has shown newer data for 10 s"
    place.mine = Position(1, 7)
    assert place.check() is not None
    place.mine = Position(1, 30)
    assert place.check() is None


def test_who_follows_a_former_publisher_is_behind() -> None:
    place = Place()
    place.mine, place.peers = Position(1, 500), {"b": Position(2, 0)}
    place.check()
    place.now = 11.0
    assert place.check() is not None


def test_who_is_not_certain_of_what_it_shows_is_behind_those_who_are() -> None:
    place = Place()
    place.mine, place.peers = None, {"b": Position(1, 5)}
    place.check()
    place.now = 11.0
    assert place.check() is not None


def test_when_the_one_ahead_is_gone_nobody_waits_for_what_only_it_knew() -> None:
    place = Place()
    place.peers = {"b": Position(1, 9)}
    place.check()
    place.now, place.peers = 11.0, {"c": Position(1, 5)}
    assert place.check() is None


def test_it_can_be_switched_off() -> None:
    place = Place(seconds=0.0)
    place.peers = {"b": Position(1, 9)}
    place.check()
    place.now = 1000.0
    assert place.check() is None
