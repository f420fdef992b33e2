"""PATCH of pushed rows: some come, some go, and nobody overwrites what he has not seen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.server_process import Client

Fresh = Callable[[str], str]


@pytest.fixture(params=["True", "False"], ids=["kept", "not kept"])
def rows(request: pytest.FixtureRequest, client: Client, fresh: Fresh) -> str:
    """The path of the rows of a new datasource of driver `push`, with columns a and b."""
    name = fresh("patched")
    config = {"description": "d", "columns": "a,b", "persist_data": request.param}
    made = client.post("/v1/data-sources", {"name": name, "driver": "push", "config": config})
    assert made.status_code == 201, made.text
    return f"/v1/data-sources/{name}/tables/data/rows"


def shown(client: Client, rows: str) -> list[Any]:
    return [each["data"] for each in client.get(rows).json()["results"]]


def test_rows_come_and_go_and_the_others_stay(client: Client, rows: str) -> None:
    client.put(rows, [["x", 1], ["y", 2]])
    answer = client.patch(rows, {"insert": [["z", 3], ["y", 2]], "delete": [["x", 1], ["never there", 0]]})
    assert (answer.status_code, answer.text) == (200, "")
    assert shown(client, rows) == [["y", 2], ["z", 3]]


def test_the_tag_of_the_last_change_lets_the_next_one_through_once(client: Client, rows: str) -> None:
    tag = client.patch(rows, {"insert": [["x", 1]]}).headers["ETag"]
    assert client.patch(rows, {"insert": [["y", 2]]}, headers={"If-Match": tag}).status_code == 200
    refused = client.patch(rows, {"insert": [["z", 3]]}, headers={"If-Match": tag})
    assert refused.status_code == 412
    assert "If-Match" in refused.json()["error"]["message"]
    assert shown(client, rows) == [["x", 1], ["y", 2]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"insert": [["x", 1], ["x"]]}, "insert: item 1 of the pushed list has 1 cells"),
        ({"delete": [7]}, "delete: item 0 of the pushed list is not a list of cells"),
        ({"insert": {}}, "violates schema"),
        ({}, "violates schema"),
        ({"insert": [], "replace": []}, "violates schema"),
        ([], "violates schema"),
    ],
)
def test_what_is_wrong_with_a_change_is_told_by_its_position(
    client: Client, rows: str, body: Any, message: str
) -> None:
    client.put(rows, [["x", 1]])
    answer = client.patch(rows, body)
    assert answer.status_code == 400
    assert message in answer.text
    assert shown(client, rows) == [["x", 1]]


def test_changes_at_the_same_time_are_all_made(client: Client, rows: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: client.patch(rows, {"insert": [["n", number]]}).status_code, range(12)))
    assert answers == [200] * 12
    assert shown(client, rows) == [["n", number] for number in range(12)]


def test_the_tables_about_congress_itself_take_no_pushed_data(client: Client) -> None:
    rows = "/v1/data-sources/congress/tables/datasource_status/rows"
    assert client.put(rows, []).status_code == 400
    assert client.patch(rows, {"insert": []}).status_code == 400
