"""Whatever stalls, pauses, clocks and lost answers there are: never two processes hold a lease at a time."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from congress.conf.lease import Timing
from congress.db.leases import LeaseStore
from tests.server.simulation import MemoryStore, Process, World

TIMING = Timing(duration=10.0, renew=2.0, margin=2.0)

# Mostly nothing; else so long that one renewal, two, the holder's trust or the others' patience is over.
_STALL = st.sampled_from([0.0] * 8 + [0.3, 1.0, 3.0, 4.5, 5.5, 7.0, 7.9, 9.0, 11.0, 25.0])
_FAILURE = st.sampled_from(["", "", "", "before", "after"])
_PROCESS = st.tuples(
    st.floats(-1000, 1000),  # its clock's offset
    st.floats(0.999, 1.001),  # and rate
    st.lists(_STALL, min_size=30, max_size=80),
    st.lists(_FAILURE, max_size=40),
    st.floats(0, 20),  # when it begins
    st.sampled_from([TIMING, Timing(6.0, 1.0, 1.0), Timing(20.0, 5.0, 3.0)]),
)


def play(store: MemoryStore | LeaseStore, drawn: Sequence[tuple[float, float, list[float], list[str], float, Timing]],
         seconds: float = 150.0) -> list[Process]:  # fmt: skip
    """Let the processes run; fails as soon as two of them may act at the same moment."""
    world = World()
    processes = [
        Process(world, "abcd"[number], store, timing, offset, rate, list(stalls), list(failures))
        for number, (offset, rate, stalls, failures, _begins, timing) in enumerate(drawn)
    ]
    actors = [actor for each, one in zip(processes, drawn, strict=True) for actor in each.begin(one[4])]
    ever: dict[int, str] = {}

    def check() -> None:
        acting = []
        for process in processes:
            grant = process.lease._grant  # `held` would also end it
            if grant is not None and process.clock() < grant.until:
                acting.append((process.name, grant.epoch))
                assert ever.setdefault(grant.epoch, process.name) == process.name, "one epoch, two processes"
        assert len(acting) <= 1, f"at {world.now}: {acting}"

    try:
        world.run(seconds, check)
    finally:
        world.end(actors)
    for process in processes:
        told = process.told
        pairs = zip(told[::2], told[1::2], strict=False)
        assert all(first[0] == "taken" and second == ("lost", first[1]) for first, second in pairs)
        epochs = [epoch for word, epoch in told if word == "taken"]
        assert epochs == sorted(set(epochs)), "an epoch came twice"
    return processes


@given(st.lists(_PROCESS, min_size=2, max_size=4))
def test_never_two_hold_it(drawn: list[tuple[float, float, list[float], list[str], float, Timing]]) -> None:
    play(MemoryStore(), drawn)


def test_somebody_always_gets_it_again() -> None:
    """Stalls end: afterwards one process holds the lease."""

    @settings(max_examples=50)
    @given(st.lists(_PROCESS, min_size=2, max_size=3))
    def check(drawn: list[tuple[float, float, list[float], list[str], float, Timing]]) -> None:
        short = [(a, b, [min(each, 5.0) for each in c][:10], d[:10], e, f) for a, b, c, d, e, f in drawn]
        processes = play(MemoryStore(), short, seconds=250.0)
        assert sum(process.lease.held() is not None for process in processes) == 1

    check()


def test_without_trouble_the_first_one_keeps_it() -> None:
    calm = [(0.0, 1.0, [], [], begins, TIMING) for begins in (0.0, 1.0, 2.0)]
    first, second, third = play(MemoryStore(), calm)
    assert first.told == [("taken", 1)]
    assert second.told == third.told == []


def test_a_hiccup_shorter_than_the_lease_does_not_move_it() -> None:
    failures = [*["before"] * 12, *[""] * 5]
    first, second = play(MemoryStore(), [(0.0, 1.0, [], failures, 0.0, TIMING), (0.0, 1.0, [], [], 1.0, TIMING)])
    assert first.told == [("taken", 1)]
    assert second.told == []


def test_a_renewal_counts_from_when_it_was_sent() -> None:
    stalls = [0.0, 0.0, 0.0, 0.0, 0.0, 5.5]  # before and after each of: read, take, renew
    failures = ["", "", "", *["before"] * 100]
    first, second = play(
        MemoryStore(),
        [(0.0, 1.0, stalls[::-1], failures[::-1], 0.0, TIMING), (0.0, 1.0, [], [], 1.0, TIMING)],
        seconds=30.0,
    )
    assert first.told == [("taken", 1), ("lost", 1)]
    assert second.told == [("taken", 2)]


def test_who_stands_still_while_it_takes_the_lease_does_not_act_on_it_later() -> None:
    stalls = [0.0, 0.0, 0.0, 30.0]  # before and after each of: read, take
    first, second = play(
        MemoryStore(),
        [(0.0, 1.0, stalls[::-1], [], 0.0, TIMING), (0.0, 1.0, [], [], 1.0, TIMING)],
        seconds=60.0,
    )
    assert first.told == []
    assert second.told == [("taken", 2)]
