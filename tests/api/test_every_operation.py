"""Every operation that the description names can succeed. The client checks each answer against the description."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import requests

from congress.api import openapi
from tests.api import conformance
from tests.api.keystone_process import PASSWORD, KeystoneProcess
from tests.api.server_process import Client, ServerProcess, guarded_server
from tests.databases import free_port
from tests.policies.bundles.versions import archive
from tests.waiting import until

BYTES = {"Content-Type": "application/octet-stream"}


class Recorded(Client):
    """A client that remembers what succeeded, as the description calls it. `token`: of Keystone."""

    def __init__(self, url: str, token: str | None = None) -> None:
        super().__init__(url)
        self.session.headers["X-Auth-Token"] = token or "of nobody"
        self.succeeded: set[tuple[str, str]] = set()

    def ask(self, verb: str, path: str, body: object = None, **more: Any) -> requests.Response:
        """A request that must succeed."""
        answer = self.request(verb, path, body, **more)
        assert answer.status_code in (200, 201), f"{verb} {path}: {answer.text}"
        template = conformance.template(path)
        assert template, path
        self.succeeded.add((template, verb.lower()))
        return answer

    def made(self, path: str, body: object) -> str:
        """The path of an element that is created with this body."""
        return f"{path}/{self.ask('POST', path, body).json()['id']}"


IMPATIENT = "[events]\nwebhook_attempts = 1\n"
"""Lets what is not taken be a dead letter at once."""


def test_every_operation_can_succeed(tmp_path: Path) -> None:
    (tmp_path / "impatient.conf").write_text("[DEFAULT]\nauth_strategy = noauth\n" + IMPATIENT)
    server = ServerProcess(tmp_path / "state", "--config-file", str(tmp_path / "impatient.conf")).start()
    try:
        succeed(Recorded(server.url))
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            assert requests.request(verb, server.url + "/", timeout=60).status_code == 200
    finally:
        server.close()


def test_an_administrator_that_keystone_knows_may_do_everything(keystone: KeystoneProcess, tmp_path: Path) -> None:
    server = guarded_server(tmp_path, keystone.authtoken() + IMPATIENT)
    try:
        succeed(Recorded(server.url, keystone.token("admin", project="admin")))
    finally:
        server.close()


def succeed(client: Recorded) -> None:
    """Every operation but those on `/`, about things that exist."""
    _service(client)
    _policies(client)
    _library(client)
    _bundles(client)
    _datasources(client)
    _ledger(client)
    _violations(client)
    _webhooks(client)
    # An operation whose description knows no success, such as the refused replacement of derived rows, needs none.
    described = {(path, verb) for path, verb, each in openapi.operations() if min(each.answers, default=400) < 300}
    assert client.succeeded == {each for each in described if each[0] != "/"}


def _service(client: Recorded) -> None:
    for path in ("/v1", "/v1/", "/v1/openapi.json", "/v1/system/drivers", "/v1/system/drivers/nova"):
        client.ask("GET", path)
    for path in ("/metrics", "/v1/system/status", "/dashboard", "/dashboard/session", "/dashboard/preact.js"):
        client.ask("GET", path)
    client.ask("POST", "/dashboard/login", {"user": "admin", "password": PASSWORD, "project": "admin"})
    for path in ("/healthcheck/live", "/healthcheck/ready"):
        client.ask("GET", path)
        client.ask("HEAD", path)


def _policies(client: Recorded) -> None:
    policy = client.made("/v1/policies", {"name": "every", "rules": [{"rule": "q(1)"}]})
    rule = client.made(f"{policy}/rules", {"rule": "error(x) :- q(x)"})
    client.ask("PUT", rule, {"rule": "error(x) :- q(x), gt(x, 0)"})
    client.ask("PATCH", rule, {"comment": "positive ones"})
    client.ask("PATCH", policy, {"description": "of a test"})
    for path in ("/v1/policies", policy, f"{policy}/rules", rule, f"{policy}/status", f"{rule}/status"):
        client.ask("GET", path)
    client.ask("POST", f"{policy}/check", {"text": "error(x) :- q(x), gt(x, 1)", "replaces": rule.rpartition("/")[2]})
    for below in ("tables", "tables/error", "changes", "vocabulary"):
        client.ask("GET", f"{policy}/{below}")
    assert client.ask("GET", f"{policy}/tables/error/rows").json()["results"] == [{"data": [1]}]
    client.ask("POST", f"{policy}?action=simulate", {"query": "error(x)", "sequence": "", "action_policy": "action"})
    client.ask("DELETE", rule)
    client.ask("DELETE", policy)


def _library(client: Recorded) -> None:
    item = client.made("/v1/librarypolicies", {"name": "every", "rules": []})
    client.ask("PUT", item, {"name": "every", "description": "of a test", "rules": []})
    client.ask("GET", item)
    client.ask("GET", "/v1/librarypolicies")
    client.ask("DELETE", item)


def _bundles(client: Recorded) -> None:
    for version in ("1.0", "1.1"):
        client.ask("POST", "/v1/bundles", data=archive(version, packed=[f"t({version})"]), headers=BYTES)
    bundle = "/v1/bundles/shop"
    for path in ("/v1/bundles", bundle, f"{bundle}/versions/1.0"):
        client.ask("GET", path)
    for version in ("1.0", "1.1"):
        client.ask("POST", f"{bundle}/versions/{version}/activate")
    client.ask("POST", f"{bundle}/rollback")
    assert client.rows("packed", "t") == [[1.0]]
    client.ask("POST", f"{bundle}/deactivate")
    client.ask("DELETE", f"{bundle}/versions/1.1")
    client.ask("DELETE", bundle)


def _datasources(client: Recorded) -> None:
    body = {"name": "every", "driver": "push", "config": {"description": "alarms", "columns": "host,state"}}
    source = client.made("/v1/data-sources", body)
    secret = client.made(f"{source}/webhook-secrets", None)
    client.ask("POST", f"{source}/webhook", [["h1", "down"]])
    client.ask("PUT", f"{source}/tables/data/rows", [["h2", "down"]])
    client.ask("PATCH", f"{source}/tables/data/rows", {"insert": [["h3", "up"]], "delete": [["h2", "down"]]})
    client.ask("POST", f"{source}?action=request-refresh")
    for path in ("/v1/data-sources", source, *(f"{source}/{below}" for below in ("status", "schema", "actions"))):
        client.ask("GET", path)
    for below in ("webhook-secrets", "tables", "tables/data", "tables/data/spec"):
        client.ask("GET", f"{source}/{below}")
    rows = client.ask("GET", f"{source}/tables/data/rows")
    assert json.loads(rows.content)["results"] == [{"data": ["h3", "up"]}]
    client.ask("DELETE", secret)
    client.ask("DELETE", source)
    _documents(client)


def _documents(client: Recorded) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as ingester:
        ingester.write("name: told\ntables: {alarms: {webhook: {record_jsonpath: $, id_jsonpath: $.id}}}\n")
        ingester.flush()
        config = {"ingester": ingester.name}
        source = client.made("/v1/data-sources", {"name": "told", "driver": "json", "config": config})
        client.ask("POST", f"{source}/tables/alarms/webhook", {"id": "a1"})
        client.ask("DELETE", source)


def _ledger(client: Recorded) -> None:
    acting = client.made("/v1/data-sources", {"name": "acts", "driver": "fake_datasource", "config": {}})
    client.ask("PUT", f"{acting}/tables/fake_table/rows", [{"id": "h1", "name": "a"}, {"id": "h2", "name": "b"}])
    rules = [{"rule": "execute[acts:fake_act(x)] :- acts:fake_table(id=x)"}]
    policy = client.made("/v1/policies", {"name": "asks", "enforcement": "propose", "rules": rules})

    def proposed() -> list[Any]:
        entries = client.ask("GET", "/v1/actions?policy=asks").json()["results"]
        return entries if len(entries) == 2 else []

    entries = until(proposed)
    one, other = (f"/v1/actions/{entry['id']}" for entry in entries)
    client.ask("GET", one)
    client.ask("POST", f"{one}/approve", {"comment": "seen"})
    client.ask("POST", f"{other}/reject", {"comment": "not now"})
    client.ask("POST", f"{other}/retry", {})
    assert client.ask("GET", f"{policy}/history").json()["results"]
    client.ask("DELETE", policy)
    client.ask("DELETE", acting)


VIOLATED = [{"rule": "error(x) :- q(x)"}, {"rule": "q(1)"}]


def _violations(client: Recorded) -> None:
    policy = client.made("/v1/policies", {"name": "violated", "rules": VIOLATED})
    question = "/v1/violations?policy=violated"
    until(lambda: client.get(question).json()["results"])
    found = client.ask("GET", question).json()["results"][0]
    client.ask("GET", f"/v1/violations/{found['id']}")
    client.ask("GET", "/v1/events?after=0")
    client.ask("POST", f"{policy}/tables/error/explain", {"row": [2]})
    client.ask("DELETE", policy)


def _webhooks(client: Recorded) -> None:
    path = client.made("/v1/event-webhooks", {"url": f"http://127.0.0.1:{free_port()}/", "policy": "refused"})
    policy = client.made("/v1/policies", {"name": "refused", "rules": VIOLATED})
    until(lambda: client.get(path).json()["dead_letters"])
    client.ask("GET", "/v1/event-webhooks")
    client.ask("GET", path)
    (letter,) = client.ask("GET", f"{path}/dead-letters").json()["results"]
    client.ask("POST", f"{path}/dead-letters/{letter['id']}/retry")
    client.ask("DELETE", f"{path}/dead-letters/{letter['id']}")
    client.ask("DELETE", path)
    client.ask("DELETE", policy)
