"""Leases on a Galera cluster, where every contender talks to another node and no lock reaches further than one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from congress.conf.lease import Timing
from congress.db import leases, migration, punctual
from congress.db.leases import LeaseStore
from congress.db.session import Database
from congress.server.lease import Lease
from tests.galera import GaleraCluster
from tests.server.test_lease_databases import stranger
from tests.waiting import until

TIMING = Timing(duration=8.0, renew=0.5, margin=1.0)


@pytest.fixture(scope="module")
def galera() -> Iterator[GaleraCluster]:
    cluster = GaleraCluster(size=3)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def urls(galera: GaleraCluster) -> list[str]:
    """A database with our tables, by the URL that each node has for it."""
    found = galera.urls(galera.create())
    database = Database(found[0])
    migration.upgrade(database)
    database.close()
    return found


def test_only_one_of_many_that_want_it_at_once_gets_it(urls: list[str]) -> None:
    stores = [LeaseStore(punctual.connect(url, 10.0)) for url in urls]
    epoch = 0
    for _round in range(20):
        gate, won, failed = threading.Barrier(3), list[int](), list[Exception]()

        def want(number: int) -> None:
            seen = stores[number].read("datasources")
            gate.wait()  # noqa: B023 - joined within the round
            try:
                taken = stores[number].take("datasources", seen, stranger("abc"[number]), 1.0)
            except Exception as error:  # a conflict between nodes
                failed.append(error)  # noqa: B023
                return
            if taken is not None:
                won.append(taken)  # noqa: B023

        threads = [threading.Thread(target=want, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) <= 1
        if not won:
            assert failed
            continue
        assert won == [epoch + 1]
        epoch = won[0]
        assert {store.read("datasources").epoch for store in stores} == {epoch}  # type: ignore[union-attr]
    assert epoch > 10


def test_the_loss_of_a_node_moves_the_lease_only_when_the_holder_sits_there(
    galera: GaleraCluster, urls: list[str]
) -> None:
    engines = [punctual.connect(url, 2.0) for url in urls]
    contenders = [
        Lease("datasources", LeaseStore(engine), stranger("abc"[number]), TIMING)
        for number, engine in enumerate(engines)
    ]
    contenders[0].start()
    until(lambda: contenders[0].held() == 1)
    for other in contenders[1:]:
        other.start()
    try:
        galera.nodes[2].freeze()
        began = time.monotonic()
        with punctual.statements(engines[1]) as session:  # writes go on once the frozen node is expelled
            until(lambda: _written(session))
        assert time.monotonic() - began < TIMING.valid
        assert contenders[0].held() == 1
        galera.nodes[1].wait(2)  # without the frozen one
        galera.nodes[2].thaw()
        galera.heal()  # before the next one freezes two have to know that they are three again
        galera.nodes[0].freeze()
        until(lambda: any(each.held() is not None for each in contenders[1:]))
        assert contenders[0].held() is None
        galera.nodes[0].thaw()
        until(lambda: sum(each.held() is not None for each in contenders) == 1)
        assert contenders[0].held() is None
    finally:
        for node in galera.nodes:
            node.thaw()
        for each in contenders:
            each.stop()


def _written(session: object) -> bool:
    try:
        return leases.take(session, f"written {time.monotonic()}", None, stranger("x"), 1.0) == 1  # type: ignore[arg-type]
    except Exception:
        session.rollback()  # type: ignore[attr-defined]
        return False
