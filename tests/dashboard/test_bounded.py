"""However much there is and happens, a tab holds one page of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.api.server_process import Client

PAGES = 50
EVENTS = 500
MOST_ELEMENTS = 3_000
MOST_NODES = 8_000
"""With texts, comments and what is on its way out of the page."""
LARGEST_HEAP = 64 * 1024 * 1024
MOST_GROWTH = 8 * 1024 * 1024


class Held(NamedTuple):
    """What a tab holds after its garbage was collected: nodes of all documents, bytes of JavaScript."""

    nodes: int
    heap: int


def held(page: Page) -> Held:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: int(each["value"]) for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return Held(metrics["Nodes"], metrics["JSHeapUsedSize"])


def many(client: Client, name: str, number: int) -> None:
    """A policy with so many violations, which follow a table of the same name with `many_` before it."""
    config = {"description": "many", "columns": "id,state"}
    body = {"name": f"many_{name}", "driver": "push", "config": config}
    assert client.post("/v1/data-sources", body).status_code == 201
    rows = [[f"vm-{place:06}", "ERROR"] for place in range(number)]
    assert client.put(f"/v1/data-sources/many_{name}/tables/data/rows", rows).status_code == 200
    client.policy(name, f"error(x) :- many_{name}:data(id=x)")


@pytest.mark.parametrize("number", [20_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_tab_holds_one_page_of_a_long_table_however_many_are_turned_and_whatever_happens(
    client: Client, open_page: Callable[..., Page], number: int
) -> None:
    policy = f"long{number}"
    many(client, policy, number)
    page = open_page(f"{client.url}/dashboard#/policies/{policy}/rows")
    of = f" of {number:,}"
    early = None
    for last in range(100, PAGES * 100 + 1, 100):
        expect(page.get_by_text(f"–{last:,}{of}")).to_be_visible()
        if last == 500:
            early = held(page)
        page.get_by_role("button", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(100)
    page.get_by_label("Filter").fill("vm-0199")
    expect(page.get_by_text("1–100 of 100")).to_be_visible()
    page.get_by_label("Filter").fill("")
    for turn in range(10):
        rows = [[f"new-{turn}-{place}", "ERROR"] for place in range(EVENTS // 10)]
        change = client.patch(f"/v1/data-sources/many_{policy}/tables/data/rows", {"insert": rows})
        assert change.status_code == 200, change.text
        expect(page.get_by_text(f" of {number + (turn + 1) * EVENTS // 10:,}")).to_be_visible()
    late = held(page)
    assert early is not None
    assert max(early.nodes, late.nodes) < MOST_NODES
    assert late.heap < min(LARGEST_HEAP, early.heap + MOST_GROWTH)


def test_a_storm_of_events_leaves_the_last_two_hundred(client: Client, open_page: Callable[..., Page]) -> None:
    config = {"description": "storm", "columns": "id"}
    assert client.post("/v1/data-sources", {"name": "storm", "driver": "push", "config": config}).status_code == 201
    client.policy("stormy", "error(x) :- storm:data(id=x)")
    page = open_page(f"{client.url}/dashboard#/live")
    expect(page.get_by_text("Live", exact=True).last).to_be_visible()
    for turn in range(4):
        rows = [[f"{turn}-{number:04}"] for number in range(1000)]
        assert client.put("/v1/data-sources/storm/tables/data/rows", rows).status_code == 200
    expect(page.locator("tbody tr").first).to_contain_text("3-")
    expect(page.locator("tbody tr")).to_have_count(200)
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
    assert page.evaluate("performance.memory.usedJSHeapSize") < LARGEST_HEAP
