"""Every page is drawn, shows what the API says, and is walked by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.api.server_process import Client

Opened = Callable[..., Page]

PAGES = {
    "overview": "Overview",
    "policies": "Policies",
    "policies/servers": "servers",
    "policies/servers/rows": "servers",
    "policies/servers/violations": "servers",
    "policies/servers/settings": "servers",
    'policies/servers/explain/error?row=["vm-014","u-4"]': 'error("vm-014", "u-4")',
    "live": "Live",
    "simulation": "Simulation",
    "actions": "Actions",
    "datasources": "Datasources",
    "datasources/nova": "nova",
    "datasources/nova/rows": "nova",
    "library": "Library",
}


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("place", PAGES)
def test_every_page_is_drawn_and_fits_its_window(dashboard: str, open_page: Opened, place: str, width: int) -> None:
    page = open_page(f"{dashboard}#/{place}", width=width)
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[place])
    expect(page.get_by_text("Reading …")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_the_overview_counts_violations_and_shows_sources_and_replicas(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/overview")
    expect(page.get_by_role("img", name="Open violations by policy, now: servers 47, repairs 1")).to_be_visible()
    sources = page.locator("section", has=page.get_by_role("heading", name="Datasources"))
    expect(sources.get_by_role("listitem")).to_have_count(3)
    replicas = page.locator("section", has=page.get_by_role("heading", name="Replicas"))
    expect(replicas).to_contain_text("revision")
    expect(replicas).to_contain_text("epoch")


def test_rows_are_filtered_and_paged(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/datasources/nova/rows")
    rows = page.locator("tbody tr")
    expect(page.get_by_text("1–100 of 140")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("101–140 of 140")).to_be_visible()
    expect(rows).to_have_count(40)
    page.get_by_label("Filter").fill("VM-07")
    expect(page.get_by_text("1–10 of 10")).to_be_visible()
    expect(rows).to_have_count(10)


def test_a_datasource_is_created_from_the_options_of_its_driver(
    stocked: Client, dashboard: str, open_page: Opened
) -> None:
    page = open_page(f"{dashboard}#/datasources")
    page.get_by_role("button", name="New datasource").click()
    page.get_by_label("Driver").select_option("nova")
    expect(page.get_by_label("password", exact=True)).to_have_attribute("type", "password")
    page.get_by_label("Driver").select_option("push")
    page.get_by_label("Name", exact=True).fill("alarms")
    page.get_by_label("description", exact=True).fill("what the alarms are about")
    page.get_by_text("more options").click()
    page.get_by_label("columns", exact=True).fill("host,state")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("alarms")
    expect(page.get_by_text("alarms:data")).to_be_visible()
    assert stocked.get("/v1/data-sources/alarms").json()["config"]["columns"] == "host,state"
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Datasources")
    assert stocked.get("/v1/data-sources/alarms").status_code == 404


def test_a_library_policy_is_previewed_and_activated_with_its_parameters(
    stocked: Client, dashboard: str, open_page: Opened
) -> None:
    item = {
        "name": "Limits",
        "description": "Not too many.",
        "parameters": [
            {"name": "most", "type": "number", "default": 3, "description": "how many"},
            {"name": "spared", "type": "list of strings"},
        ],
        "rules": [{"rule": "error(owner, n) :- many(owner, n), most(m), gt(n, m), not spared(owner)"},
                  {"rule": "many(owner, count(vm)) :- nova:data(id=vm, owner=owner)"}],
    }  # fmt: skip
    assert stocked.post("/v1/librarypolicies", item).status_code == 201
    page = open_page(f"{dashboard}#/library")
    page.get_by_label("Find").fill("too many")
    page.get_by_role("button", name="Activate Limits").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("spared").fill("u-1\nu-2")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("newly violate: 3")).to_be_visible()
    dialog.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Limits")
    assert {row[0] for row in stocked.rows("Limits", "error")} == {"u-0", "u-3", "u-4"}


def test_a_rule_is_switched_off_with_a_look_at_the_consequences(
    stocked: Client, dashboard: str, open_page: Opened, fresh: Callable[[str], str]
) -> None:
    name = stocked.policy(fresh("switch"), 'error(vm) :- nova:data(id=vm, host="compute-3")')
    page = open_page(f"{dashboard}#/policies/{name}")
    page.get_by_role("button", name="Switch off").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("no longer violate: 35")).to_be_visible()
    dialog.get_by_role("button", name="Switch the rule off").click()
    expect(page.get_by_text("switched off", exact=True)).to_be_visible()
    assert stocked.get(f"/v1/policies/{name}/rules").json()["results"][0]["enabled"] is False


def test_a_policy_is_created_described_and_deleted(
    stocked: Client, dashboard: str, open_page: Opened, fresh: Callable[[str], str]
) -> None:
    name = fresh("mine")
    page = open_page(f"{dashboard}#/policies")
    page.get_by_role("button", name="New policy").click()
    page.get_by_label("Name", exact=True).fill("not a name")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("not a name")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Description").fill("of a test")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The policy is changed.")).to_be_visible()
    assert stocked.get(f"/v1/policies/{name}").json()["description"] == "of a test"
    page.get_by_role("button", name="Delete the policy …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policies")
    assert stocked.get(f"/v1/policies/{name}").status_code == 404


def test_the_theme_is_that_of_the_system_or_the_chosen_one(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/policies", theme="dark")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light").click()
    expect(root).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Auto").click()
    expect(root).to_have_attribute("data-theme", "dark")


def test_it_can_be_used_without_a_mouse(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/overview")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Policies")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Policies")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="New policy")).to_be_focused()


def test_on_a_phone_the_pages_are_behind_a_menu(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/overview", width=390)
    link = page.get_by_role("link", name="Datasources", exact=True)
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Datasources")
    expect(link).to_be_hidden()


def test_a_page_that_is_not_there_says_so(dashboard: str, open_page: Opened) -> None:
    page = open_page(f"{dashboard}#/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    page = open_page(f"{dashboard}#/policies/nobody")
    expect(page.get_by_role("alert")).to_contain_text("nobody")


def test_why_not_is_answered_for_a_row_that_is_not_there(dashboard: str, open_page: Opened) -> None:
    page = open_page(f'{dashboard}#/policies/servers/explain/error?row=["vm-014","u-4"]')
    page.get_by_label("Cells of error").fill('["vm-007", "u-2"]')
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_text("does not hold now")).to_be_visible()
    expect(page.locator(".node.failing").first).to_contain_text('not excused("vm-007")')
