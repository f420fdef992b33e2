"""A node of the broker that was silent is asked last, for a while."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from congress.bus.hosts import Hosts, chosen_by, told_of

URLS = ["amqp://a:b@one:5672//", "amqp://a:b@two:5672//", "amqp://a:b@three:5672//"]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hosts(clock: Clock) -> Hosts:
    return Hosts(30.0, clock)


def test_a_silent_node_comes_last(hosts: Hosts) -> None:
    assert hosts.ordered(URLS) == URLS
    hosts.was_silent("one", 5672)
    assert hosts.ordered(URLS) == [URLS[1], URLS[2], URLS[0]]


def test_a_node_that_answers_is_as_good_as_any(hosts: Hosts) -> None:
    hosts.was_silent("one", None)
    hosts.answered("one", 5672)
    assert hosts.ordered(URLS) == URLS


def test_silence_is_forgotten(hosts: Hosts, clock: Clock) -> None:
    hosts.was_silent("one", 5672)
    clock.now += 30.0
    assert hosts.ordered(URLS) == URLS


def test_turns_leave_out_silent_nodes(hosts: Hosts) -> None:
    hosts.was_silent("two", 5672)
    assert list(islice(hosts.in_turn(URLS), 4)) == [URLS[0], URLS[2], URLS[0], URLS[2]]


def test_turns_go_on_when_all_are_silent(hosts: Hosts) -> None:
    for name in ("one", "two", "three"):
        hosts.was_silent(name, 5672)
    assert list(islice(hosts.in_turn(URLS), 4)) == [*URLS, URLS[0]]


def test_connections_tell_how_it_went(hosts: Hosts) -> None:
    class Connection:
        hostname, port = "two", 5672
        raises: Exception | None = TimeoutError()

    def establish(connection: Any) -> str:
        if connection.raises:
            raise connection.raises
        return "made"

    connect = told_of(hosts, establish)
    connection = Connection()
    with pytest.raises(TimeoutError):
        connect(connection)
    assert hosts.ordered(URLS)[-1] == URLS[1]
    connection.raises = ConnectionRefusedError()
    with pytest.raises(ConnectionRefusedError):
        connect(connection)
    connection.raises = None
    assert connect(connection) == "made"
    assert hosts.ordered(URLS) == URLS


def test_connections_are_made_in_that_order(hosts: Hosts) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    initialise = chosen_by(hosts, 2.0, lambda _connection, hostname, **more: told.append((hostname, more)))
    hosts.was_silent("one", 5672)
    initialise(None, ";".join(URLS))
    hostname, more = told.pop()
    assert hostname.split(";") == [URLS[1], URLS[2], URLS[0]]
    assert more == {"connect_timeout": 2.0, "failover_strategy": hosts.in_turn}
    initialise(None, URLS[0], connect_timeout=7.0)
    assert told == [(URLS[0], {"connect_timeout": 7.0})]
