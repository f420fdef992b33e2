"""Engines write while their connections to the database break and nodes of it die: what was acknowledged is stored,
what was refused is not, and all engines come to show the same."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from oslo_db.exception import DBError
from sqlalchemy.exc import SQLAlchemyError

from congress.db import migration
from congress.db.session import Database, OutcomeUnknown
from congress.errors import CongressError
from congress.policies.content import NewPolicy, NewRule
from congress.policies.synchronisation import Synchroniser
from tests.galera import PORT, GaleraCluster
from tests.policies.engines import Engine, oracle
from tests.proxy import Proxy

SIZE, SECONDS = 3, 12.0


class World:
    """A database behind a proxy for each engine. `faults`: what happens to it, beside connections that break."""

    def __init__(self, url: str, targets: list[tuple[str, int]], faults: list[Callable[[], None]]) -> None:
        self.url, self.faults = url, faults
        # As behind a load balancer with one writer at a time: the others are asked when the first is away.
        self.proxies = [Proxy(targets) for _ in range(SIZE)]
        through = [sqlalchemy.make_url(url).set(host="127.0.0.1", port=proxy.port) for proxy in self.proxies]
        self.urls = [each.render_as_string(hide_password=False) for each in through]

    def stop(self) -> None:
        for proxy in self.proxies:
            proxy.stop()


@pytest.fixture(params=["mariadb", "postgresql", "galera"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "galera":
        cluster = GaleraCluster(size=SIZE)
        try:
            cluster.start()
            targets = [(node.address, PORT) for node in cluster.nodes]
            faults = [cluster.nodes[0].kill, cluster.heal]
            found = World(cluster.nodes[0].url(cluster.create()), targets, faults)
            yield found
            found.stop()
        finally:
            cluster.stop()
        return
    server = request.getfixturevalue(request.param)
    found = World(server.create(), [("127.0.0.1", server.port)], [])
    yield found
    found.stop()


class Writer(threading.Thread):
    """Inserts facts and deletes some of them, and keeps what it was told."""

    def __init__(self, engine: Engine, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._engine, self._number, self._over = engine, number, over
        self.there: set[str] = set()
        self.not_there: set[str] = set()
        self.unknown = self.refused = 0

    def run(self) -> None:
        count = 0
        while not self._over.is_set():
            count += 1
            fact = f"q({self._number}, {count})"
            rule = self._change(lambda f=fact: self._engine.policies.insert_rule("p", NewRule(f)).id, fact, self.there)
            if rule is not None and count % 3 == 0:
                self.there.discard(fact)
                if (
                    self._change(lambda r=rule: self._engine.policies.delete_rule("p", r).id, fact, self.not_there)
                    is None
                ):
                    self.not_there.discard(fact)

    def _change(self, do: Callable[[], str], fact: str, done: set[str]) -> str | None:
        """Make a change; `done` gets the fact when it was made. What is refused is noted too."""
        other = self.not_there if done is self.there else self.there
        try:
            made = do()
        except OutcomeUnknown:
            self.unknown += 1
            return None
        except (DBError, SQLAlchemyError, CongressError):  # the client is told that nothing was changed
            other.add(fact)
            self.refused += 1
            self._over.wait(0.05)
            return None
        done.add(fact)
        return made


def test_what_is_said_of_a_change_is_true(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    migration.upgrade(Database(world.url))
    engines = [Engine(Database(url), tmp_path / "keys") for url in world.urls]
    engines[0].policies.create_policy(NewPolicy("p"))
    synchronisers = [Synchroniser(engine.replica, 0.2) for engine in engines]
    for synchroniser in synchronisers:
        synchroniser.start()
    over, until, chance = threading.Event(), time.monotonic() + SECONDS, random.Random(4)  # noqa: S311
    writers = [Writer(engine, number, over) for number, engine in enumerate(engines)]
    for writer in writers:
        writer.start()
    faults = list(world.faults)
    while time.monotonic() < until:
        over.wait(chance.uniform(0.01, 0.2))
        chance.choice(world.proxies).break_all()
        if faults and until - time.monotonic() < SECONDS * len(faults) / (len(world.faults) + 1):
            faults.pop(0)()
    over.set()
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive()
    for fault in faults:
        fault()
    for synchroniser in synchronisers:
        synchroniser.stop()
    for engine in engines:
        engine.replica.synchronise()
    direct = Database(world.url)
    expected = oracle(direct, tmp_path / "keys")
    assert all(engine.program() == expected for engine in engines)
    stored = {rule.rule for rule in engines[0].policies.rules("p")}
    for writer in writers:
        assert writer.there <= stored
        assert not writer.not_there & stored
    told = sum(len(writer.there) + len(writer.not_there) for writer in writers)
    unknown, found_out = sum(writer.unknown for writer in writers), caplog.text.count("broke after a commit")
    print(
        f"{told} changes whose end was told, {found_out} of them after the commit broke; "
        f"{sum(writer.refused for writer in writers)} refused, {unknown} not told"
    )
    assert told > 20
