"""Drivers of declared tables: what one says and what it is asked, whatever service it is of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from congress.datasources.contract import DriverError, UnknownTableGroup
from congress.datasources.listed import ListedDriver, Objects
from congress.datasources.translate import ITEMS, SELF, Field, Parent, Table

TAGS = Table("tags", (Field("rack", Parent("id")), Field("tag", SELF)), walk=("tags", ITEMS))
RACKS = Table("racks", (Field("id"),), children=(TAGS,))
ROOMS = Table("rooms", (Field("room"),))


class Racks(ListedDriver):
    """Two racks on two pages, and a room on the second one."""

    id = "racks"
    description = "Racks"
    sights = ((RACKS, ROOMS), (Table("power", (Field("watts"),)),))
    asked = 0

    def look(self, group: str) -> Iterator[Objects]:
        for page in ({"racks": [{"id": "a", "tags": ["x"]}]}, {"racks": [{"id": "b"}], "rooms": [{"room": "hall"}]}):
            self.asked += 1
            yield page if group == "racks" else {}


def test_tables_in_tables_belong_to_the_group_of_the_outermost() -> None:
    assert list(Racks.tables()) == ["racks", "tags", "rooms", "power"]
    assert Racks.groups() == {"racks": ("racks", "tags", "rooms"), "power": ("power",)}


def test_a_listing_is_what_its_pages_hold_together() -> None:
    found = {table: set(rows) for table, rows in Racks("r", {}).fetch("racks").items()}
    assert found == {"racks": {("a",), ("b",)}, "tags": {("a", "x")}, "rooms": {("hall",)}}
    assert Racks("r", {}).fetch("power") == {"power": set()}


def test_a_page_has_become_rows_before_the_next_one_is_asked_for() -> None:
    one = Racks("r", {})
    pages = one.pages("racks")
    assert (next(pages)["racks"], one.asked) == ({("a",)}, 1)


def test_what_is_not_declared_is_refused() -> None:
    with pytest.raises(UnknownTableGroup, match="datasource 'r' has no table group 'tags'"):
        Racks("r", {}).fetch("tags")
    with pytest.raises(DriverError, match="datasource 'r' has no action 'explode'"):
        Racks("r", {}).execute("explode", [], {})
