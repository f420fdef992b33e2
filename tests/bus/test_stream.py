"""The stream between a publisher and engines, message by message; the test is the network."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.bus import codec, digest
from congress.bus.contract import BusTimeout
from congress.bus.publications import DEMAND, STREAM, Announcement, Position, Publication, TableState, table_epoch
from congress.bus.publisher import NotThePublisher, Publisher
from congress.bus.snapshots import Pulls, UnknownPull
from congress.bus.updates import TableUpdate
from congress.bus.waiting import Waiting
from congress.datalog.values import Real, Row
from congress.datasources.tablefeed import TableFeed
from tests.bus.network import Clock, Engine, Network, publisher

EPOCH = 7


class World:
    """A publisher `ds` with datasource `d`, and an engine `e` that has found it."""

    def __init__(self, **options: Any) -> None:
        self.clock, self.network = Clock(), Network()
        self.publisher: Publisher = publisher(self.network, self.clock, "ds", **options)
        self.publisher.begin(EPOCH)
        self.feed = TableFeed("d", self.publisher.starts("d"), self.publisher.publish)
        self.engine = Engine(self.network, self.clock, "e")
        self.settle()

    def put(self, *cells: Any, table: str = "t") -> None:
        self.feed.put({table: [(cell,) for cell in cells]})

    def settle(self) -> None:
        """Let everything arrive and everybody do what is due."""
        for _round in range(4):
            self.network.deliver_all()
            self.clock.now += 1
            self.engine.subscriber.step()
            self.publisher.step()
        self.network.deliver_all()

    def lose(self) -> None:
        """Lose everything that is on its way to the engine."""
        self.network.waiting["e"].clear()


@pytest.fixture
def world() -> World:
    return World()


def test_publications_arrive_in_order_and_are_shown_at_once(world: World) -> None:
    world.put(1, 2)
    world.put(2, 3)
    world.network.deliver_all()
    assert world.engine.shows() == {(2,), (3,)}
    assert world.engine.rows.position == world.publisher.position() == Position(EPOCH, 2)
    assert world.engine.subscriber.publisher() == "ds"


def test_what_came_too_early_waits_for_what_is_before_it(world: World) -> None:
    for cell in (1, 2, 3):
        world.put(cell)
    for place in (2, 1, 0):
        world.network.deliver("e", place)
    assert world.engine.shows() == {(3,)}
    assert world.engine.rows.position == Position(EPOCH, 3)


def test_doubles_change_nothing(world: World) -> None:
    world.put(1)
    world.network.waiting["e"] *= 3
    world.network.deliver_all()
    assert world.engine.shows() == {(1,)}
    assert world.engine.rows.position == Position(EPOCH, 1)


def test_a_lost_publication_is_made_good_after_a_moment(world: World) -> None:
    world.put(1)
    world.lose()
    world.put(2)
    world.network.deliver_all()
    assert world.engine.shows() is None
    assert world.engine.rows.position == Position(EPOCH, 0)
    assert world.engine.subscriber.step() == pytest.approx(0.5)
    world.clock.now += 0.5
    world.engine.subscriber.step()
    assert world.engine.shows() == {(2,)}
    assert world.engine.rows.position == Position(EPOCH, 2)
    assert len(world.engine.subscriber._waiting) == 0


def test_a_delta_that_does_not_continue_the_table_is_not_applied(world: World) -> None:
    world.put(1)
    world.settle()
    epoch = world.publisher._tables["d", "t"].epoch
    stray = TableUpdate("d", "t", epoch, 3, "delta", frozenset({(9,)}))
    world.publisher._number += 1
    world.network._nodes["e"].receive(STREAM, Publication(EPOCH, 2, "ds", (stray,)).to_message(packed=True))
    assert world.engine.shows() == {(1,)}
    world.settle()
    assert world.engine.shows() == {(1,)}
    assert world.engine.rows.position == world.publisher.position()


def test_what_was_pulled_from_a_publisher_that_is_replaced_meanwhile_is_dropped(world: World) -> None:
    world.put(1)
    world.lose()
    world.put(2)
    world.network.deliver_all()
    second = publisher(world.network, world.clock, "ds2")
    call = world.network.call

    def call_and_be_replaced(node: str, method: str, *arguments: Any) -> Any:
        answer = call(node, method, *arguments)
        if method == "stream.chunk" and second.position() is None:
            second.begin(EPOCH + 1)
            world.network.deliver_all()
        return answer

    world.network.call = call_and_be_replaced  # type: ignore[method-assign]
    world.clock.now += 1
    world.engine.subscriber.step()
    assert world.engine.shows() is None
    assert world.engine.subscriber.publisher() == "ds2"


def test_a_lost_last_publication_is_noticed_by_the_announcement(world: World) -> None:
    world.put(1)
    world.lose()
    world.settle()
    assert world.engine.shows() == {(1,)}


def test_only_tables_that_differ_are_read_again(world: World) -> None:
    world.put(*range(100), table="large")
    world.put(1)
    world.settle()
    world.put(2)
    world.lose()
    before = world.network.calls
    world.settle()
    assert world.engine.shows() == {(2,)}
    assert world.network.calls - before == 3  # open, one chunk, close


def test_a_silent_difference_is_found_and_healed(world: World) -> None:
    world.put(1, 2)
    world.settle()
    key = ("d", "t")
    for wrong in ({(1,)}, {(1,), (2,), (3,)}, set()):
        world.engine.rows.tables[key] = frozenset(wrong)
        world.publisher.step()
        world.network.deliver_all()
        assert world.engine.rows.position is None
        assert world.engine.subscriber.missing([key]) == {key}
        world.settle()
        assert world.engine.shows() == {(1,), (2,)}
        assert world.engine.rows.position == world.publisher.position()


def test_a_wrong_digest_is_found(world: World) -> None:
    world.put(1, 2)
    world.settle()
    number = world.publisher.position().number  # type: ignore[union-attr]
    state = TableState(world.publisher._tables["d", "t"].epoch, 1, 2, "0" * 16)
    wrong = Announcement(EPOCH, number, "ds", {("d", "t"): state})
    world.network._nodes["e"].receive(STREAM, wrong.to_message())
    assert world.engine.rows.position is None
    world.settle()
    assert world.engine.rows.position == world.publisher.position()


def test_large_tables_travel_in_chunks(world: World) -> None:
    world = World(largest=10, chunk=200)
    world.put(*range(500))
    world.settle()
    assert world.engine.shows() == {(cell,) for cell in range(500)}
    assert world.network.calls > 10


def test_a_table_that_nobody_wants_is_not_sent(world: World) -> None:
    world.engine.subscriber.want([("d", "t")])
    world.settle()
    before = world.publisher.position()
    world.put(1, table="u")
    assert world.publisher.position() == before
    world.settle()
    assert world.engine.shows("u") is None
    world.put(2)
    world.settle()
    assert world.engine.shows() == {(2,)}
    assert world.publisher.demand() == {("d", "t")}


def test_a_table_that_is_wanted_later_comes_whole(world: World) -> None:
    world.engine.subscriber.want([("d", "t")])
    world.settle()
    world.put(1, 2, table="u")
    world.engine.subscriber.want([("d", "t"), ("d", "u")])
    assert world.engine.rows.position is None
    world.settle()
    assert world.engine.shows("u") == {(1,), (2,)}
    assert world.engine.rows.position == world.publisher.position()


def test_what_only_a_silent_engine_wanted_is_not_sent_any_more(world: World) -> None:
    world.settle()
    assert world.publisher.demand() is None
    world.clock.now += 100
    world.publisher.step()
    assert world.publisher.demand() == frozenset()
    world.settle()
    assert world.publisher.demand() is None


def test_equal_positions_mean_equal_rows_even_when_a_demand_was_lost(world: World) -> None:
    world.put(1)
    world.settle()
    world.clock.now += 100
    world.publisher.step()
    world.lose()
    world.put(2)  # nobody wants it, as far as the publisher knows
    second = Engine(world.network, world.clock, "f")
    while world.network.waiting["ds"] or world.network.waiting["f"]:
        for node in ("ds", "f"):
            if world.network.waiting[node]:
                world.network.deliver(node)
        second.subscriber.step()
    assert second.shows() == {(2,)}
    assert world.engine.shows() == {(1,)}
    assert second.rows.position != world.engine.rows.position
    world.settle()
    assert world.engine.shows() == {(2,)}
    assert second.rows.position == world.engine.rows.position == world.publisher.position()


def test_a_new_publisher_takes_over_and_the_old_one_is_not_listened_to(world: World) -> None:
    world.put(1)
    world.settle()
    second = publisher(world.network, world.clock, "ds2")
    second.begin(EPOCH + 1)
    feed = TableFeed("d", second.starts("d"), second.publish)
    world.settle()
    assert world.engine.shows() == {(1,)}, "the last known rows stay until the new node has read them"
    feed.put({"t": [(2,)]})
    world.put(99)
    world.settle()
    assert world.engine.shows() == {(2,)}
    assert world.engine.rows.position == Position(EPOCH + 1, 1)
    assert world.engine.subscriber.publisher() == "ds2"


def test_rows_from_before_a_gap_make_the_position_uncertain_until_they_are_read_again(world: World) -> None:
    world.put(1)
    world.settle()
    world.put(2)
    world.put(3)
    world.network.waiting["e"].pop(0)
    world.network.deliver_all()
    world.publisher.end()
    second = publisher(world.network, world.clock, "ds2")
    second.begin(EPOCH + 1)
    world.settle()
    assert world.engine.rows.position is None
    assert world.engine.subscriber.missing([("d", "t")]) == {("d", "t")}
    TableFeed("d", second.starts("d"), second.publish).put({"t": [(3,)]})
    world.settle()
    assert world.engine.rows.position == Position(EPOCH + 1, 1)


def test_a_run_that_was_replaced_publishes_nothing(world: World) -> None:
    world.put(1)
    again = TableFeed("d", world.publisher.starts("d"), world.publisher.publish)
    before = world.publisher.position()
    world.put(99)
    assert world.publisher.position() == before
    again.put({"t": [(2,)]})
    world.settle()
    assert world.engine.shows() == {(2,)}


def test_without_the_lease_nothing_is_published() -> None:
    world = World()
    held = True
    world.publisher._holds = lambda: held
    world.put(1)
    held = False
    with pytest.raises(NotThePublisher):
        world.put(2)
    world.settle()
    assert world.engine.shows() != {(2,)}


def test_a_datasource_that_is_not_declared_yet_gets_its_rows_when_it_is(world: World) -> None:
    world.engine.rows.absent.add("d")
    world.put(1)
    world.put(2)
    world.settle()
    assert world.engine.shows() is None
    assert world.engine.rows.position == world.publisher.position()
    world.engine.rows.absent.clear()
    world.settle()
    assert world.engine.shows() == {(2,)}


def test_a_table_that_cannot_be_applied_does_not_hold_up_the_others(world: World) -> None:
    world.engine.rows.heavy.add(("d", "t"))
    world.put(1)
    with pytest.raises(RuntimeError):
        world.network.deliver_all()
    world.put(2, table="u")
    world.settle()
    assert world.engine.shows("u") == {(2,)}
    assert world.engine.rows.position is None
    world.engine.rows.heavy.clear()
    world.clock.now += 60
    world.settle()
    assert world.engine.shows() == {(1,)}
    assert world.engine.rows.position == world.publisher.position()


def test_the_rows_of_any_table_can_be_fetched(world: World) -> None:
    world.engine.subscriber.want([])
    world.put(*range(50), table="u")
    world.settle()
    assert world.engine.shows("u") is None
    assert world.engine.subscriber.fetch("d", "u") == {(cell,) for cell in range(50)}
    assert world.engine.subscriber.fetch("d", "absent") is None
    world.network.cut.add("ds")
    with pytest.raises(BusTimeout):
        world.engine.subscriber.fetch("d", "u")


def test_status_tells_sequence_and_age(world: World) -> None:
    world.put(1)
    world.put(2)
    world.settle()
    world.clock.now += 3
    status = world.engine.subscriber.status()["d", "t"]
    assert (status.sequence, status.rows) == (2, 1)
    assert 3 <= status.age < 6


def test_messages_of_adjacent_versions_are_understood(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A newer peer adds fields and kinds; an older one leaves out what was added since."""

    def altered(text: str) -> list[str]:
        message = json.loads(text)
        message.update(v=2, shape="round", updates=message.get("updates", ""))
        if not message.get("withheld", True):
            del message["withheld"]
        if message["kind"] == "announcement":
            message["tables"] = [[*entry, "more"] for entry in message["tables"]]
            del message["updates"]
        return [json.dumps({"v": 2, "kind": "novelty"}), json.dumps(message)]

    world.put(1)
    world.put(2)
    world.publisher.step()
    world.network.waiting["e"] = [
        (topic, text)
        for topic, original in world.network.waiting["e"]
        for text in (altered(original) if topic == STREAM else [original])
    ]
    with caplog.at_level(logging.WARNING):
        world.network.deliver_all()
    assert world.engine.shows() == {(2,)}
    assert world.engine.rows.position == Position(EPOCH, 2)
    assert caplog.text.count("novelty") == 1
    world.network._nodes["ds"].receive(DEMAND, {"v": 2, "kind": "novelty"})
    world.network._nodes["ds"].receive(DEMAND, {"v": 2, "kind": "demand", "node": "e9", "tables": None, "why": "?"})


