"""Violations and events over HTTP: what opened and closed, when, why, and as it happens."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests

from tests.api.server_process import Client, ServerProcess
from tests.waiting import until

Fresh = Callable[[str], str]
STREAM = {"Accept": "text/event-stream"}


class Hosts:
    """A datasource of hosts, and a policy against those that are down and not excused."""

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.policy, self.source = client, f"{name}p", f"{name}d"
        config = {"description": "hosts", "columns": "host,state"}
        client.post("/v1/data-sources", {"name": self.source, "driver": "push", "config": config})
        rule = f'error(h) :- {self.source}:data(host=h, state="down"), not excused(h)'
        client.policy(self.policy, rule, 'excused("spare")')

    def show(self, **states: str) -> None:
        rows = [[host, state] for host, state in states.items()]
        assert self.client.put(f"/v1/data-sources/{self.source}/tables/data/rows", rows).status_code == 200

    def violations(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.client.get("/v1/violations", params={"policy": self.policy, **query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    def recorded(self, changes: int) -> list[dict[str, Any]]:
        """The events of the policy, as soon as there are so many."""
        found: list[dict[str, Any]] = []

        def are_there() -> bool:
            query = {"policy": self.policy, "after": 0, "wait": 1}
            found[:] = self.client.get("/v1/events", params=query).json()["results"]
            return len(found) >= changes

        until(are_there)
        return found


@pytest.fixture
def hosts(client: Client, fresh: Fresh) -> Hosts:
    return Hosts(client, fresh("hosts"))


# -- violations --------------------------------------------------------------------------------------------------------


def test_a_violation_has_a_beginning_and_an_end_and_a_reason_for_both(hosts: Hosts) -> None:
    hosts.show(a="down", b="up")
    hosts.recorded(1)
    hosts.show(a="up", b="up")
    entered, left = hosts.recorded(2)
    (found,) = hosts.violations()
    assert (found["row"], found["state"], found["id"]) == (["a"], "closed", entered["id"])
    assert (found["opened"]["event"], found["closed"]["event"]) == (entered["id"], left["id"])
    assert found["seconds"] > 0
    shown = hosts.client.get(f"/v1/violations/{found['id']}").json()
    down = {"datasource": hosts.source, "table": "data", "cells": {"host": "a", "state": "down"}}
    source = shown["explanation"]["nodes"][1]["source"]
    assert {name: source[name] for name in down} == down
    assert source["age"] is not None
    failure = shown["closing"]["failures"][0]
    assert failure["nearest"][0]["differs"] == [{"column": "state", "place": 1, "has": "up", "needs": "down"}]


def test_the_link_of_a_premise_leads_to_its_row(hosts: Hosts) -> None:
    hosts.show(a="down", b="down")
    hosts.recorded(2)
    for found in hosts.violations():
        explanation = hosts.client.get(f"/v1/violations/{found['id']}").json()["explanation"]
        rows = hosts.client.get(explanation["nodes"][1]["source"]["href"]).json()["results"]
        assert rows == [{"data": [found["row"][0], "down"]}]


def test_violations_are_found_by_what_they_are_and_when_they_were(hosts: Hosts) -> None:
    hosts.show(a="down")
    hosts.recorded(1)
    hosts.show(b="down")
    first, gone, second = hosts.recorded(3)

    def rows(**query: Any) -> list[Any]:
        return [found["row"][0] for found in hosts.violations(**query)]

    assert rows() == ["b", "a"]
    assert rows(state="open") == ["b"]
    assert rows(state="closed") == ["a"]
    assert rows(table="error", text="a") == ["a"]
    assert rows(table="warning") == []
    assert rows(row='["b"]') == ["b"]
    assert rows(open_at=first["at"]) == ["a"]
    assert rows(open_at=second["at"]) == ["b"]
    assert rows(opened_since=second["at"]) == ["b"]
    assert rows(opened_until=second["at"]) == ["a"]
    assert rows(closed_since=gone["at"]) == ["a"]
    assert rows(closed_until=gone["at"]) == []
    assert rows(since_event=first["id"]) == ["b", "a"]
    assert rows(since_event=second["id"]) == []
    assert rows(since_revision=first["revision"]) == []
    assert rows(since_revision=first["revision"] - 1) == ["b", "a"]


def test_violations_are_read_in_pages(hosts: Hosts) -> None:
    hosts.show(**{f"h{number}": "down" for number in range(7)})
    hosts.recorded(7)
    hosts.show(**{f"h{number}": "down" for number in range(3)})
    hosts.recorded(11)
    found, marker = [], None
    while True:
        query = {"policy": hosts.policy, "limit": 2} | ({} if marker is None else {"marker": marker})
        page = hosts.client.get("/v1/violations", params=query).json()
        found += [each["row"][0] for each in page["results"]]
        marker = page.get("next_marker")
        if marker is None:
            break
    assert sorted(found) == sorted(set(found)) == [f"h{number}" for number in range(7)]


@pytest.mark.parametrize(
    "query",
    ["state=maybe", "row=a", "open_at=yesterday", "since_event=x", "since_revision=-1", "marker=x", "limit=0"],
)
def test_a_question_that_cannot_be_understood_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"/v1/violations?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["error"]["message"]


@pytest.mark.parametrize("identity", ["0", "99999999", "x", "1" * 40])
def test_a_violation_that_is_not_there_is_not_found(client: Client, identity: str) -> None:
    assert client.get(f"/v1/violations/{identity}").status_code == 404


# -- events ------------------------------------------------------------------------------------------------------------


class Follower:
    """A client of the stream that remembers what it was told."""

    def __init__(self, url: str, answer: requests.Response) -> None:
        self.url, self._answer = url, answer
        self.events: list[tuple[str, str, Any]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self._answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line:
                    name, _, value = line.partition(":")
                    fields[name] = value.strip()
                elif "event" in fields:
                    self.events.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
                    fields = {}
        except (requests.RequestException, AttributeError):  # closed by the test
            return

    def changes(self, kind: str = "change") -> list[Any]:
        return [data for _id, found, data in list(self.events) if found == kind]

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()


@contextmanager
def following(url: str, headers: dict[str, str] | None = None, **query: Any) -> Iterator[Follower]:
    with requests.get(
        f"{url}/v1/events", params=query, headers=STREAM | (headers or {}), stream=True, timeout=30
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        try:
            yield Follower(url, answer)
        finally:
            # Whoever reads holds a lock that closing wants, too, until something arrives.
            with suppress(OSError, AttributeError):
                answer.raw._fp.fp.raw._sock.shutdown(socket.SHUT_RDWR)


def test_a_stream_tells_what_happens(hosts: Hosts) -> None:
    with following(hosts.client.url, policy=hosts.policy) as stream:
        until(lambda: stream.changes("begin"))
        hosts.show(a="down")
        until(lambda: stream.changes())
        hosts.show(a="up")
        until(lambda: len(stream.changes()) == 2)
    assert stream.changes() == hosts.recorded(2)
    assert [event["violation"] for event in stream.changes()] == [stream.changes()[0]["id"]] * 2


def test_a_stream_goes_on_where_it_was(hosts: Hosts) -> None:
    with following(hosts.client.url, policy=hosts.policy) as stream:
        hosts.show(a="down")
        until(lambda: stream.changes())
    last = stream.events[-1][0]
    hosts.show(b="down")
    hosts.recorded(3)
    with following(hosts.client.url, {"Last-Event-ID": last}, policy=hosts.policy) as stream:
        until(lambda: len(stream.changes()) == 2)
    assert stream.changes() == hosts.recorded(3)[1:]


def test_a_client_that_slept_long_catches_up_without_loss(hosts: Hosts) -> None:
    begin = hosts.client.get("/v1/events").json()["latest"]
    for number in range(4):
        hosts.show(**{f"h{each}": "down" for each in range(600 * (number % 2), 600 * (number % 2) + 600)})
    hosts.recorded(1000)
    seen: list[dict[str, Any]] = []
    until(
        lambda: (
            len(hosts.violations(state="open", limit=1000)) == 600 and not hosts.violations(row='["h1"]', state="open")
        )
    )
    with following(hosts.client.url, after=begin, policy=hosts.policy) as stream:
        until(lambda: len(stream.changes()) == 600 * 7)
        seen += stream.changes()
    open_rows: set[str] = set()
    for event in seen:
        (open_rows.add if event["change"] == "entered" else open_rows.remove)(event["row"][0])
    assert open_rows == {f"h{each}" for each in range(600, 1200)}


def test_streams_take_no_thread_from_other_requests(hosts: Hosts) -> None:
    streams = [following(hosts.client.url) for _ in range(40)]
    followers = [stream.__enter__() for stream in streams]
    try:
        until(lambda: all(follower.changes("begin") for follower in followers))
        hosts.show(a="down")
        until(lambda: all(follower.changes() for follower in followers))
        assert hosts.client.get("/v1/policies").elapsed.total_seconds() < 5
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_events_are_waited_for_without_a_stream(hosts: Hosts) -> None:
    begin = hosts.client.get("/v1/events").json()["latest"]
    threading.Timer(0.3, lambda: hosts.show(a="down")).start()
    answer = hosts.client.get("/v1/events", params={"after": begin, "wait": 20, "policy": hosts.policy}).json()
    assert [event["row"] for event in answer["results"]] == [["a"]]
    assert answer["latest"] >= answer["results"][-1]["id"]
    assert answer["missed"] is None


@pytest.mark.parametrize("headers", [{}, STREAM])
def test_a_place_that_is_no_place_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.get("/v1/events?after=x", headers=headers).status_code == 400
    assert client.get("/v1/events", headers=headers | {"Last-Event-ID": "-1"}).status_code == 400


def test_there_are_only_so_many_streams_and_they_end_when_the_server_does(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = tmp_path_factory.mktemp("few")
    (place / "few.conf").write_text("[DEFAULT]\nauth_strategy = noauth\n[api]\nstreams = 1\n")
    server = ServerProcess(place / "state", "--config-file", str(place / "few.conf")).start()
    try:
        with following(server.url) as stream:
            until(lambda: stream.changes("begin"))
            refused = requests.get(f"{server.url}/v1/events", headers=STREAM, timeout=30)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert server.terminate() == 0
            until(lambda: stream.ended)
    finally:
        server.close()


def test_a_stream_ends_after_its_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("short")
    (place / "short.conf").write_text("[DEFAULT]\nauth_strategy = noauth\n[api]\nstream_seconds = 1\nstreams = 1\n")
    server = ServerProcess(place / "state", "--config-file", str(place / "short.conf")).start()
    try:
        for _turn in range(2):
            with following(server.url) as stream:
                until(lambda: stream.ended)
            assert stream.changes("begin")
    finally:
        server.close()


# -- explanations ------------------------------------------------------------------------------------------------------


def test_the_rows_of_a_table_are_explained_on_demand(hosts: Hosts) -> None:
    hosts.show(a="down", spare="down")
    rows = hosts.client.get(f"/v1/policies/{hosts.policy}/tables/error/rows?explain=true").json()["results"]
    assert [row["data"] for row in rows] == [["a"]]
    assert [node["reason"] for node in rows[0]["explanation"]["nodes"]] == ["rule", "row", "absent"]


def test_few_rows_are_explained_on_a_page(hosts: Hosts) -> None:
    hosts.show(**{f"h{number}": "down" for number in range(150)})
    path = f"/v1/policies/{hosts.policy}/tables/error/rows"
    page = hosts.client.get(path, params={"explain": "true", "explain_depth": 1}).json()
    assert len(page["results"]) == 100
    rest = hosts.client.get(path, params={"explain": "true", "marker": page["next_marker"]}).json()
    assert len(rest["results"]) == 50
    assert "next_marker" not in rest


def test_a_row_that_is_not_there_is_explained_by_what_it_would_need(hosts: Hosts) -> None:
    hosts.show(a="up", spare="down")
    path = f"/v1/policies/{hosts.policy}/tables/error/explain"
    found = hosts.client.post(path, {"row": ["a"]}).json()
    assert (found["holds"], found["explanation"]) == (False, None)
    assert found["absence"]["failures"][0]["nearest"][0]["source"]["cells"] == {"host": "a", "state": "up"}
    blocked = hosts.client.post(path, {"row": ["spare"]}).json()["absence"]["failures"][0]
    assert blocked["blockers"][0]["nodes"][0]["holds"] == f'{hosts.policy}:excused("spare")'
    assert hosts.client.post(path, {"row": ["b"]}).json()["absence"]["failures"][0]["because"] == "no match"


@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"row": "a"}, 400), ({"row": ["a", "b"]}, 400), ([], 400)])
def test_an_explanation_is_of_a_row(hosts: Hosts, body: Any, status: int) -> None:
    assert hosts.client.post(f"/v1/policies/{hosts.policy}/tables/error/explain", body).status_code == status


def test_a_table_that_is_not_there_has_nothing_to_explain(hosts: Hosts) -> None:
    for path in (f"/v1/policies/{hosts.policy}/tables/none/explain", "/v1/policies/none/tables/error/explain"):
        assert hosts.client.post(path, {"row": ["a"]}).status_code == 404
