"""Draws the pictures of docs/dashboard.md: `python -m tests.dashboard.screenshots DIRECTORY`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.api.server_process import Client, ServerProcess
from tests.dashboard import shop
from tests.dashboard.conftest import CHROMIUM
from tests.dashboard.writing import write

DESKTOP, PHONE = (1280, 860), (390, 844)
_ROW = '["vm-014","u-4"]'


class Shot(NamedTuple):
    """A picture: its name, the page, and what is done there before it is taken."""

    name: str
    place: str
    prepare: Callable[[Page], None] = lambda _page: None


def _one_hour(page: Page) -> None:
    page.get_by_role("button", name="1 h").click()
    expect(page.get_by_text("new in 1 h")).to_be_visible()
    expect(page.locator("figure")).to_be_visible()


def _mistake(page: Page) -> None:
    page.get_by_role("button", name="Write rules").click()
    write(
        page,
        "// whoever left keeps no server\n"
        'error(vm, owner) :-\n  nova:data(id=vm, ownr=owner, status="ACTIVE"),\n  not employed(owner)',
    )
    expect(page.get_by_role("listitem").filter(has_text="unknown-column")).to_be_visible()


def _preview(page: Page) -> None:
    page.get_by_role("button", name="Write rules").click()
    write(page, 'warning(vm) :- nova:data(id=vm, status="ACTIVE", host="compute-3")')
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("newly violate")).to_be_visible()


def _simulate(page: Page) -> None:
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(page.get_by_text("Before and after")).to_be_visible()


def _new_datasource(page: Page) -> None:
    page.get_by_role("button", name="New datasource").click()
    page.get_by_label("Driver").select_option("nova")
    expect(page.get_by_label("Name", exact=True)).to_be_visible()


def _happenings(page: Page) -> None:
    expect(page.get_by_text("Nothing has happened")).to_be_visible()
    rows = [[f"vm-{number}", "ERROR", "u-1", "compute-1"] for number in (901, 902, 903)]
    for change in ({"insert": rows}, {"delete": rows[:2]}):
        assert page.evaluate(_PATCH, change) == 200
    expect(page.locator("tbody tr")).to_have_count(5)
    assert page.evaluate(_PATCH, {"delete": rows}) == 200
    expect(page.locator("tbody tr")).to_have_count(6)


_PATCH = """(change) => fetch("/v1/data-sources/nova/tables/data/rows", {
    method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify(change)
}).then((answer) => answer.status)"""
_STEPS = '[["-","nova:data",["vm-014","ERROR","u-4","compute-2"]]]'
SHOTS = (
    Shot("overview", "overview", _one_hour),
    Shot("policies", "policies"),
    Shot("rules", "policies/servers"),
    Shot("editor", "policies/servers", _mistake),
    Shot("preview", "policies/servers", _preview),
    Shot("rows", "policies/servers/rows"),
    Shot("explain", f"policies/servers/explain/error?row={_ROW}"),
    Shot("why-not", 'policies/servers/explain/error?row=["vm-007","u-2"]'),
    Shot("violations", "policies/servers/violations"),
    Shot("simulation", f"simulation?policy=servers&query=error(vm, owner)&steps={_STEPS}", _simulate),
    Shot("actions", "actions"),
    Shot("live", "live", _happenings),
    Shot("datasources", "datasources"),
    Shot("new-datasource", "datasources", _new_datasource),
    Shot("datasource", "datasources/nova"),
    Shot("library", "library"),
)


def take(browser: Browser, url: str, into: Path) -> None:
    """Every picture, light, dark and as a phone shows it."""
    for kind, (width, height), scheme in (
        ("light", DESKTOP, "light"),
        ("dark", DESKTOP, "dark"),
        ("phone", PHONE, "light"),
    ):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        for shot in SHOTS:
            page.goto("about:blank")
            page.goto(f"{url}/dashboard#/{shot.place}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_text("Reading …")).to_have_count(0)
            shot.prepare(page)
            page.screenshot(path=into / f"{shot.name}-{kind}.png")
            print(f"{shot.name}-{kind}.png", flush=True)
        context.close()


def main(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state:
        server = ServerProcess(Path(state)).start()
        try:
            client = Client(server.url)
            shop.stock(client)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                take(browser, server.url, into)
                browser.close()
        finally:
            server.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