def test_publications_and_announcements_travel_unchanged() -> None:
    update = TableUpdate("d", "t", table_epoch(3, 1), 2, "delta", frozenset({(1, "ä", Real(0.5))}), frozenset({(2,)}))
    publication = Publication(3, 4, "ds", (update,), {("d", "u"): (5, 6)})
    assert Publication.from_message(json.loads(json.dumps(publication.to_message(packed=True)))) == publication
    announcement = Announcement(3, 4, "ds", {("d", "t"): TableState(5, 6, 7, "00ff")})
    assert Announcement.from_message(json.loads(json.dumps(announcement.to_message()))) == announcement


cells = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["a", "b"]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False).map(Real),
)
tables = st.lists(st.lists(cells, max_size=4).map(tuple), max_size=30)


@given(tables)
def test_rows_are_the_same_after_packing(rows: list[Row]) -> None:
    found = codec.unpack_rows(codec.pack_rows(rows))
    assert sorted(map(repr, found)) == sorted(map(repr, rows))
    assert {type(cell) for row in found for cell in row} == {type(cell) for row in rows for cell in row}


@given(tables, tables)
def test_digests_follow_differences_and_not_the_order(first: list[Row], second: list[Row]) -> None:
    before, after = set(first), set(second)
    step = digest.changed(digest.digest(first_of(before)), after - before, before - after)
    assert step == digest.digest(sorted(after, key=repr))
    assert (digest.digest(before) == digest.digest(after)) == (before == after)


