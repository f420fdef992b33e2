"""Whatever users and clouds call their things is shown as text and never becomes part of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.api.server_process import Client
from tests.dashboard.writing import write

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"&amp;{{7*7}}${7*7}<b>bold</b>'
CELL = HOSTILE.replace('"', "")


@pytest.fixture(scope="module")
def hostile(client: Client) -> Client:
    config = {"description": HOSTILE, "columns": "id,name"}
    body = {"name": "cloud", "driver": "push", "description": HOSTILE, "config": config}
    assert client.post("/v1/data-sources", body).status_code == 201
    assert client.put("/v1/data-sources/cloud/tables/data/rows", [["javascript:alert(1)", CELL]]).status_code == 200
    assert (
        client.post("/v1/data-sources", {"name": "acts", "driver": "fake_datasource", "config": {}}).status_code == 201
    )
    rules = [
        {"rule": "error(id, name) :- cloud:data(id=id, name=name)", "comment": HOSTILE[:100], "name": HOSTILE[:100]},
        {"rule": f'named("{CELL}")'},
        {"rule": "execute[acts:fake_act(name)] :- cloud:data(name=name)"},
    ]
    policy = {"name": "p", "description": HOSTILE, "enforcement": "propose", "rules": rules}
    assert client.post("/v1/policies", policy).status_code == 201
    library = {"name": "L", "description": HOSTILE, "rules": [{"rule": f'q("{CELL}")', "comment": HOSTILE}],
               "parameters": [{"name": "x", "type": "string", "description": HOSTILE, "default": CELL}]}  # fmt: skip
    assert client.post("/v1/librarypolicies", library).status_code == 201
    return client


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("overview", None),
        ("policies", HOSTILE),
        ("policies/p", CELL),
        ("policies/p/rows", CELL),
        ("policies/p/rows/named", CELL),
        ("policies/p/violations", CELL),
        ("policies/p/settings", None),
        ("datasources", HOSTILE),
        ("datasources/cloud/rows", CELL),
        ("library", HOSTILE),
        ("actions", CELL),
        ("policies/%3Cimg%20src%3Dx%20onerror%3Dwindow.hit%3D1%3E", "<img src=x"),
        ("%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E", "<script>"),
    ],
)
def test_names_stay_text(hostile: Client, open_page: Callable[..., Page], place: str, shown: str | None) -> None:
    page = open_page(f"{hostile.url}/dashboard#/{place}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Reading …")).to_have_count(0)
    if shown is not None:
        expect(page.locator("main")).to_contain_text(shown)
    _is_untouched(page)


def test_an_explanation_stays_text(hostile: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{hostile.url}/dashboard#/policies/p/rows")
    page.get_by_role("link", name="Why?").first.click()
    expect(page.locator(".tree")).to_contain_text(CELL)
    page.get_by_role("link", name="simulate without it").click()
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(page.get_by_text("Disappears: 1")).to_be_visible()
    _is_untouched(page)


def test_what_is_written_in_the_editor_stays_text(hostile: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{hostile.url}/dashboard#/policies/p")
    page.get_by_role("button", name="Write rules").click()
    write(page, f'bad(x) :- "{CELL}"')
    expect(page.get_by_role("listitem").filter(has_text="Line 1")).to_be_visible()
    _is_untouched(page)
    write(page, f'good("{CELL} again")')
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing would change")).to_be_visible()
    _is_untouched(page)


def _is_untouched(page: Page) -> None:
    assert page.evaluate("window.hit") is None
    assert page.locator("main img, main script, main iframe, main b").count() == 0
    assert page.locator('a[href^="javascript:"]').count() == 0
