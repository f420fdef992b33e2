"""Clients at work: to start and stop them, and to compare what was acknowledged with what is there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from congress.cluster.deployment import Deployment
from congress.cluster.lab.clients.observation import Attempt, read
from congress.cluster.lab.clients.probes import BusProbe, DatabaseProbe
from congress.cluster.lab.clients.wanted import PASSWORD, Wanted, wanted
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.vault import Vault

MODULE = "congress.cluster.lab.clients.run"
MEMBERS = f"rabbitmqctl -q list_queues name members | grep ^{BusProbe.queue}"
TABLES = """CREATE DATABASE IF NOT EXISTS lab;
CREATE TABLE IF NOT EXISTS lab.written (number BIGINT PRIMARY KEY);
TRUNCATE lab.written;
CREATE USER IF NOT EXISTS 'lab'@'%';
ALTER USER 'lab'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON lab.* TO 'lab'@'%';
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of what was acknowledged. `lost`: acknowledged, and not there; None: it could not be asked."""

    acknowledged: int
    lost: int | None

    def __str__(self) -> str:
        return "cannot be asked" if self.lost is None else f"{self.lost} of {self.acknowledged} lost"


class Clients:
    """Use as a context manager: they work while it is entered."""

    def __init__(self, laboratory: Laboratory, deployment: Deployment, vault: Vault) -> None:
        self._laboratory, self._deployment, self._vault = laboratory, deployment, vault
        self._given: Wanted = wanted(deployment, vault)
        self._file = laboratory.places.directory / "attempts"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Clients:
        if "database" in self._given:
            self._make_tables()
        if "bus" in self._given:
            self.drain()
        self._file.write_text("")
        with (self._laboratory.places.directory / "clients.log").open("a") as log:
            self._process = subprocess.Popen(
                [*self._laboratory.outside(), sys.executable, "-m", MODULE, str(self._file)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(self._given) + "\n")
        self._process.stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def probes(self) -> frozenset[str]:
        """The names of the clients that were served lately."""
        return frozenset(each.probe for each in self.attempts()[-100:] if each.served)

    def attempts(self) -> list[Attempt]:
        """All requests up to now."""
        return list(read(self._file))

    def kept(self) -> Mapping[str, Kept]:
        """By the name of the probe: whether everything that was acknowledged is there. Ask after the clients ended."""
        attempts = self.attempts()
        found: dict[str, Kept] = {}
        if "database" in self._given:
            numbers = _acknowledged(attempts, DatabaseProbe.name)
            rows = [self._rows(node) for node in self._databases()]
            there = None if None in rows else set.intersection(*(row for row in rows if row is not None))
            found[DatabaseProbe.name] = Kept(len(numbers), None if there is None else len(numbers - there))
        if "bus" in self._given:
            numbers = _acknowledged(attempts, BusProbe.name)
            messages = self.drain()
            found[BusProbe.name] = Kept(len(numbers), None if messages is None else len(numbers - messages))
        return found

    def drain(self) -> frozenset[int] | None:
        """Take all messages; None when no member gives them."""
        done = subprocess.run(
            [*self._laboratory.outside(), sys.executable, "-m", MODULE, "--drain"],
            input=json.dumps(self._given) + "\n",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return frozenset(json.loads(done.stdout)) if done.returncode == 0 else None

    def lone_messages(self) -> str:
        """What is wrong with the replicas of the clients' queue; empty when each broker has one. Mends it, too: a fault
        must not be the next one's fault."""
        brokers = self._nodes_of("messaging")
        if "bus" not in self._given or not brokers:
            return ""
        told = self._laboratory.run(brokers[0], MEMBERS, timeout=60.0)
        members = next(
            (line.split("\t")[1] for line in told.stdout.splitlines() if line.startswith(BusProbe.queue)), ""
        )
        count = members.count("@")
        if count >= len(brokers):
            return ""
        for node in brokers:
            self._laboratory.run(brokers[0], f"rabbitmq-queues -q grow rabbit@{node} all", timeout=120.0)
        return f"the queue has {count} replicas, and {len(brokers)} brokers run"

    def _databases(self) -> list[str]:
        return self._nodes_of("database")

    def _nodes_of(self, service: str) -> list[str]:
        return [
            node
            for cluster in self._deployment.clusters
            for placed in cluster.services
            if placed.service == service
            for node in placed.nodes
        ]

    def _rows(self, node: str) -> set[int] | None:
        """What one database node has, after all that it was sent."""
        query = "SET SESSION wsrep_sync_wait = 1; SELECT number FROM lab.written"
        told = self._laboratory.run(node, f'mariadb -NBe "{query}"', timeout=30.0)
        return {int(line) for line in told.stdout.split()} if told.returncode == 0 else None

    def _make_tables(self) -> None:
        node = self._databases()[0]
        words = [*self._laboratory.entering(node), "mariadb"]
        statements = TABLES.format(password=self._vault(PASSWORD))
        done = subprocess.run(words, input=statements, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise LaboratoryError(f"{node}: the clients' table was not made: {done.stderr.strip()}")


def _acknowledged(attempts: list[Attempt], probe: str) -> set[int]:
    return {int(each.told) for each in attempts if each.probe == probe and each.served}