def first_of(rows: set[Row]) -> list[Row]:
    return sorted(rows, key=repr, reverse=True)


@given(st.integers(0, 40), st.integers(1, 500))
def test_every_row_is_in_one_chunk(count: int, size: int) -> None:
    content = frozenset((number, "text") for number in range(count))
    pulls = Pulls(chunk=size)
    pull, (cut,) = pulls.open("e", {("d", "t"): (TableState(1, 1, count, ""), content)})
    found = [row for number in range(cut.chunks) for row in codec.unpack_rows(pulls.chunk("e", pull, 0, number))]
    assert len(found) == count
    assert frozenset(found) == content


def test_pulls_end_when_nobody_goes_on_with_them() -> None:
    clock = Clock()
    pulls = Pulls(timeout=30, clock=clock)
    tables = {("d", "t"): (TableState(1, 1, 1, ""), frozenset({(1,)}))}
    first, (cut,) = pulls.open("e", tables)
    other, (same,) = pulls.open("f", tables)
    assert same is cut, "engines that read the same state share the packed chunks"
    pulls.chunk("e", first, 0, 0)
    again, _cuts = pulls.open("e", tables)
    for node, pull in (("e", first), ("f", again)):
        with pytest.raises(UnknownPull):
            pulls.chunk(node, pull, 0, 0)
    clock.now += 31
    with pytest.raises(UnknownPull):
        pulls.expire()
        pulls.chunk("f", other, 0, 0)


def test_waiting_publications_are_few() -> None:
    waiting = Waiting(10_000)
    for number in range(100):
        waiting.add(number, {"updates": "x" * 800})
    assert len(waiting) == 10
    assert waiting.take(0) is not None
    assert waiting.take(50) is None
    waiting.drop(5)
    assert len(waiting) == 4


def test_a_table_that_is_gone_on_both_sides_keeps_nobody_from_knowing_where_it_is(world: World) -> None:
    world.put(1)
    world.settle()
    world.put(2)
    world.lose()  # so that the end of this stream is not known
    world.engine.rows.absent.add("d")
    world.engine.rows.tables.clear()
    world.publisher.end()
    world.publisher.begin(EPOCH + 1)
    world.settle()
    assert world.engine.subscriber.position() == Position(EPOCH + 1, 0)
    assert world.engine.subscriber.status() == {}
