"""Each invariant is broken by what it is about, and by nothing that is well."""

from __future__ import annotations

import pytest

from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.invariants import INVARIANTS, Invariant, findings
from congress.cluster.verify.trial import Trial
from tests.cluster.verify.histories import GOOD, do, fenced, status, trial

CRASH = Event(Kind.CRASH, "n1")
MOVED = fenced("n1", haproxy="n2 n3", web="n2 n3", vip_api="n2")


def broken(subject: Trial) -> dict[str, str]:
    return {finding.code: finding.what for finding in findings(subject)}


def test_a_node_that_is_lost_fenced_and_replaced_breaks_nothing() -> None:
    assert broken(trial(do("fence n1", "start vip-api n2"), MOVED, CRASH)) == {}


def test_a_start_before_the_fencing_is_found() -> None:
    assert broken(trial(do("start vip-api n2", "fence n1"), MOVED, CRASH)) == {
        "I2": "vip-api starts on n2 before n1, where it may run, is fenced"
    }


def test_a_lost_node_that_nobody_fences_is_found() -> None:
    assert broken(trial(do("start vip-api n2"), MOVED, CRASH))["I2"]


def test_a_second_instance_of_what_is_single_is_found() -> None:
    twice = status(haproxy="n1 n2 n3", web="n1 n2 n3", vip_api="n1 n2")
    assert broken(trial(do("start vip-api n2"), twice)) == {"I1": "vip-api runs on n1, n2"}
    assert broken(trial(do("start vip-api n2", "stop vip-api n1"), GOOD)) == {
        "I1": "vip-api starts on n2 while it runs on n1"
    }


def test_a_start_without_quorum_is_found() -> None:
    subject = trial(do("start vip-api n2"), status(), CRASH, Event(Kind.CRASH, "n3"), quorate=False)
    assert broken(subject) == {"I3": "start of vip-api on n2 without quorum"}


def test_what_still_runs_without_quorum_is_found() -> None:
    left = status("n1", "n3", haproxy="n2")
    subject = trial((), left, CRASH, Event(Kind.CRASH, "n3"), quorate=False)
    assert broken(subject) == {"I6": "1 resources still run without quorum: haproxy"}


def test_a_transition_that_cannot_be_carried_out_is_found() -> None:
    subject = trial(do("fence n1", "start vip-api n2"), MOVED, CRASH, settled=False, code=1)
    assert "An invalid transition was produced" in broken(subject)["I4"]


def test_what_is_not_back_is_found() -> None:
    assert broken(trial(do("fence n1"), fenced("n1", haproxy="n2 n3", web="n3", vip_api="n2"), CRASH)) == {
        "I5": "web is not back on n2"
    }
    nowhere = fenced("n1", haproxy="n2 n3", web="n2 n3")
    assert broken(trial(do("fence n1"), nowhere, CRASH))["I5"].startswith("vip-api runs nowhere")


def test_what_cannot_be_started_on_a_node_is_not_missed_there() -> None:
    fails = Event(Kind.START, "n2", "web", "web")
    assert broken(trial(do("stop web n2"), status(haproxy="n1 n2 n3", web="n1 n3", vip_api="n1"), fails)) == {}


def test_an_address_without_a_proxy_is_found() -> None:
    fails = Event(Kind.START, "n1", "haproxy", "haproxy")
    bare = status(haproxy="n2 n3", web="n1 n2 n3", vip_api="n1")
    assert broken(trial(do("stop haproxy n1"), bare, fails)) == {"I7": "vip-api is on n1, where haproxy does not run"}


def test_a_start_before_what_is_needed_is_found() -> None:
    steps = do("stop vip-api n1", "stop haproxy n1", "start haproxy n1", "start vip-api n1")
    assert broken(trial(steps, GOOD)) == {"I8": "haproxy starts on n1 before vip-api, which it needs"}
    steps = do("stop vip-api n1", "stop haproxy n1", "start vip-api n1", "start haproxy n1")
    assert broken(trial(steps, GOOD)) == {}


def test_what_is_stopped_on_another_node_is_found() -> None:
    fails = Event(Kind.MONITOR, "n1", "web", "web")
    steps = do("stop web n1", "stop web n2", "start web n1", "start web n2")
    assert broken(trial(steps, GOOD, fails)) == {"I9": "web is stopped on n2, where nothing happened"}


def test_a_restart_in_maintenance_is_found() -> None:
    maintenance = Event(Kind.MAINTENANCE)
    fails = Event(Kind.MONITOR, "n1", "web", "web")
    subject = trial(do("stop web n1", "start web n1"), GOOD, fails, before=(maintenance,))
    assert broken(subject)["I10"] == "start of web on n1, which is in maintenance"


def test_while_fencing_fails_nothing_may_move() -> None:
    stuck = Event(Kind.STUCK, "n1")
    waits = status("n1", haproxy="n1 n2 n3", web="n1 n2 n3", vip_api="n1")
    assert broken(trial((), waits, stuck)) == {}
    moves = status("n1", haproxy="n2 n3", web="n2 n3", vip_api="n2")
    assert "before n1" in broken(trial(do("start vip-api n2"), moves, stuck))["I2"]


MAINTENANCE = Event(Kind.MAINTENANCE)
PROXY, WEB = (Event(Kind.MONITOR, "n1", name, name) for name in ("haproxy", "web"))
ONLY: dict[str, Trial] = {
    "I1": trial(do("start vip-api n2"), status(haproxy="n1 n2 n3", web="n1 n2 n3", vip_api="n1 n2")),
    "I2": trial(do("start vip-api n2", "fence n1"), MOVED, CRASH),
    "I3": trial(do("start vip-api n2"), status(), CRASH, Event(Kind.CRASH, "n3"), quorate=False),
    "I4": trial(do("fence n1", "start vip-api n2"), MOVED, CRASH, settled=False),
    "I5": trial(do("fence n1"), fenced("n1", haproxy="n2 n3", web="n3", vip_api="n2"), CRASH),
    "I6": trial((), status("n1", "n3", haproxy="n2"), CRASH, Event(Kind.CRASH, "n3"), quorate=False),
    "I7": trial(
        do("stop haproxy n1"),
        status(haproxy="n2 n3", web="n1 n2 n3", vip_api="n1"),
        Event(Kind.START, "n1", "haproxy", "haproxy"),
    ),
    "I8": trial(do("stop vip-api n1", "stop haproxy n1", "start haproxy n1", "start vip-api n1"), GOOD, PROXY),
    "I9": trial(do("stop web n1", "stop web n2", "start web n1", "start web n2"), GOOD, WEB),
    "I10": trial(do("stop web n1", "start web n1"), GOOD, WEB, before=(MAINTENANCE,)),
}
"""For each invariant, what no other one objects to."""


@pytest.mark.parametrize("invariant", INVARIANTS, ids=[invariant.code for invariant in INVARIANTS])
def test_without_any_one_of_the_invariants_something_would_slip_through(
    invariant: Invariant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(broken(ONLY[invariant.code])) == {invariant.code}
    others = tuple(other for other in INVARIANTS if other != invariant)
    monkeypatch.setattr("congress.cluster.verify.invariants.INVARIANTS", others)
    assert broken(ONLY[invariant.code]) == {}


def test_every_invariant_is_a_sentence() -> None:
    assert len({invariant.code for invariant in INVARIANTS}) == len(INVARIANTS)
    assert all(invariant.sentence.endswith(".") for invariant in INVARIANTS)
