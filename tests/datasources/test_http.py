"""The driver http, over services of each kind of paging."""

from __future__ import annotations

import json
from typing import Any

import pytest

from congress.datasources.contract import DriverError
from congress.datasources.httpjson import HttpDriver
from tests.datasources.answering import Answering, Asked, Said

THINGS = [{"id": number, "tags": [f"t{number}"]} for number in range(5)]


def driver(url: str, tables: dict[str, Any], **config: str) -> HttpDriver:
    return HttpDriver("inventory", {"url": url, "tables": json.dumps(tables), **config})


def things(paging: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"things": {"path": "things", "rows": "$.things[*]", "columns": {"id": "id"}, "paging": paging, **more}}


def slice_of(start: int, size: int = 2) -> dict[str, Any]:
    return {"things": THINGS[start : start + size]}


def by_link(asked: Asked) -> Any:
    start = int(asked.query.get("start", 0))
    more = start + 2 < len(THINGS)
    link = f'</things?start=0>; rel="first", </things?start={start + 2}>; rel="next"' if more else ""
    return Said(slice_of(start), headers={"Link": link})


def by_member(asked: Asked) -> Any:
    start = int(asked.query.get("start", 0))
    following = f"/things?start={start + 2}" if start + 2 < len(THINGS) else None
    return slice_of(start) | {"next": following}


def by_marker(asked: Asked) -> Any:
    return slice_of(int(asked.query.get("marker", -1)) + 1)


def by_number(asked: Asked) -> Any:
    return slice_of(2 * (int(asked.query.get("page", 1)) - 1))


def by_offset(asked: Asked) -> Any:
    return slice_of(int(asked.query.get("offset", 0)), int(asked.query["limit"]))


@pytest.mark.parametrize(
    ("answer", "paging", "requests"),
    [
        (by_link, {"style": "link"}, 3),
        (by_member, {"style": "next", "path": "$.next"}, 3),
        (by_marker, {"style": "marker", "path": "$.things[-1:].id"}, 4),
        (by_number, {"style": "page"}, 4),
        (by_number, {"style": "page", "size": 2}, 3),
        (by_offset, {"style": "offset"}, 4),
    ],
    ids=lambda one: str(one.get("style")) if isinstance(one, dict) else "",
)
def test_a_list_in_parts_is_followed_to_its_end(answer: Any, paging: dict[str, Any], requests: int) -> None:
    with Answering(answer) as service:
        found = driver(service.url, things(paging, query={"limit": "2"})).fetch("things")
        assert set(found["things"]) == {(number,) for number in range(5)}
        assert len(service.asked) == requests


def test_one_answer_fills_a_table_and_those_of_its_parts() -> None:
    tables = things() | {"tags": {"of": "things", "rows": "tags[*]", "columns": {"id": "../id", "tag": "$"}}}
    with Answering(lambda _asked: {"things": THINGS}) as service:
        one = driver(service.url, tables)
        assert one.configured_groups(one.config) == {"things": ("things", "tags")}
        assert (3, "t3") in one.fetch("things")["tags"]
        assert len(service.asked) == 1


def test_logins_and_headers_are_sent() -> None:
    with Answering(lambda _asked: {"things": []}) as service:
        driver(service.url, things(), token="canary-token", headers='{"Accept": "text/json"}').fetch("things")  # noqa: S106
        driver(service.url, things(), username="u", password="canary-word").fetch("things")  # noqa: S106
        driver(service.url, things(), secret_headers='{"X-Key": "canary-key"}').fetch("things")  # noqa: S106
    bearer, basic, key = (asked.headers for asked in service.asked)
    assert (bearer["authorization"], bearer["accept"]) == ("Bearer canary-token", "text/json")
    assert basic["authorization"].startswith("Basic ")
    assert key["x-key"] == "canary-key"


def test_a_list_without_end_is_given_up() -> None:
    with (
        Answering(lambda _asked: {"things": THINGS, "next": "/things"}) as service,
        pytest.raises(DriverError, match="datasource 'inventory', table things: the list does not end"),
    ):
        driver(service.url, things({"style": "next", "path": "$.next"})).fetch("things")


def test_a_list_that_goes_on_elsewhere_is_not_followed() -> None:
    with (
        Answering(lambda _asked: {"things": THINGS, "next": "http://169.254.169.254/secrets"}) as service,
        pytest.raises(DriverError, match="goes on at another server, 169.254.169.254, which is not followed"),
    ):
        driver(service.url, things({"style": "next", "path": "$.next"}), token="canary").fetch("things")  # noqa: S106


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (Said({}, 500), "the answer is 500"),
        (Said({}, 401), "the login was refused"),
        (Said(b"<html>"), "the answer is not JSON"),
        (Said(b"[" * 100_000), "the answer is not JSON"),
        (Said(b"", 302, {"Location": "http://127.0.0.1:9/"}), "the answer is 302"),
    ],
)
def test_answers_that_are_no_list_are_errors_that_name_the_table(said: Said, text: str) -> None:
    with (
        Answering(lambda _asked: said) as service,
        pytest.raises(DriverError, match=f"datasource 'inventory', table things: {text}"),
    ):
        driver(service.url, things()).fetch("things")


def test_an_answer_of_another_shape_has_no_rows() -> None:
    for answer in ([], {"things": 7}, "text", 1, {"things": {}}):
        with Answering(lambda _asked, answer=answer: answer) as service:
            assert set(driver(service.url, things()).fetch("things")["things"]) == set()


@pytest.mark.parametrize(
    "config",
    [{"headers": '{"A": "b\\nC: d"}'}, {"headers": '{"A": 1}'}, {"certificate": "/file"}],
)
def test_options_that_cannot_be_sent_are_refused_at_once(config: dict[str, str]) -> None:
    with pytest.raises(DriverError, match="config option"):
        driver("http://127.0.0.1:9", things(), **config)
