"""However much there is and happens, a tab holds one page of it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api.server_process import Client

MANY = 20_000
MOST_ELEMENTS = 3_000
LARGEST_HEAP = 64 * 1024 * 1024


def test_a_long_table_is_walked_in_pages_of_bounded_size(client: Client, open_page: Callable[..., Page]) -> None:
    config = {"description": "many", "columns": "id,state"}
    assert client.post("/v1/data-sources", {"name": "many", "driver": "push", "config": config}).status_code == 201
    rows = [[f"vm-{number:06}", "ERROR"] for number in range(MANY)]
    assert client.put("/v1/data-sources/many/tables/data/rows", rows).status_code == 200
    client.policy("long", "error(x) :- many:data(id=x)")
    page = open_page(f"{client.url}/dashboard#/policies/long/rows")
    for last in ("100", "200", "300", "400", "500"):
        expect(page.get_by_text(f"–{last} of 20,000")).to_be_visible()
        expect(page.locator("tbody tr")).to_have_count(100)
        page.get_by_role("button", name="Next").click()
    page.get_by_label("Filter").fill("vm-0199")
    expect(page.get_by_text("1–100 of 100")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_ELEMENTS
    assert page.evaluate("performance.memory.usedJSHeapSize") < LARGEST_HEAP


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
