"""Three servers over MariaDB and RabbitMQ, one of which is killed while data and rules change at random.

The programs and changes are those of the engine's property tests. What the naive executor makes of each state is known;
the history, the stream of events that a client followed all the while, and every stored explanation must agree with it.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from congress.db import changelog as log
from congress.db import migration
from congress.db.session import Database
from congress.engine.workspace import Workspace
from tests.api.server_process import Client, ServerProcess
from tests.databases import MariaDb
from tests.engine.strategies import BASE, DERIVED, Rows, Story, Toggle, stories
from tests.engine.world import ENOUGH
from tests.rabbitmq import Rabbit
from tests.waiting import until

_Open = frozenset[tuple[str, str, str]]
WATCHED = sorted({name for _policy, name, _arity in DERIVED})


class Cluster:
    """Three servers, each of which plays every role; one at a time may be dead."""

    def __init__(self, place: Path, database: str, broker: str) -> None:
        self.servers: dict[str, ServerProcess] = {}
        for name in "abc":
            configuration = place / f"{name}.conf"
            configuration.write_text(
                f"[DEFAULT]\nauth_strategy = noauth\ntransport_url = {broker}\n[database]\nconnection = {database}\n"
                f"[engine]\nwatched_tables = {', '.join(WATCHED)}\n[history]\ngrace = 1\ncompare_period = 2\n"
            )
            options = ("--config-file", str(configuration), "--node-id", name)
            self.servers[name] = ServerProcess(place / name, *options, "--api", "--policy-engine", "--datasources")
        for server in self.servers.values():
            server.start()

    def alive(self) -> list[Client]:
        return [Client(server.url) for server in self.servers.values() if server.running]

    def ask(self, verb: str, path: str, body: Any = None) -> None:
        """Have some server do it, the next one when one cannot."""

        def is_done() -> bool:
            for client in self.alive():
                try:
                    answer = requests.request(verb, client.url + path, json=body, timeout=60)
                except requests.RequestException:
                    continue
                if answer.status_code in (200, 201, 404, 409):
                    return True
                assert answer.status_code in (400, 500, 503), answer.text
                assert answer.status_code != 500, answer.text
            return False

        until(is_done, f"{verb} {path} is done by nobody", seconds=120)


class Follower:
    """Follows the stream at whichever server lives, and goes on at another one where it was."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self.changes = cluster, list[dict[str, Any]]()
        self.last = self._cluster.alive()[0].get("/v1/events").json()["latest"]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        turn = 0
        while not self._stopping.is_set():
            servers = self._cluster.alive()
            turn += 1
            try:
                self._follow(servers[turn % len(servers)].url)
            except (requests.RequestException, AttributeError):
                continue  # its server is dead

    def _follow(self, url: str) -> None:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": self.last}
        fields: dict[str, str] = {}
        with requests.get(f"{url}/v1/events", headers=headers, stream=True, timeout=30) as answer:
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                if self._stopping.is_set():
                    return
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
                elif fields:
                    if fields.get("event") == "change":
                        self.changes.append(json.loads(fields["data"]))
                    assert fields.get("event") != "missed"
                    self.last = fields.get("id", self.last)
                    fields = {}


