"""What a service says is still right is not sent again, and stays as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from congress.datasources import transport
from congress.datasources.contract import Unchanged
from congress.datasources.httpjson import HttpDriver
from congress.datasources.jsondocuments import JsonDriver
from congress.datasources.nova import NovaDriver
from congress.datasources.revalidation import Revalidation
from congress.datasources.runner import DatasourceRunner
from tests.datasources.answering import Answering, Asked, Said
from tests.datasources.makeshift_cloud import Handler, serving

NOON = 1_750_000_000


class Shelf:
    """A service with one list, which it gives in pages of two and sends again when it has changed only. `by`: what it
    tells a change by."""

    def __init__(self, *things: str, by: str = "ETag", **headers: str) -> None:
        self.things, self.by, self.headers = list(things), by, headers
        self.changed = NOON
        self.sent: list[int] = []

    def change(self, *things: str) -> None:
        self.things, self.changed = list(things), self.changed + 3600

    def __call__(self, asked: Asked) -> Said:
        start = int(asked.query.get("start", 0))
        more = {"next": f"/things?start={start + 2}"} if len(self.things) > start + 2 else {}
        body = json.dumps({"things": [{"id": one} for one in self.things[start : start + 2]], **more}).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        date = formatdate(self.changed, usegmt=True)
        told, question, answer = {
            "ETag": ({"ETag": tag}, "if-none-match", tag),
            "Last-Modified": ({"Last-Modified": date}, "if-modified-since", date),
        }[self.by]
        is_same = asked.headers.get(question) == answer
        self.sent.append(304 if is_same else 200)
        headers = {"Date": formatdate(NOON + 7200, usegmt=True), **told, **self.headers}
        return Said(b"" if is_same else body, self.sent[-1], headers)


def shelf_driver(url: str, **config: Any) -> HttpDriver:
    paging = {"style": "next", "path": "$.next"}
    table = {"path": "things", "rows": "$.things[*]", "columns": {"id": "id"}, "paging": paging}
    return HttpDriver("shelf", {"url": url, "tables": json.dumps({"things": table}), "poll_time": "0", **config})


def runner(url: str, **config: Any) -> DatasourceRunner:
    return DatasourceRunner("shelf", shelf_driver(url, **config), lambda _updates: None)


def ids(one: DatasourceRunner) -> list[str]:
    return sorted(str(row[0]) for row in one.rows("things") or ())


@pytest.fixture(params=["ETag", "Last-Modified"])
def shelf(request: pytest.FixtureRequest) -> Iterator[tuple[Shelf, DatasourceRunner]]:
    answer = Shelf("a", "b", by=request.param)
    with Answering(answer) as service:
        yield answer, runner(service.url)


def test_not_modified_is_a_success_that_keeps_the_rows(shelf: tuple[Shelf, DatasourceRunner]) -> None:
    service, one = shelf
    assert [one.poll() for _each in range(3)] == [True] * 3
    assert (service.sent, ids(one)) == ([200, 304, 304], ["a", "b"])
    status = one.status()
    assert (status["state"], status["last_error"], status["number_of_updates"]) == ("ok", "None", "3")


def test_a_change_is_sent_and_seen(shelf: tuple[Shelf, DatasourceRunner]) -> None:
    service, one = shelf
    assert one.poll() and one.poll()
    service.change("a", "c")
    assert one.poll() and one.poll()
    assert (service.sent, ids(one)) == ([200, 304, 200, 304], ["a", "c"])


def test_of_many_pages_only_those_that_changed_are_sent() -> None:
    answer = Shelf(*"abcdef")
    with Answering(answer) as service:
        one = runner(service.url)
        assert one.poll()
        answer.change(*"abcdeg")
        assert one.poll()
        assert answer.sent == [200, 200, 200, 304, 304, 200]
        assert ids(one) == list("abcdeg")
        answer.change(*"ab")  # the first page says no longer that there is a second one
        assert one.poll()
        assert ids(one) == ["a", "b"]


def test_a_failure_between_two_answers_changes_nothing() -> None:
    answer = Shelf("a")
    with Answering(answer) as service:
        one = runner(service.url)
        assert one.poll()
        service.answer = lambda _asked: Said({}, 500)
        assert not one.poll()
        assert ids(one) == ["a"]
        service.answer = answer
        assert one.poll()
        assert (one.state(), ids(one)) == ("ok", ["a"])


def test_a_change_within_the_second_of_the_answer_is_not_missed() -> None:
    answer = Shelf("a", by="Last-Modified", Date=formatdate(NOON, usegmt=True))
    with Answering(answer) as service:
        one = runner(service.url)
        assert one.poll()
        answer.things = ["b"]  # at the same second
        assert one.poll()
        assert (answer.sent, ids(one)) == ([200, 200], ["b"])


@pytest.mark.parametrize(
    ("headers", "config"),
    [
        ({"Cache-Control": "no-store"}, {}),
        ({"Vary": "*"}, {}),
        ({}, {"headers": '{"Cache-Control": "no-store"}'}),
    ],
    ids=["the service forbids it", "it depends on what nobody sees", "the operator forbids it"],
)
def test_what_must_not_be_kept_is_asked_for_as_a_whole(headers: dict[str, str], config: dict[str, str]) -> None:
    answer = Shelf("a", **headers)
    with Answering(answer) as service:
        one = runner(service.url, **config)
        assert one.poll() and one.poll()
        assert answer.sent == [200, 200]


def test_an_answer_to_others_is_not_taken_for_ours() -> None:
    answer = Shelf("a", Vary="X-Auth-Token")
    with Answering(answer) as service, transport.session(Revalidation()) as asking:
        for token in ("one", "one", "two"):
            asking.get(f"{service.url}/things", headers={"X-Auth-Token": token}, timeout=10)
        assert answer.sent == [200, 304, 200]


def test_not_modified_that_nobody_asked_for_is_an_error_and_no_empty_list() -> None:
    with Answering(lambda _asked: Said(b"", 304)) as service:
        one = runner(service.url)
        assert not one.poll()
        assert "304 Not Modified to a question that was not whether it is" in one.status()["last_error"]
        assert one.rows("things") is None


def test_answers_are_kept_up_to_a_bound_and_those_that_have_no_place_are_sent_again() -> None:
    answer = Shelf(*(f"thing {number} {hashlib.sha256(bytes([number])).hexdigest()}" for number in range(100)))
    with Answering(answer) as service:
        known = Revalidation(most_bytes=2000)
        driver = shelf_driver(service.url)
        driver._web = replace(driver._web, known=known)
        assert len(driver.fetch("things")["things"]) == len(driver.fetch("things")["things"]) == 100
        assert 0 < answer.sent[50:].count(304) < 50
        assert 1000 < sum(len(kept.packed) for kept in known._kept.values()) <= 2000


def test_only_reads_are_conditional() -> None:
    with Answering(Shelf("a")) as service, transport.session(Revalidation()) as asking:
        asking.get(f"{service.url}/things", timeout=10)
        asking.post(f"{service.url}/things", json={}, timeout=10)
        own = asking.get(f"{service.url}/things", headers={"If-None-Match": '"mine"'}, timeout=10)
    first, posted, asked = service.asked
    assert "if-none-match" not in first.headers
    assert "if-none-match" not in posted.headers
    assert (asked.headers["if-none-match"], own.status_code) == ('"mine"', 200)


def test_where_a_redirect_leads_is_asked_for_as_a_whole() -> None:
    def answer(asked: Asked) -> Any:
        if asked.path == "/moved" and len(service.asked) > 1:
            return Said(b"", 302, {"Location": "/there"})
        return Said({"at": asked.path}, headers={"ETag": '"same"'})

    with Answering(answer) as service, transport.session(Revalidation()) as asking:
        found = [asking.get(f"{service.url}/moved", timeout=10).json() for _each in range(2)]
    assert found == [{"at": "/moved"}, {"at": "/there"}]
    assert "if-none-match" not in service.asked[-1].headers


def test_documents_of_an_ingester_that_did_not_change_stay(tmp_path: Path) -> None:
    answer = Shelf("a", "b")
    with Answering(answer) as service:
        (tmp_path / "shelf.yaml").write_text(
            f"name: shelf\napi_endpoint: {service.url}\n"
            'tables: {things: {poll: {api_path: things, jsonpath: "$.things[*]"}}}'
        )
        one = JsonDriver("shelf", {"ingester": str(tmp_path / "shelf.yaml")})
        first, second = (one.fetch("things")["things"] for _each in range(2))
    assert (answer.sent, first) == ([200, 304], second)
    assert len(set(first)) == 2


# -- services of OpenStack


class TaggedCloud:
    """Nova behind something that gives ETags, as caching proxies do."""

    def __init__(self) -> None:
        self.servers = [{"id": "1", "status": "ACTIVE"}]
        self.sent: list[int] = []
        self.dates = False

    def __call__(self, handler: Handler, path: str, query: dict[str, list[str]]) -> None:
        body = json.dumps({"servers": self.servers}).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        told = {"Last-Modified": formatdate(NOON, usegmt=True)} if self.dates else {"ETag": tag}
        is_same = handler.headers.get("If-None-Match") == tag or "If-Modified-Since" in handler.headers
        self.sent.append(304 if is_same else 200)
        handler.send_bytes(b"" if is_same else body, self.sent[-1], told)


@pytest.fixture
def tagged() -> Iterator[tuple[TaggedCloud, NovaDriver]]:
    answer = TaggedCloud()
    with serving(answer) as cloud:
        driver = NovaDriver("nova", {**cloud.login, "poll_time": "0"})
        yield answer, driver
        driver.close()


def test_a_service_of_openstack_with_etags_sends_what_changed_only(tagged: tuple[TaggedCloud, NovaDriver]) -> None:
    answer, driver = tagged
    assert [set(page["servers"]) for page in driver.pages("servers")] == [set(driver.fetch("servers")["servers"])]
    with pytest.raises(Unchanged):
        list(driver.pages("servers"))
    answer.servers = [{"id": "2", "status": "ERROR"}]
    (page,) = driver.pages("servers")
    assert [row[0] for row in page["servers"]] == ["2"]
    assert answer.sent == [200, 304, 304, 200]


def test_the_time_of_a_list_of_openstack_is_not_believed(tagged: tuple[TaggedCloud, NovaDriver]) -> None:
    """It is that of the newest member, and stays the same when another one is deleted."""
    answer, driver = tagged
    answer.dates, answer.servers = True, [{"id": "1"}, {"id": "2"}]
    driver.fetch("servers")
    del answer.servers[0]
    assert {row[0] for row in driver.fetch("servers")["servers"]} == {"2"}
    assert answer.sent == [200, 200]
