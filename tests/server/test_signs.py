"""A lease that moves is a sign of life, unless a process that was killed may have asked for it before."""

from __future__ import annotations

from datetime import datetime

from congress.db.leases import Contender, LeaseRecord
from congress.server.signs import Signs

RENEW = 3.0


def lease(generation: int, instance: str = "i") -> LeaseRecord:
    holder = Contender(instance, "node", "host", "", 1, 1)
    return LeaseRecord("node:node", holder, True, 10.0, 1, generation, datetime(2026, 1, 1))


def lives(*looks: tuple[float, int]) -> bool:
    """What the last of these looks, each at a time and a generation, tells."""
    signs = Signs(RENEW)
    return [signs.seen(lease(generation), now) for now, generation in looks][-1]


def test_a_lease_that_stands_still_tells_nothing() -> None:
    assert not lives((0.0, 1), (20.0, 1))


def test_who_renews_twice_lives() -> None:
    assert not lives((0.0, 1), (2.0, 2))
    assert lives((0.0, 1), (2.0, 2), (4.5, 3))


def test_renewals_that_come_all_at_once_may_be_those_of_a_dead_process() -> None:
    assert not lives((0.0, 1), (2.0, 2), (2.3, 4))
    assert lives((0.0, 1), (2.0, 2), (2.3, 4), (5.0, 5))


def test_another_process_lives() -> None:
    signs = Signs(RENEW)
    assert not signs.seen(lease(1, "i"), 0.0)
    assert signs.seen(lease(1, "j"), 0.2)
