"""What is tried."""

from __future__ import annotations

from collections import Counter

from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.footprint import Ties, meet
from congress.cluster.verify.scenarios import failures, pairs, singles, size, title, together
from tests.cluster.verify.histories import CONFIGURATION, GOOD

EXPECTED = expectations(CONFIGURATION)
CRASH = Event(Kind.CRASH, "n1")
PROXY = Event(Kind.MONITOR, "n1", "haproxy", "haproxy", 10000)
WEB = Event(Kind.START, "n2", "web", "web", 10000)


def test_everything_that_runs_can_fail_in_every_way() -> None:
    kinds = Counter(event.kind for event in failures(EXPECTED, GOOD))
    assert kinds == {Kind.CRASH: 3, Kind.STUCK: 3, Kind.MONITOR: 7, Kind.STOP: 7, Kind.START: 7}


def test_each_failure_is_tried_alone_and_nodes_come_back() -> None:
    tried = {title(scenario) for scenario in singles(EXPECTED, GOOD)}
    assert {
        "all nodes start",
        "n1 is lost; then n1 comes back",
        "n1 is lost and its fencing does not succeed; then fencing works again; then n1 comes back",
        "n2 is lost and n3 is lost; then n2 comes back and n3 comes back",
        "n1 is put into standby; then n1 leaves; then n1 comes back",
        "the cluster is put into maintenance; then web fails on n1; then standby and maintenance end",
        "vip-api fails on n1 and cannot be stopped",
    } <= tried


def test_all_pairs_are_pairs_of_what_can_be_at_one_time() -> None:
    events = failures(EXPECTED, GOOD)
    found = list(pairs(events))
    assert len(found) == len({frozenset(pair) for pair in found})
    assert not together(PROXY, Event(Kind.STOP, "n1", "haproxy", "haproxy", 10000))
    assert not together(CRASH, PROXY)
    assert together(CRASH, WEB)


def test_the_shortest_has_the_fewest_events_and_the_least_unusual() -> None:
    assert size(((CRASH,),)) < size(((PROXY,),)) < size(((WEB,),)) < size(((CRASH, WEB),)) < size(((CRASH,), (WEB,)))


def test_an_event_is_told_as_the_simulator_wants_it() -> None:
    assert CRASH.arguments() == ("-f", "n1")
    assert PROXY.arguments() == ("-i", "haproxy_monitor_10000@n1=7")
    assert Event(Kind.STOP, "n1", "scale", "scale:2", 5000).arguments() == (
        *("-i", "scale:2_monitor_5000@n1=1"),
        *("-F", "scale:2_stop_0@n1=1"),
    )


def test_what_is_tied_by_a_constraint_is_not_apart() -> None:
    ties = Ties(EXPECTED)
    address, proxy, web = (frozenset({(name, "n1")}) for name in ("vip-api", "haproxy", "web"))
    assert meet(ties.around(address), proxy)
    assert not meet(ties.around(web), proxy)
    assert not meet(ties.around(web), address)
