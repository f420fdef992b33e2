"""Lists of any length: every driver says how long a page is, follows the pages to their end, and gives up on those
without one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from congress.datasources import cloud, cloudpages
from congress.datasources.cloud import CloudDriver
from congress.datasources.cloudpages import Listing, page_of
from congress.datasources.contract import DriverError
from congress.datasources.nova import NovaDriver
from congress.datasources.registry import drivers
from congress.datasources.translate import Field, Table
from tests.datasources.makeshift_cloud import Handler, serving

THINGS = (Table("things", (Field("id"),)),)
WHOLE = {
    ("heat", "/software_deployments"): "the API has no pages",
    ("heat", "/stacks/{stack_name}/{id}/resources"): "the API has no pages",
    ("heat", "/stacks/{stack_name}/{id}/events"): "Heat keeps no more than max_events_per_stack, 1000",
    ("ironic", "/drivers"): "the API has no pages",
    ("keystone", "/users"): "Keystone with LDAP cuts its list at a limit, and does not go on at a marker",
    ("keystone", "/projects"): "as for users",
    ("keystone", "/roles"): "the API has no pages",
    ("keystonev3", "/users"): "Keystone with LDAP cuts its list at a limit, and does not go on at a marker",
    ("keystonev3", "/projects"): "as for users",
    ("keystonev3", "/domains"): "as for users",
    ("keystonev3", "/roles"): "the API has no pages",
    ("magnum", "/mservices"): "the API has no pages",
    ("manila", "/share-access-rules"): "the API has no pages",
    ("manila", "/share-servers"): "the API has no pages",
    ("manila", "/services"): "the API has no pages",
    ("monasca", "/metrics/statistics"): "merged, it is one series of a day",
    ("murano", "/v1/environments"): "the API has no pages",
    ("murano", "/v1/environments/{id}"): "it is one object",
    ("nova", "/os-services"): "the API has no pages",
    ("nova", "/os-hypervisors"): "below microversion 2.33 the API has no pages; above, it links them by itself",
    ("nova", "/os-availability-zone"): "the API has no pages",
    ("cinder", "/os-services"): "the API has no pages",
    ("placement", "/resource_providers"): "the API has no pages",
    ("placement", "/resource_providers/{uuid}/inventories"): "it is one object",
    ("placement", "/resource_providers/{uuid}/usages"): "it is one object",
    ("placement", "/resource_providers/{uuid}/traits"): "it is one object",
}
"""Listings that are asked for as a whole, and why."""


def listings() -> dict[tuple[str, str], str]:
    """Driver and path -> query, of all listings of services of OpenStack."""
    found = {}
    for name, driver in drivers().items():
        if issubclass(driver, CloudDriver):
            for one in driver.listings:
                for listing in filter(None, (one, one.within)):
                    path, _, query = listing.path.partition("?")
                    found[name, path] = query
    return found


def test_every_listing_says_how_long_a_page_is_unless_it_has_none() -> None:
    found = listings()
    assert {key for key, query in found.items() if "limit" not in parse_qs(query)} == set(WHOLE)


@pytest.mark.parametrize("key", [key for key in listings() if key not in WHOLE], ids=" ".join)
def test_a_page_is_as_long_as_services_permit(key: tuple[str, str]) -> None:
    (limit,) = parse_qs(listings()[key])["limit"]
    assert limit == ("100" if key[0] == "barbican" else "1000"), "what they permit unless they are told otherwise"


@pytest.mark.parametrize(
    ("listing", "answer", "following"),
    [
        (
            Listing("/t?limit=2", "things", THINGS),
            {"things": [{}], "next": "http://h/t?marker=a"},
            "/t?limit=2&marker=a",
        ),
        (
            Listing("/t?limit=2&x=1", "things", THINGS),
            {"things": [{}], "things_links": [{"rel": "next", "href": "http://h/t?limit=9&marker=a"}]},
            "/t?limit=9&x=1&marker=a",
        ),
        (
            Listing("/t?limit=2", "things", THINGS),
            {"things": [{}], "links": {"self": "http://h/t", "next": "http://h/t?marker=a"}},
            "/t?limit=2&marker=a",
        ),
        (Listing("/t?limit=2", "things", THINGS), {"things": [{}], "links": {"next": None}}, None),
        (Listing("/t?limit=2", "", THINGS, marker="id"), [{"id": "a"}], "/t?limit=2&marker=a"),
        (Listing("/t?limit=2", "", THINGS, marker="id"), [], None),
        (Listing("/t?limit=2", "things", THINGS, counted="offset"), {"things": [{}, {}]}, "/t?limit=2&offset=5"),
        (Listing("/t?limit=2", "things", THINGS, counted="offset"), {"things": []}, None),
    ],
)
def test_where_the_next_page_is(listing: Listing, answer: Any, following: str | None) -> None:
    assert page_of(listing, answer, before=3).next == following


def test_a_list_that_the_service_cut_is_an_error_and_no_list() -> None:
    listing = Listing("/users", "users", THINGS)
    cut: dict[str, Any] = {"users": [{}, {}], "links": {"next": None}, "truncated": True}
    with pytest.raises(DriverError, match="answered the first 5 only; see list_limit"):
        page_of(listing, cut, before=3)
    assert page_of(listing, {**cut, "links": {"next": "/users?marker=a"}}, 0).next == "/users?marker=a"


Pages = dict[str | None, tuple[list[str], str | None]]
"""Marker -> ids on the page, and the marker of the next."""


def served(pages: Pages) -> Any:
    def answer(handler: Handler, _path: str, query: dict[str, list[str]]) -> None:
        asked.append(query)
        ids, following = pages[query.get("marker", [None])[0]]
        link = {"rel": "next", "href": f"http://elsewhere.invalid/servers/detail?limit=1000&marker={following}"}
        handler.send_json({"servers": [{"id": one} for one in ids], "servers_links": [link] if following else []})

    asked: list[dict[str, list[str]]] = []
    answer.asked = asked  # type: ignore[attr-defined]
    return answer


def test_pages_are_followed_to_their_end_with_what_was_asked_at_first() -> None:
    answer = served({None: (["1", "2"], "2"), "2": (["3"], "3"), "3": ([], None)})
    with serving(answer) as made:
        driver = NovaDriver("nova", made.login)
        assert {row[0] for row in driver.fetch("servers")["servers"]} == {"1", "2", "3"}
        driver.close()
    assert [one.get("marker") for one in answer.asked] == [None, ["2"], ["3"]]
    assert all((one["limit"], one["all_tenants"]) == (["1000"], ["True"]) for one in answer.asked)


@pytest.mark.parametrize(
    "pages",
    [{None: (["1"], "1"), "1": (["1"], "1")}, {None: (["1"], "a"), "a": (["2"], "b"), "b": (["3"], "a")}],
    ids=["the same page again", "a circle"],
)
def test_pages_that_lead_back_are_given_up(pages: Pages) -> None:
    with serving(served(pages)) as made:
        driver = NovaDriver("nova", made.login)
        with pytest.raises(DriverError, match="gives no end of pages for /servers/detail"):
            driver.fetch("servers")
        driver.close()


def test_pages_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "MOST_PAGES", 20)
    assert cloudpages.MOST_PAGES > 20

    def answer(handler: Handler, _path: str, query: dict[str, list[str]]) -> None:
        number = int(query.get("marker", ["0"])[0])
        link = {"rel": "next", "href": f"/servers/detail?marker={number + 1}"}
        handler.send_json({"servers": [], "servers_links": [link]})

    with serving(answer) as made:
        driver = NovaDriver("nova", made.login)
        with pytest.raises(DriverError, match="gives no end of pages"):
            driver.fetch("servers")
        driver.close()
        assert made.asked <= 22
