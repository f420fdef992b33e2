"""Leases on the databases that we support: simulated processes, threads of this one, and real ones that are broken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from congress.conf.lease import Timing
from congress.db import leases, migration, punctual
from congress.db.leases import Contender, LeaseStore
from congress.db.session import Database
from congress.server import identity
from congress.server.lease import Lease
from tests.databases import MariaDb
from tests.server.test_lease_simulation import _PROCESS as PROCESS
from tests.server.test_lease_simulation import play, st
from tests.waiting import until

SHORT = Timing(duration=1.5, renew=0.2, margin=0.4)
LEASE = 4.0
"""Seconds for the processes of these tests, which may be starved for a while when much else runs."""


def stranger(name: str) -> Contender:
    """A contender of which nobody here can tell whether it lives."""
    return Contender(name * 8, name, "elsewhere", "", 1, 1)


def test_never_two_hold_it_whatever_stalls(url: str) -> None:
    engine = punctual.connect(url, 10.0)

    @settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(PROCESS, min_size=2, max_size=3))
    def check(drawn: list[tuple[float, float, list[float], list[str], float, Timing]]) -> None:
        with punctual.statements(engine) as session:
            for each in leases.every(session):
                leases.forget(session, each.name, each.generation)
        play(LeaseStore(engine), drawn, seconds=60.0)

    check()
    engine.dispose()


def test_only_one_of_many_that_want_it_at_once_gets_it(url: str) -> None:
    engine = punctual.connect(url, 10.0)
    store = LeaseStore(engine)
    for _round in range(5):
        seen = store.read("datasources")
        gate, won = threading.Barrier(4), []

        def want(name: str, seen: leases.LeaseRecord | None = seen) -> None:
            gate.wait()  # noqa: B023 - joined within the round
            if (epoch := store.take("datasources", seen, stranger(name), 1.0)) is not None:
                won.append(epoch)  # noqa: B023

        threads = [threading.Thread(target=want, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [(seen.epoch if seen else 0) + 1]
    engine.dispose()


def test_a_lease_moves_at_once_when_it_is_given_back(url: str) -> None:
    engine = punctual.connect(url, 10.0)
    told: list[str] = []
    first, second = (
        Lease(
            "datasources", LeaseStore(engine), stranger(name), Timing(60.0, 1.0, 6.0),
            on_taken=lambda epoch, name=name: told.append(f"{name} taken {epoch}"),
            on_lost=lambda name=name: told.append(f"{name} lost"),
        )
        for name in "ab"
    )  # fmt: skip
    first.start()
    until(lambda: first.held() == 1)
    second.start()
    until(lambda: second.status()["holder"] == "a")
    first.stop()
    until(lambda: second.held() == 2, seconds=3.0)
    until(lambda: told == ["a taken 1", "a lost", "b taken 2"])
    second.stop()
    engine.dispose()


def test_who_cannot_act_gives_the_lease_back(url: str) -> None:
    engine = punctual.connect(url, 10.0)

    def fail(_epoch: int) -> None:
        raise RuntimeError("no driver can be loaded")

    lost = threading.Event()
    broken = Lease("datasources", LeaseStore(engine), stranger("a"), SHORT, on_taken=fail, on_lost=lost.set)
    broken.start()
    assert lost.wait(5)
    sound = Lease("datasources", LeaseStore(engine), stranger("b"), SHORT)
    sound.start()
    until(lambda: sound.held() is not None)
    for lease in (broken, sound):
        lease.stop()
    engine.dispose()


def test_an_older_state_of_the_database_does_not_bring_old_epochs_back(url: str) -> None:
    engine = punctual.connect(url, 10.0)
    lease = Lease("datasources", LeaseStore(engine), stranger("a"), SHORT)
    lease.start()
    until(lambda: lease.held() == 1)
    with punctual.statements(engine) as session:
        for each in leases.every(session):
            leases.forget(session, each.name, each.generation)
    until(lambda: lease.held() == 2)
    lease.stop()
    engine.dispose()


HOLDER = """
import logging, os, sys
from congress.conf.lease import Timing
from congress.db import punctual
from congress.db.leases import LeaseStore
from congress.server import identity
from congress.server.lease import Lease
from tests.waiting import until
import dataclasses
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
me = identity.myself(sys.argv[2])
if sys.argv[3] == "far":
    me = dataclasses.replace(me, scope="")
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())  # whole lines, whichever thread speaks
taken, lost = (lambda epoch: say("taken", epoch)), (lambda: say("lost"))
lease = Lease("datasources", LeaseStore(punctual.connect(sys.argv[1], 5.0)), me, Timing(4.0, 0.5, 1.0),
              on_taken=taken, on_lost=lost)
