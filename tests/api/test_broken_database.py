"""The database fails in the middle of requests: what was acknowledged is there, what was refused is not."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from congress.db import migration, session
from congress.db.session import Database
from congress.policies.bundles import pack
from tests.api.broken_sessions import NOT_KNOWN, Session, check, lists_of, snapshot
from tests.api.failing_node import FailingNode
from tests.api.server_process import Client, ServerProcess
from tests.breaking_proxy import BreakingProxy
from tests.databases import MariaDb
from tests.policies.bundles.versions import bundle
from tests.waiting import until

SESSIONS, REQUESTS = 8, 130


class Sweep:
    """Loses a connection at the n-th statement after the last loss, for n = 1, 2, …, 60 and again, and at every fifth
    COMMIT; in turn before and after the server got it."""

    def __init__(self) -> None:
        self._n, self._last, self._commits, self._turn = 1, 0, 0, False
        self.commits_lost = {"before": 0, "after": 0}
        self.is_on = False

    def __call__(self, number: int, is_commit: bool) -> str | None:
        self._commits += is_commit
        if not self.is_on or not (number - self._last >= self._n or (is_commit and self._commits % 5 == 0)):
            return None
        self._n, self._last, self._turn = self._n % 60 + 1, number, not self._turn
        fate = "after" if self._turn else "before"
        self.commits_lost[fate] += is_commit
        return fate


def started(place: Path, url: str) -> ServerProcess:
    place.mkdir()
    config = place / "congress.conf"
    config.write_text(f"[DEFAULT]\nauth_strategy = noauth\nbind_host = 127.0.0.1\n[database]\nconnection = {url}\n")
    return ServerProcess(place / "state", "--config-file", str(config)).start()


def test_a_thousand_requests_over_connections_that_break(mariadb: MariaDb, tmp_path: Path) -> None:
    url = mariadb.create() + "&ssl_disabled=true"  # else each new connection reads all certificates of the machine
    migration.upgrade(Database(url))
    sweep = Sweep()
    proxy = BreakingProxy(mariadb.port, sweep)
    server = started(tmp_path / "one", url.replace(str(mariadb.port), str(proxy.port)))
    try:
        client = Client(server.url)
        rules = [{"rule": "p(x) :- q(x)"}, {"rule": "q(7)"}]
        item = client.post("/v1/librarypolicies", {"name": "Simple", "rules": rules}).json()
        sweep.is_on = True
        sessions = [Session(server.url, f"s{number}x", REQUESTS, item["id"]) for number in range(SESSIONS)]
        for each in sessions:
            each.start()
        for each in sessions:
            each.join(300)
            if each.failure is not None:
                raise each.failure
            assert not each.is_alive()
        sweep.is_on = False
        # What the server was not sure of is shown as it is stored after its next look at the database.
        assert client.post("/v1/data-sources", {"name": "looked", "driver": "fake_datasource"}).status_code == 201
        assert proxy.lost > 100
        assert min(sweep.commits_lost.values()) > 5
        shown = snapshot(lists_of(client))
        for each in sessions:
            check(each.told, each.prefix, shown)
        server.close()
        other = started(tmp_path / "two", url)
        try:
            shows_the_same(Client(other.url), shown)
        finally:
            other.close()
        assert "unexpected failure" not in server.log.read_text()
    finally:
        server.close()
        proxy.close()


def test_a_server_starts_over_connections_that_break(mariadb: MariaDb, tmp_path: Path) -> None:
    url = mariadb.create() + "&ssl_disabled=true"
    migration.upgrade(Database(url))
    lost = {number**2 for number in range(3, 14)}
    proxy = BreakingProxy(mariadb.port, lambda number, _is_commit: "before" if number in lost else None)
    server = started(tmp_path / "one", url.replace(str(mariadb.port), str(proxy.port)))
    try:
        shown = snapshot(lists_of(Client(server.url)))
        assert len(shown["library"]) > 10
        assert {"classification", "action"} <= shown.keys()
        assert proxy.lost >= 5
        assert "waiting for the database" in server.log.read_text()
    finally:
        server.close()
        proxy.close()


def shows_the_same(client: Client, shown: dict[str, Any]) -> None:
    """Wait for the rows that were pushed: a server is there before its datasources are."""

    def other() -> dict[str, Any]:
        now = snapshot(lists_of(client))
        return {name: now.get(name) for name in shown.keys() | now.keys() if now.get(name) != shown.get(name)}

    until(lambda: not other(), lambda: f"shown otherwise: {other()}", seconds=30, every=0.05)


class Change(NamedTuple):
    """A request that changes something, and requests that make what it needs; `{name}` is another one each time and
    `{id}` what the last of `before` answered as its id."""

    verb: str
    path: str
    body: Any = None
    before: tuple[tuple[str, str, Any], ...] = ()


RULES = [{"rule": "p(x) :- q(x)"}, {"rule": "q(1)"}]
POLICY = ("POST", "/v1/policies", {"name": "{name}", "rules": RULES})
RULE = ("POST", "/v1/policies/{name}/rules", {"rule": "q(2)"})
CONFIG = {"description": "rows", "persist_data": "True"}
DATASOURCE = ("POST", "/v1/data-sources", {"name": "{name}", "driver": "push", "config": CONFIG})
ROWS = ("PUT", "/v1/data-sources/{name}/tables/data/rows", [["a"], ["b"]])
SECRET = ("POST", "/v1/data-sources/{name}/webhook-secrets", None)
ITEM = ("POST", "/v1/librarypolicies", {"name": "{name}", "rules": RULES})
UPLOAD = ("POST", "/v1/bundles", {"bundle": "{name}", "version": "1"})
UPLOAD_OTHER = ("POST", "/v1/bundles", {"bundle": "{name}", "version": "2"})
ACTIVATE = ("POST", "/v1/bundles/{name}/versions/1/activate", None)
ACTIVATE_OTHER = ("POST", "/v1/bundles/{name}/versions/2/activate", None)
CHANGES = {
    "create a policy": Change(*POLICY),
    "change a policy": Change("PATCH", "/v1/policies/{name}", {"description": "new"}, (POLICY,)),
    "delete a policy": Change("DELETE", "/v1/policies/{name}", None, (POLICY,)),
    "insert a rule": Change(*RULE, (POLICY,)),
    "insert rules": Change(*RULE[:2], {"rules": [{"rule": "q(2)"}, {"rule": "q(3)"}]}, (POLICY,)),
    "replace a rule": Change("PUT", "/v1/policies/{name}/rules/{id}", {"rule": "q(4)"}, (POLICY, RULE)),
    "delete a rule": Change("DELETE", "/v1/policies/{name}/rules/{id}", None, (POLICY, RULE)),
    "activate": Change("POST", "/v1/policies?library_policy={id}", {"name": "{name}"}, (ITEM,)),
    "create a datasource": Change(*DATASOURCE),
    "delete a datasource": Change("DELETE", "/v1/data-sources/{name}", None, (DATASOURCE, ROWS)),
    "push rows": Change(*ROWS, (DATASOURCE,)),
    "push other rows": Change(*ROWS[:2], [["c"]], (DATASOURCE, ROWS)),
    "make a secret": Change(*SECRET, (DATASOURCE,)),
    "delete a secret": Change("DELETE", f"{SECRET[1]}/{{id}}", None, (DATASOURCE, SECRET)),
    "add to the library": Change(*ITEM),
    "change the library": Change("PUT", "/v1/librarypolicies/{id}", {"name": "{name}x", "rules": RULES}, (ITEM,)),
    "delete from the library": Change("DELETE", "/v1/librarypolicies/{id}", None, (ITEM,)),
    "upload a bundle": Change(*UPLOAD),
    "activate a bundle": Change(*ACTIVATE, (UPLOAD,)),
    "activate another version": Change(*ACTIVATE_OTHER, (UPLOAD, ACTIVATE, UPLOAD_OTHER)),
    "roll a bundle back": Change(
        "POST", "/v1/bundles/{name}/rollback", None, (UPLOAD, ACTIVATE, UPLOAD_OTHER, ACTIVATE_OTHER)
    ),
    "deactivate a bundle": Change("POST", "/v1/bundles/{name}/deactivate", None, (UPLOAD, ACTIVATE)),
    "delete a bundle": Change("DELETE", "/v1/bundles/{name}", None, (UPLOAD,)),
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FailingNode]:
    node = FailingNode(tmp_path / "state")
    yield node
    node.close()


WAYS = ("statement", "before", "after", "before, gone", "after, gone", "before, after", "after, after")


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_whose_nth_statement_fails_is_made_or_is_not(
    node: FailingNode, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ASK_SECONDS", 0.05)
    faults = {when: swept(node, what, when) for when in WAYS}
    assert faults["statement"] > 3
    assert min(faults.values()) >= 1
    assert node.shown() == node.shown_by_another()


def swept(node: FailingNode, what: str, when: str) -> int:
    """Make the change again and again, each time with a later fault; answers how many faults there can be."""
    for number in itertools.count(1):
        name = f"w{WAYS.index(when)}x{number}"
        verb, path, body = prepared(node, CHANGES[what], name)
        before = state(node, name)
        node.faults.fail(number, when)
        status, answer = node.ask(verb, path, body)
        was_reached = node.faults.end()
        node.settle()
        is_made = state(node, name) != before
        assert status in (200, 201, 503), answer
        if status != 503:
            assert is_made
        elif NOT_KNOWN in answer["error"]["message"]:
            assert is_made == (when == "after, gone")
        else:
            assert not is_made, (number, answer)
        if not was_reached:
            return number - 1
    raise AssertionError


def prepared(node: FailingNode, change: Change, name: str) -> tuple[str, str, Any]:
    """Make what a change needs; answers its request."""
    found = "none"
    for verb, path, body in change.before:
        status, answer = node.ask(verb, *named(name, found, path, body))
        assert status in (200, 201), answer
        found = answer["id"] if answer and "id" in answer else found
    path, body = named(name, found, change.path, change.body)
    return change.verb, path, body


def named(name: str, found: str, path: str, body: Any) -> tuple[str, Any]:
    asked = json.loads(json.dumps(body).replace("{name}", name))
    if path == "/v1/bundles":
        rules = [f"q({asked['version']})", "p(x) :- q(x)"]
        asked = pack(
            bundle(asked["version"], name=asked["bundle"], **{name: rules, f"{name}o{asked['version']}": rules})
        )
    return path.replace("{name}", name).replace("{id}", found), asked


def state(node: FailingNode, name: str) -> list[Any]:
    """What a change of a thing of this name would show in."""
    lists = ["policies", "data-sources", "librarypolicies", f"policies/{name}/rules", f"policies/{name}/tables/q/rows"]
    lists += [f"data-sources/{name}/tables/data/rows", f"data-sources/{name}/webhook-secrets"]
    return [node.ask("GET", f"/v1/{path}") for path in (*lists, f"bundles/{name}")]
