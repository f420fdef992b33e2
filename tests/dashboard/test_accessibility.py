"""axe-core finds nothing serious on any page, light or dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.dashboard.test_pages import PAGES
from tests.dashboard.writing import write

WORTH_MENDING = ("moderate", "serious", "critical")


def _check(page: Page) -> None:
    # axe adds its script through the debugging protocol, which the page's policy does not concern.
    found = Axe().run(page).response["violations"]
    told = [
        f"{each['id']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in WORTH_MENDING
    ]
    assert told == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", PAGES)
def test_every_page_is_for_everybody(dashboard: str, open_page: Callable[..., Page], place: str, theme: str) -> None:
    page = open_page(f"{dashboard}#/{place}", theme=theme)
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[place])
    expect(page.get_by_text("Reading …")).to_have_count(0)
    _check(page)


def test_so_are_the_editor_and_the_dialogs(dashboard: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{dashboard}#/policies/servers")
    page.get_by_role("button", name="Write rules").click()
    write(page, "error(x :- q(x)")
    expect(page.get_by_role("listitem").filter(has_text="Line 1")).to_be_visible()
    _check(page)
    page.goto(f"{dashboard}#/actions")
    page.get_by_role("button", name="Approve").first.click()
    _check(page)
    page.goto(f"{dashboard}#/datasources")
    page.get_by_role("button", name="New datasource").click()
    page.get_by_label("Driver").select_option("nova")
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    _check(page)


def test_so_is_the_page_on_a_phone_with_its_menu(dashboard: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{dashboard}#/overview", width=390)
    page.get_by_role("button", name="Menu").click()
    _check(page)