lease.start()
acted, waits = None, False
def look():
    global acted, waits
    if not waits and lease.status()["state"].startswith("waiting"):
        waits = True
        say("waits")
    epoch = lease.held()
    if epoch is not None and epoch != acted:
        acted = epoch
        say("acts", epoch)
until(look, seconds=600.0, every=0.002)  # for as long as the test lets it live
"""


class Holder:
    """A process that wants the lease, and says when it acts."""

    def __init__(self, url: str, name: str, place: str) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", HOLDER, url, name, place], stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.strip())

    def acted(self) -> list[int]:
        """The epochs under which it acted."""
        return [int(line.split()[1]) for line in self.said if line.startswith("acts")]

    def waits(self) -> bool:
        """Whether it has seen that another one holds the lease."""
        return "waits" in self.said

    def send(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def start(url: str) -> Iterator[Callable[[str, str], Holder]]:
    started: list[Holder] = []

    def begin(name: str, place: str) -> Holder:
        started.append(Holder(url, name, place))
        return started[-1]

    yield begin
    for each in started:
        each.close()


def test_a_standby_takes_over_from_a_killed_process(start: Callable[[str, str], Holder]) -> None:
    first = start("one", "far")
    until(first.acted)
    second = start("two", "far")
    until(second.waits)
    first.send(signal.SIGKILL)
    killed = time.monotonic()
    until(second.acted)
    assert time.monotonic() - killed < LEASE + 2.0
    assert first.acted()[-1] < second.acted()[0]


def test_a_neighbour_that_was_killed_is_replaced_at_once(start: Callable[[str, str], Holder]) -> None:
    first = start("one", "near")
    until(first.acted)
    second = start("two", "near")
    until(second.waits)
    first.send(signal.SIGKILL)
    killed = time.monotonic()
    until(second.acted)
    assert time.monotonic() - killed < LEASE


def test_a_frozen_process_is_replaced_and_does_not_act_when_it_wakes_up(start: Callable[[str, str], Holder]) -> None:
    first = start("one", "far")
    until(first.acted)
    second = start("two", "far")
    until(second.waits)
    first.send(signal.SIGSTOP)
    until(second.acted)
    losses = first.said.count("lost")
    first.send(signal.SIGCONT)
    until(lambda: first.said.count("lost") > losses)
    before, losses = len(first.acted()), second.said.count("lost")
    second.send(signal.SIGSTOP)
    until(lambda: len(first.acted()) > before)
    second.send(signal.SIGCONT)
    until(lambda: second.said.count("lost") > losses)
    assert not set(first.acted()) & set(second.acted()), "one epoch, two processes"
    assert first.acted() == sorted(first.acted())
    assert first.acted()[0] < second.acted()[0] < first.acted()[-1]


def test_only_processes_of_the_same_system_are_looked_for(tmp_path: Path) -> None:
    here = identity.myself("a")
    assert not identity.has_ended(here)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(10)
    there = Contender("x", "b", "elsewhere", "another kernel", gone.pid, 5)
    assert not identity.has_ended(there)
    assert identity.has_ended(Contender("x", "b", here.host, here.scope, gone.pid, 5))
    assert identity.has_ended(Contender("x", "b", here.host, here.scope, here.pid, here.pid_started + 1))


def test_a_holder_stops_in_time_when_the_database_hangs_and_goes_on_afterwards(mariadb: MariaDb) -> None:
    url = mariadb.create()
    migration.upgrade(Database(url))
    engine = punctual.connect(url, 0.5)
    times: list[float] = []
    lease = Lease(
        "datasources", LeaseStore(engine), stranger("a"), SHORT, on_lost=lambda: times.append(time.monotonic())
    )
    lease.start()
    until(lambda: lease.held() == 1)
    assert mariadb._process is not None
    try:
        os.kill(mariadb._process.pid, signal.SIGSTOP)
        frozen = time.monotonic()
        until(lambda: times)
        assert lease.held() is None
        assert times[0] - frozen < SHORT.duration
    finally:
        os.kill(mariadb._process.pid, signal.SIGCONT)
    until(lambda: lease.held() is not None)
    assert lease.held() != 1
    lease.stop()
    engine.dispose()
