"""Recorders over the real stream: whatever a network does to the messages, what is recorded was true where it says.

The publishers, subscribers and their network are those of the stream's own test; engines are whole ones here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from congress.bus.publications import Position as StreamPosition
from congress.bus.publications import TableKey
from congress.bus.subscriber import ShownPosition, SubscriberOptions
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.db import changelog as stored
from congress.db import migration, models
from congress.db.session import Database
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.recorder import Recorder
from tests.bus.network import Clock, Engine, Network, Rows, Unthreaded
from tests.bus.test_stream_properties import ENGINES, Stream, an_engine, some_rows

GRACE = 5.0


class Whole(Rows):
    """A target that is a workspace, beside what the stream's test looks at."""

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed

    def apply(self, updates: tuple[TableUpdate, ...], position: ShownPosition) -> frozenset[TableKey]:
        self.feed.apply(updates, position)
        return super().apply(updates, position)

    def show(self, position: ShownPosition) -> None:
        self.feed.show(position)
        super().show(position)


class RecordingEngine(Engine):
    def __init__(self, network: Network, clock: Clock, node: str, database: Database, **options: Any) -> None:
        self.node = node
        live = Live(Workspace(watch=watching(["error"])))
        with live.transaction() as change:
            change.set_datasource("d", {"t": ("id",), "u": ("id",)})
            change.create_policy("p")
            change.insert_rules("p", ["error(x) :- d:t(x), not d:u(x)"])
        feed = Feed(live)
        self.rows = Whole(feed)
        self.subscriber = Unthreaded(network.bus(node), self.rows, SubscriberOptions(**options), clock=clock)

        def where() -> Position | None:
            return None if feed.position is None else Position(*feed.position, 0, 0)

        self.recorder = Recorder(
            database, live, where, self.subscriber.missing, watching(["error"]), node=node, grace=GRACE,
            compare_period=30.0, clock=clock,
        )  # fmt: skip
        self.recorder.begin()
        self.subscriber.start()


class Recording(Stream):
    database: Database

    @initialize(largest=st.sampled_from([2, 100]), held=st.sampled_from([1_000, 10**6]))
    def begin(self, largest: int, held: int) -> None:
        with self.database.writer() as session:
            for table in (models.RowChange, models.WatchedRow):
                session.execute(sqlalchemy.delete(table))
        super().begin(largest, held)
        self.network.waiting.clear()
        self.engines = {
            node: RecordingEngine(self.network, self.clock, node, self.database, held=held) for node in ENGINES
        }
        for node in self.publishers:
            self.network.waiting[node] = []
        self.put(self.active, "d", {"t": frozenset({(0,)}), "u": frozenset()})
        self.deliver_everything()
        self.everybody_works()
        for engine in ENGINES:
            self.record(engine)

    @rule(engine=an_engine, rows=st.lists(some_rows, min_size=1, max_size=3), records=st.booleans())
    def poll_and_follow(self, engine: str, rows: list[frozenset[Row]], records: bool) -> None:
        """One engine hears of it at once."""
        for one in rows:
            self.put(self.active, "d", {"t": one})
            self.deliver_in_order(engine)
            if records:
                self.record(engine)

    @rule(engine=an_engine)
    def wait_and_record(self, engine: str) -> None:
        self.clock.now += GRACE + 1
        self.engines[engine].subscriber.step()
        self.record(engine)

    @rule(engine=an_engine)
    def record(self, engine: str) -> None:
        self.engines[engine].recorder.work()

    @rule()
    def want(self) -> None:
        """Engines need both tables all the time."""

    def truth_at(self, position: tuple[int, int, int, int]) -> set[str]:
        tables = self.truth[StreamPosition(*position[:2])]
        left = tables.get(("d", "t"), frozenset()) - tables.get(("d", "u"), frozenset())
        return {stored.written(row) for row in left}

    @invariant()
    def what_is_recorded_was_true_and_alternates(self) -> None:
        if not hasattr(self, "truth"):
            return
        with self.database.reader() as session:
            changes = stored.history(session, stored.Wanted("p"), 10_000)[::-1]
        numbers: dict[str, int] = {}
        for change in changes:
            assert change.number == numbers.get(change.row, 0) + 1
            assert change.entered == (change.number % 2 == 1)
            assert (change.row in self.truth_at(change.position)) == change.entered
            numbers[change.row] = change.number

    def teardown(self) -> None:
        if not hasattr(self, "truth"):
            return
        super().teardown()
        for _round in range(10):
            for engine in self.engines.values():
                engine.recorder.work()
            self.clock.now += GRACE + 1
        tables = self.publishers[self.active]._tables
        if not all(("d", table) in tables for table in ("t", "u")):
            return  # one was never read, so nothing is known
        with self.database.reader() as session:
            recorded = {state.row for state in stored.present(session, "p", "error")}
        rows = tables["d", "t"].content - tables["d", "u"].content
        assert recorded == {stored.written(row) for row in rows}


def test_what_is_recorded_is_true_over_any_network(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    sqlalchemy.event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))
    migration.upgrade(database)
    machine = type("Machine", (Recording,), {"database": database})
    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=40, deadline=None))
    database.close()