@pytest.fixture(scope="module")
def cluster(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    broker = Rabbit().start()
    url = mariadb.create()
    migration.upgrade(Database(url))
    made = Cluster(tmp_path_factory.mktemp("three"), url, broker.transport_url)
    try:
        for table, columns in BASE.items():
            config = {"description": "of a test", "columns": ",".join(columns), "persist_data": "true"}
            made.ask("POST", "/v1/data-sources", {"name": table, "driver": "push", "config": config})
        yield made
    finally:
        for server in made.servers.values():
            server.close()
        broker.stop()


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(stories())
def test_history_events_and_explanations_agree_with_the_oracle(cluster: Cluster, story: Story) -> None:
    begin(cluster)
    follower = Follower(cluster)
    oracle = Oracle(story)
    dice = random.Random(len(story.statements))  # noqa: S311 - no secret
    victim = dice.choice("abc")
    try:
        for number, step in enumerate(story.steps):
            for update in step.updates:
                for verb, path, body in oracle.requests(update):
                    cluster.ask(verb, path, body)
                    oracle.do(verb, path, body)
            if number == len(story.steps) // 2:
                cluster.servers[victim].kill()
        until(lambda: shown(cluster) == oracle.open[-1], lambda: f"{shown(cluster)} {oracle.open[-1]}", seconds=120)
        latest = cluster.alive()[0].get("/v1/events").json()["latest"]
        until(lambda: int(follower.last) >= int(latest), "the stream does not arrive", seconds=120)
        check(cluster, follower, oracle)
    finally:
        follower.stop()
        if not cluster.servers[victim].running:
            cluster.servers[victim].start()


def begin(cluster: Cluster) -> None:
    for policy in ("p", "q"):
        cluster.ask("DELETE", f"/v1/policies/{policy}")
    for table in BASE:
        cluster.ask("PUT", f"/v1/data-sources/{table}/tables/data/rows", [])
    for policy in ("p", "q"):
        cluster.ask("POST", "/v1/policies", {"name": policy})
    until(lambda: not shown(cluster), "old violations do not end", seconds=120)
    until(lambda: not left(cluster), lambda: f"some still show {left(cluster)}", seconds=120)


def left(cluster: Cluster) -> list[Any]:
    """Rows of the datasources that some server shows, which may come to know of changes after the others."""
    tables = [f"/v1/data-sources/{table}/tables/data/rows" for table in BASE]
    return [row for client in cluster.alive() for table in tables for row in client.get(table).json()["results"]]


def violations(cluster: Cluster, **query: Any) -> list[dict[str, Any]]:
    answer = cluster.alive()[0].get("/v1/violations", params={"limit": 10_000, **query})
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def shown(cluster: Cluster) -> _Open:
    return frozenset(
        (each["policy"], each["table"], log.written(each["row"])) for each in violations(cluster, state="open")
    )


def foreign(text: str) -> str:
    """A statement in which the tables of the datasource are three datasources."""
    return re.sub(r"\bd:(\w+)\(", r"\1:data(", text)


class Oracle:
    """A naive workspace that is told what the servers are told, and what it showed after each request."""

    def __init__(self, story: Story) -> None:
        self._statements = story.statements
        self.requested: list[tuple[str, str, Any]] = []
        self.rows: dict[str, list[Any]] = {table: [] for table in BASE}
        self.live: set[int] = set()
        self.workspace = self.fresh()
        self.open: list[_Open] = []
        self.states: list[tuple[dict[str, list[Any]], frozenset[int]]] = []
        self._remember()

    def fresh(self) -> Workspace:
        made = Workspace(executor="naive")
        with made.transaction() as tx:
            for table, columns in BASE.items():
                tx.set_datasource(table, {"data": columns})
            tx.create_policy("p")
            tx.create_policy("q")
        return made

    def requests(self, update: Rows | Toggle) -> Iterator[tuple[str, str, Any]]:
        """What to ask of the servers for an update, given what was done so far."""
        if isinstance(update, Rows):
            rows = [row for row in self.rows[update.table] if update.how != "replace"]
            told = [list(row) for row in update.rows]
            rows = [row for row in rows if row not in told] + (told if update.how != "delete" else [])
            yield "PUT", f"/v1/data-sources/{update.table}/tables/data/rows", rows
            return
        for place in update.statements:
            if place not in self.live:
                statement = self._statements[place]
                self.live.add(place)
                yield "POST", f"/v1/policies/{statement.policy}/rules", {"rule": foreign(statement.text)}

    def do(self, verb: str, path: str, body: Any) -> None:
        _empty, _v1, kind, name, *_rest = path.split("/")
        with self.workspace.transaction() as tx:
            if kind == "data-sources":
                self.rows[name] = body
                tx.replace_rows(name, "data", [tuple(row) for row in body])
            else:
                try:
                    tx.insert_rules(name, [body["rule"]])
                except Exception as error:
                    if type(error).__name__ != "RuleExists":
                        raise
        self.requested.append((verb, path, body))
        self._remember()

    def _remember(self) -> None:
        found: set[tuple[str, str, str]] = set()
        for policy, name, _arity in DERIVED:
            if name in self.workspace.tables(policy):
                rows = self.workspace.rows(policy, name, limits=ENOUGH)
                found.update((policy, name, log.written(row)) for row in rows)
        self.open.append(frozenset(found))
        self.states.append(({table: list(rows) for table, rows in self.rows.items()}, frozenset(self.live)))


def check(cluster: Cluster, follower: Follower, oracle: Oracle) -> None:
    changes = follower.changes
    assert len({change["id"] for change in changes}) == len(changes)
    assert [int(change["id"]) for change in changes] == sorted(int(change["id"]) for change in changes)
    is_open: set[tuple[str, str, str]] = set()
    for change in changes:
        row = (change["policy"], change["table"], log.written(change["row"]))
        assert (row in is_open) == (change["change"] == "left"), change
        (is_open.add if change["change"] == "entered" else is_open.remove)(row)
    assert is_open == oracle.open[-1]
    ever = frozenset().union(*oracle.open)
    begun = {change["id"] for change in changes if change["change"] == "entered"}
    listed = [each for each in violations(cluster) if each["id"] in begun]
    assert len(listed) == len(begun)
    explained = 0
    for each in listed:
        row = (each["policy"], each["table"], log.written(each["row"]))
        assert row in ever, each
        whole = cluster.alive()[0].get(f"/v1/violations/{each['id']}").json()
        if whole["explanation"] is not None:
            explained += 1
            check_explained(oracle, row, whole["explanation"])
    assert explained or not listed


def check_explained(oracle: Oracle, row: tuple[str, str, str], explanation: dict[str, Any]) -> None:
    """There was a state in which the row held and which had all the rows that its explanation names."""
    leaves = [(node["policy"], node["row"]) for node in explanation["nodes"] if node["reason"] == "row"]
    for (rows, _live), is_open in zip(oracle.states, oracle.open, strict=True):
        if row in is_open and all(leaf in rows[source] for source, leaf in leaves):
            return
    raise AssertionError((row, explanation))
