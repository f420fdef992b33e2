"""Listings come in parts and single objects change meanwhile; receivers end up with what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.datasources.contract import DriverError
from congress.datasources.tablefeed import TableFeed

KEYS = {"servers": 0, "tags": 0}


class Receiver:
    """Applies updates as engines do, and insists that they fit."""

    def __init__(self) -> None:
        self.tables: dict[str, set[Row]] = {}
        self.sequences: dict[str, int] = {}
        self.count = 0

    def __call__(self, updates: tuple[TableUpdate, ...]) -> None:
        for each in updates:
            self.count += 1
            assert each.sequence == self.sequences.get(each.table, 0) + 1
            self.sequences[each.table] = each.sequence
            if each.kind == "snapshot":
                self.tables[each.table] = set(each.inserted)
            else:
                known = self.tables[each.table]
                assert each.deleted <= known
                assert not each.inserted & known
                self.tables[each.table] = (known - each.deleted) | each.inserted
            assert each.content == self.tables[each.table]


some_rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=6)


@given(st.lists(st.tuples(st.lists(some_rows, max_size=3), st.booleans()), max_size=6))
def test_after_each_complete_listing_receivers_have_what_it_found(listings: list[tuple[list[list[Row]], bool]]) -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver)
    expected: set[Row] | None = None
    for parts, breaks_off in listings:
        try:
            with feed.listing(["t"]) as listing:
                for part in parts:
                    listing.add({"t": part})
                if breaks_off:
                    raise DriverError("the last page did not come")
            expected = {row for part in parts for row in part}
        except DriverError:
            pass
        assert receiver.tables.get("t") == expected == (None if feed.rows("t") is None else set(feed.rows("t") or ()))


def test_a_listing_that_finds_nothing_new_publishes_nothing() -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver)
    feed.put({"t": [("a", 1), ("b", 1)]})
    feed.put({"t": [("b", 1), ("a", 1), ("a", 1)]})
    assert receiver.count == 1


def test_an_object_is_replaced_with_all_its_rows() -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver)
    feed.put({"servers": [("a", "up"), ("b", "up")], "tags": [("a", "x"), ("b", "y")]})
    assert feed.replace(KEYS, {"a": {"servers": [("a", "down")], "tags": [("a", "z")]}})
    assert not feed.replace(KEYS, {"b": {"servers": [("b", "up")], "tags": [("b", "y")]}})
    assert feed.replace(KEYS, {"b": {}, "c": {"servers": [("c", "new")]}})
    assert receiver.tables == {"servers": {("a", "down"), ("c", "new")}, "tags": {("a", "z")}}


def test_a_listing_does_not_undo_what_was_learned_of_an_object_while_it_ran() -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver)
    feed.put({"servers": [("a", "up"), ("b", "up"), ("gone", "up")], "tags": []})
    with feed.listing(KEYS, KEYS) as listing:
        listing.add({"servers": [("a", "up"), ("gone", "up")]})
        feed.replace(KEYS, {"a": {"servers": [("a", "down")]}, "gone": {}, "new": {"servers": [("new", "up")]}})
        listing.add({"servers": [("late", "up")]})
    assert receiver.tables["servers"] == {("a", "down"), ("new", "up"), ("late", "up")}


several_tags = st.dictionaries(st.sampled_from("abcd"), st.frozensets(st.sampled_from("xyz")), max_size=4)


@given(several_tags, st.lists(st.tuples(st.booleans(), several_tags), max_size=8))
def test_listings_and_single_objects_in_any_order_leave_what_the_last_word_was(
    first: dict[str, frozenset[str]], steps: list[tuple[bool, dict[str, frozenset[str]]]]
) -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver)
    known = dict(first)
    feed.put({"tags": tagged(known)})
    for is_listing, tags in steps:
        if is_listing:
            known = dict(tags)
            feed.put({"tags": tagged(known)})
        else:
            known |= tags
            feed.replace({"tags": 0}, {one: {"tags": tagged({one: tags[one]})} for one in tags})
        assert receiver.tables["tags"] == tagged(known)


def tagged(tags: dict[str, frozenset[str]]) -> set[Row]:
    return {(one, tag) for one, each in tags.items() for tag in each}


def test_an_object_of_a_table_that_was_never_listed_waits_for_the_listing() -> None:
    receiver = Receiver()
    assert not TableFeed("d", 1, receiver).replace(KEYS, {"a": {"servers": [("a", "up")]}})
    assert receiver.tables == {}


def test_a_listing_without_end_is_given_up_and_the_rows_stay() -> None:
    receiver = Receiver()
    feed = TableFeed("d", 1, receiver, most_rows=10)
    feed.put({"t": [(1,)]})
    with pytest.raises(DriverError, match="more than 10 rows"), feed.listing(["t"]) as listing:
        for page in range(5):
            listing.add({"t": [(page,)] * 3})
    assert receiver.tables["t"] == {(1,)}


def test_a_table_that_a_receiver_may_have_missed_is_repaired_without_a_listing() -> None:
    receiver = Receiver()
    refuses = True

    def publish(updates: tuple[TableUpdate, ...]) -> None:
        if refuses:
            raise RuntimeError("no room")
        receiver.sequences = {each.table: each.sequence - 1 for each in updates}
        receiver(updates)

    feed = TableFeed("d", 1, publish)
    with pytest.raises(RuntimeError):
        feed.put({"t": [(1,)]})
    refuses = False
    feed.repair(["t", "u"])
    feed.repair(["t"])
    assert receiver.tables == {"t": {(1,)}}
    assert receiver.count == 1
