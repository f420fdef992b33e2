"""Beyond the original: long lists are read in pages, and filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.server_process import Client

Fresh = Callable[[str], str]


def _pages(client: Client, path: str, **parameters: Any) -> list[list[Any]]:
    """All pages of a list, read as a client does: with the marker of the page before until there is none."""
    pages = []
    while True:
        answer = client.get(path, params=parameters).json()
        pages.append(answer["results"])
        if "next_marker" not in answer:
            return pages
        parameters["marker"] = answer["next_marker"]


def test_rows_are_read_page_by_page(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("paged"), *[f'q({number}, "x")' for number in range(10)], 'q("a", 1.5)')
    pages = _pages(client, f"/v1/policies/{policy}/tables/q/rows", limit=4)
    assert [len(page) for page in pages] == [4, 4, 3]
    assert [row["data"] for page in pages for row in page] == client.rows(policy, "q")


def test_rows_that_come_and_go_do_not_disturb_the_pages(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("moving"), *[f"q({number})" for number in (1, 3, 5, 7)])
    path = f"/v1/policies/{policy}/tables/q/rows"
    first = client.get(path, params={"limit": 2}).json()
    client.post(f"/v1/policies/{policy}/rules", {"rules": [{"rule": "q(2)"}, {"rule": "q(4)"}]})
    for rule in client.get(f"/v1/policies/{policy}/rules").json()["results"]:
        if rule["rule"] == "q(3)":
            client.delete(f"/v1/policies/{policy}/rules/{rule['id']}")
    second = client.get(path, params={"limit": 9, "marker": first["next_marker"]}).json()
    assert [row["data"] for row in second["results"]] == [[4], [5], [7]]
    assert "next_marker" not in second


def test_rows_are_filtered_by_column(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("filtered"), 'q(1, "a")', 'q("1", "b")', 'q(2, "b")', 'q(2.5, "b c")')
    path = f"/v1/policies/{policy}/tables/q/rows"

    def found(**columns: str) -> list[Any]:
        parameters = {f"column.{number[1:]}": value for number, value in columns.items()}
        return [row["data"] for row in client.get(path, params=parameters).json()["results"]]

    assert found(_0="1") == [[1, "a"], ["1", "b"]]
    assert found(_0="2", _1="b") == [[2, "b"]]
    assert found(_1="b c") == [[2.5, "b c"]]
    assert found(_0="2.5") == [[2.5, "b c"]]
    assert found(_1="none") == []


def test_rows_of_a_datasource_are_filtered_by_the_names_of_columns(client: Client, fresh: Fresh) -> None:
    source = fresh("source")
    client.post("/v1/data-sources", {"name": source, "driver": "fake_datasource"})
    client.put(f"/v1/data-sources/{source}/tables/fake_table/rows", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    policy = client.policy(fresh("over"), f"p(x) :- {source}:fake_table(id=x)")
    for path in (f"/v1/data-sources/{source}/tables/fake_table", f"/v1/policies/{policy}/tables/{source}:fake_table"):
        answer = client.get(f"{path}/rows", params={"column.name": "b"}).json()
        assert [row["data"] for row in answer["results"]] == [[2, "b"]]
        refused = client.get(f"{path}/rows", params={"column.nope": "b"})
        assert refused.status_code == 400
        assert "its columns are id, name" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "parameters",
    [{"limit": "0"}, {"limit": "x"}, {"limit": "-1"}, {"marker": "x"}, {"marker": "[[1]]"}, {"column.5": "x"}],
)
def test_pages_that_make_no_sense_are_refused(client: Client, fresh: Fresh, parameters: dict[str, str]) -> None:
    policy = client.policy(fresh("senseless"), "q(1)")
    assert client.get(f"/v1/policies/{policy}/tables/q/rows", params=parameters).status_code == 400


def test_every_list_has_pages(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("listed"), "p(x) :- q(x)", "q(1)", "r(1)")
    for number in range(2):
        client.post("/v1/data-sources", {"name": fresh("listed"), "driver": "fake_datasource"})
        client.post("/v1/librarypolicies", {"name": fresh("listed"), "rules": []})
        client.policy(fresh(f"listed{number}"))
    lists = ["/v1/policies", "/v1/data-sources", "/v1/librarypolicies", "/v1/system/drivers"]
    for path in [*lists, f"/v1/policies/{policy}/rules", f"/v1/policies/{policy}/tables"]:
        whole = client.get(path).json()["results"]
        pages = _pages(client, path, limit=2)
        assert [item for page in pages for item in page] == whole
        assert len(pages) == (len(whole) + 1) // 2
        assert client.get(path, params={"marker": "nobody"}).status_code == 400


def test_lists_are_filtered_by_fields(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("named"))
    client.post(f"/v1/policies/{policy}/rules", {"rule": "p(1)", "name": "one"})
    client.post(f"/v1/policies/{policy}/rules", {"rule": "p(2)", "name": "two"})
    named = client.get(f"/v1/policies/{policy}/rules?name=two").json()["results"]
    assert [rule["rule"] for rule in named] == ["p(2)"]
    assert [item["name"] for item in client.get(f"/v1/policies?name={policy}").json()["results"]] == [policy]
    assert {item["name"] for item in client.get("/v1/policies?kind=action").json()["results"]} == {"action"}
