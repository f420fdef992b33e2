"""Whatever a network does to the messages, and however often the publisher is replaced, engines show the truth."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from congress.bus.publications import Position, TableKey
from congress.bus.publisher import Publisher
from congress.datalog.values import Row
from congress.datasources.tablefeed import TableFeed
from tests.bus.network import Clock, Engine, Network, publisher

SOURCES = ("d",)
TABLES = ("t", "u")
KEYS = [(source, table) for source in SOURCES for table in TABLES]
NODES = ("ds1", "ds2")
ENGINES = ("e1", "e2")

a_source = st.sampled_from(SOURCES)
an_engine = st.sampled_from(ENGINES)
a_node = st.sampled_from([*NODES, *ENGINES])
a_place = st.integers(0, 7)
some_rows = st.frozensets(st.tuples(st.integers(0, 3)), max_size=3)
wishes = st.one_of(st.none(), st.frozensets(st.sampled_from(KEYS), min_size=1))


class Stream(RuleBasedStateMachine):
    """Two datasource nodes of which one is active, or believes to be; two engines; a network that does anything."""

    @initialize(largest=st.sampled_from([2, 100]), held=st.sampled_from([1_000, 10**6]))
    def begin(self, largest: int, held: int) -> None:
        self.clock, self.network = Clock(), Network()
        self.engines = {node: Engine(self.network, self.clock, node, held=held) for node in ENGINES}
        self.publishers = {node: publisher(self.network, self.clock, node, largest=largest, chunk=20) for node in NODES}
        self.wanted: dict[str, frozenset[TableKey] | None] = dict.fromkeys(ENGINES)
        self.feeds: dict[tuple[str, str], TableFeed] = {}
        self.produced: dict[TableKey, set[frozenset[Row]]] = {key: set() for key in KEYS}
        self.truth: dict[Position, dict[TableKey, frozenset[Row]]] = {}
        self.epoch = 0
        self.active = NODES[0]
        self.take_over(NODES[0], dies=True)

    # -- what publishers do

    @rule(node=st.sampled_from(NODES), dies=st.booleans())
    def take_over(self, node: str, dies: bool) -> None:
        """The former publisher ends, or freezes and does not know yet that it was replaced."""
        if dies or node == self.active:
            self.publishers[self.active].end()
        self.active, self.epoch = node, self.epoch + 1
        self.publishers[node].begin(self.epoch)
        for source in SOURCES:
            self.start(source)
        self.note(self.publishers[node])

    @rule(source=a_source)
    def start(self, source: str) -> None:
        made = self.publishers[self.active]
        self.feeds[self.active, source] = TableFeed(source, made.starts(source), made.publish)

    @rule(source=a_source, table=st.sampled_from(TABLES), rows=some_rows)
    def poll_one(self, source: str, table: str, rows: frozenset[Row]) -> None:
        self.put(self.active, source, {table: rows})

    @rule(source=a_source, first=some_rows, second=some_rows)
    def poll_both(self, source: str, first: frozenset[Row], second: frozenset[Row]) -> None:
        self.put(self.active, source, dict(zip(TABLES, (first, second), strict=True)))

    @rule(source=a_source, first=some_rows, second=some_rows, third=some_rows)
    def poll_often(self, source: str, first: frozenset[Row], second: frozenset[Row], third: frozenset[Row]) -> None:
        for rows in (first, second, third):
            self.put(self.active, source, {"t": rows})

    @rule(source=a_source, rows=some_rows)
    def poll_by_a_replaced_node(self, source: str, rows: frozenset[Row]) -> None:
        for node, made in self.publishers.items():
            if node != self.active and made.position() is not None:
                self.put(node, source, {"t": rows})

    def put(self, node: str, source: str, tables: dict[str, frozenset[Row]]) -> None:
        for table, rows in tables.items():
            self.produced[source, table].add(rows)
        self.feeds[node, source].put(tables)
        self.note(self.publishers[node])

    def note(self, made: Publisher) -> None:
        position = made.position()
        if position is not None and position not in self.truth:
            self.truth[position] = {key: each.content for key, each in made._tables.items()}

    # -- what the network does

    @rule(node=a_node, place=a_place)
    def deliver(self, node: str, place: int) -> None:
        if waiting := self.network.waiting[node]:
            self.network.deliver(node, place % len(waiting))
            self.note_all()

    @rule(node=a_node)
    def deliver_in_order(self, node: str) -> None:
        while self.network.waiting[node]:
            self.network.deliver(node)
            self.note_all()

    @rule()
    def deliver_everything(self) -> None:
        self.network.deliver_all()
        self.note_all()

    @rule()
    def everybody_works(self) -> None:
        self.clock.now += 1.0
        for engine in self.engines.values():
            engine.subscriber.step()
        self.note_all()

    @rule(node=a_node, place=a_place)
    def drop(self, node: str, place: int) -> None:
        if waiting := self.network.waiting[node]:
            waiting.pop(place % len(waiting))

    @rule(node=a_node, place=a_place)
    def double(self, node: str, place: int) -> None:
        if waiting := self.network.waiting[node]:
            waiting.append(waiting[place % len(waiting)])

    @rule(node=a_node)
    def cut(self, node: str) -> None:
        self.network.cut.add(node)

    @precondition(lambda self: self.network.cut)
    @rule()
    def mend(self) -> None:
        self.network.cut.clear()

    # -- what time does

    @rule(seconds=st.sampled_from([0.1, 1.0, 20.0]), engine=an_engine)
    def engine_works(self, seconds: float, engine: str) -> None:
        self.clock.now += seconds
        self.engines[engine].subscriber.step()
        self.note_all()

    @rule(node=st.sampled_from(NODES))
    def publisher_works(self, node: str) -> None:
        self.publishers[node].step()
        self.note_all()

    @rule(engine=an_engine, wanted=wishes)
    def want(self, engine: str, wanted: frozenset[TableKey] | None) -> None:
        self.wanted[engine] = wanted
        self.engines[engine].subscriber.want(wanted)

    def note_all(self) -> None:
        for made in self.publishers.values():
            self.note(made)

    # -- what must hold

    @invariant()
    def every_table_shown_was_published(self) -> None:
        for engine in self.engines.values():
            for key, rows in engine.rows.tables.items():
                assert rows in self.produced[key]

    @invariant()
    def a_position_is_never_too_much(self) -> None:
        for node, engine in self.engines.items():
            position = engine.rows.position
            if position is None:
                continue
            wanted = self.wanted[node]
            for key, rows in self.truth[position].items():
                if wanted is None or key in wanted:
                    assert engine.rows.tables[key] == rows, (node, position, key)

    def teardown(self) -> None:
        """Left alone for a while, everybody shows what the publisher has."""
        self.network.cut.clear()
        for node, made in self.publishers.items():
            if node != self.active:
                made.end()
        for _round in range(30):
            self.clock.now += 2.0
            self.network.deliver_all()
            for made in self.publishers.values():
                made.step()
            self.network.deliver_all()
            for engine in self.engines.values():
                engine.subscriber.step()
        active = self.publishers[self.active]
        for node, engine in self.engines.items():
            wanted = self.wanted[node]
            for key, each in active._tables.items():
                if wanted is None or key in wanted:
                    assert engine.rows.tables[key] == each.content
            assert engine.subscriber.publisher() == self.active


TestStream: Any = Stream.TestCase
TestStream.settings = settings(max_examples=100, stateful_step_count=50)
