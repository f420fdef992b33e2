"""A runner publishes what changed, survives everything, and says how it goes."""

import threading

import pytest

from congress.datasources.contract import CloudUnreachable, Column, Driver, DriverError, Unchanged
from congress.datasources.limits import Limits
from congress.datasources.runner import DatasourceRunner
from congress.datasources.schedule import delay
from tests.waiting import until


class Shelf(Driver):
    """A driver whose cloud is a dictionary: table -> rows, or an exception to raise."""

    id, description = "shelf", "rows that a test puts there"

    def __init__(self, content, **config):
        super().__init__("shelf", {"poll_time": "0", **config})
        self.content = content
        self.fetched = []
        self.closed = False

    @classmethod
    def tables(cls):
        return {"a": (Column("x"),), "b": (Column("x"),)}

    def fetch(self, group):
        self.fetched.append(group)
        found = self.content[group]
        if isinstance(found, Exception):
            raise found
        return {group: found}

    def close(self):
        self.closed = True


class Subscriber:
    def __init__(self):
        self.updates = []
        self.refuses = False

    def __call__(self, updates):
        if self.refuses:
            raise RuntimeError("no room")
        self.updates.extend(updates)

    def take(self):
        taken, self.updates = self.updates, []
        return [(one.table, one.kind, one.sequence, set(one.inserted), set(one.deleted)) for one in taken]


@pytest.fixture
def subscriber():
    return Subscriber()


def test_the_first_poll_publishes_snapshots_and_later_ones_only_differences(subscriber):
    driver = Shelf({"a": [(1,), (2,)], "b": []})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    assert subscriber.take() == [("a", "snapshot", 1, {(1,), (2,)}, set()), ("b", "snapshot", 1, set(), set())]
    driver.content["a"] = [(2,), (3,)]
    runner.poll()
    assert subscriber.take() == [("a", "delta", 2, {(3,)}, {(1,)})]
    runner.poll()
    assert subscriber.take() == []


def test_a_failing_table_keeps_its_rows_and_does_not_stop_the_others(subscriber):
    driver = Shelf({"a": [(1,)], "b": [(1,)]})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    driver.content = {"a": DriverError("the cloud has a cold"), "b": [(2,)]}
    runner.poll()
    assert runner.rows("a") == {(1,)}
    assert runner.rows("b") == {(2,)}
    assert runner.status()["last_error"] == "the cloud has a cold"
    assert runner.status()["initialized"] == "True"


def test_an_unreachable_cloud_is_not_asked_for_every_table(subscriber):
    driver = Shelf({"a": CloudUnreachable("nobody home"), "b": [(1,)]})
    runner = DatasourceRunner("shelf", driver, subscriber)
    assert not runner.poll()
    assert driver.fetched == ["a"]
    assert runner.status()["initialized"] == "False"


def test_the_error_is_gone_after_a_poll_that_works(subscriber):
    driver = Shelf({"a": ZeroDivisionError("a driver's mistake"), "b": []})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    assert "table a: ZeroDivisionError: a driver's mistake" in runner.status()["last_error"]
    assert runner.status()["last_updated"] == "None"
    driver.content["a"] = []
    runner.poll()
    assert runner.status()["last_error"] == "None"
    assert runner.status()["last_updated"] != "None"
    assert runner.status()["number_of_updates"] == "2"


def test_a_receiver_that_failed_gets_a_snapshot_next_time(subscriber):
    driver = Shelf({"a": [(1,)], "b": []})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    subscriber.take()
    subscriber.refuses = True
    driver.content["a"] = [(1,), (2,)]
    assert not runner.poll()
    assert "no room" in runner.status()["last_error"]
    subscriber.refuses = False
    runner.poll()
    assert subscriber.take() == [("a", "snapshot", 3, {(1,), (2,)}, set())]


def test_a_receiver_that_lost_track_gets_a_snapshot_from_memory(subscriber):
    driver = Shelf({"a": [(1,)], "b": []})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    subscriber.take()
    driver.fetched.clear()
    runner.request_snapshot("a")
    assert subscriber.take() == [("a", "snapshot", 2, {(1,)}, set())]
    assert driver.fetched == []


def test_a_receiver_may_ask_for_a_snapshot_while_it_receives_a_difference(subscriber):
    driver = Shelf({"a": [(1,)], "b": []})

    def forgetful(updates):
        subscriber.updates.extend(updates)
        if updates[0].kind == "delta":
            runner.request_snapshot("a")

    runner = DatasourceRunner("shelf", driver, forgetful)
    runner.poll()
    driver.content["a"] = [(2,)]
    subscriber.take()
    runner.poll()
    runner.poll()
    assert subscriber.take() == [("a", "delta", 2, {(2,)}, {(1,)}), ("a", "snapshot", 3, {(2,)}, set())]


def test_lazy_tables_are_polled_when_somebody_needs_them(subscriber):
    driver = Shelf({"a": [(1,)], "b": [(2,)]}, lazy_tables="b")
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    assert driver.fetched == ["a"]
    assert runner.rows("b") is None
    runner.activate("b")
    runner.poll()
    assert runner.rows("b") == {(2,)}


def test_a_lazy_table_that_does_not_exist_is_refused(subscriber):
    with pytest.raises(DriverError, match="lazy_tables names c"):
        DatasourceRunner("shelf", Shelf({}, lazy_tables="c"), subscriber)


def test_a_refresh_polls_at_once_though_the_period_is_long(subscriber):
    driver = Shelf({"a": [(1,)], "b": []}, poll_time="3600")
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.start()
    try:
        until(lambda: runner.status()["number_of_updates"] == "1", seconds=10)
        driver.content["a"] = [(2,)]
        runner.request_refresh()
        until(lambda: runner.rows("a") == {(2,)}, seconds=10)
    finally:
        runner.stop()


def test_a_refresh_during_a_poll_leads_to_another_poll(subscriber):
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Shelf):
        def fetch(self, group):
            begun.set()
            assert go_on.wait(10)
            return super().fetch(group)

    runner = DatasourceRunner("shelf", Slow({"a": [], "b": []}), subscriber)
    runner.start()
    try:
        assert begun.wait(10)
        runner.request_refresh()
        runner.request_refresh()
        go_on.set()
        until(lambda: runner.status()["number_of_updates"] == "2", seconds=10)
    finally:
        runner.stop()
    assert runner.status()["number_of_updates"] == "2"


def test_the_thread_survives_a_failing_driver_and_tries_again_soon(subscriber):
    driver = Shelf({"a": RuntimeError("boom"), "b": []}, poll_time="0.01")
    runner = DatasourceRunner("shelf", driver, subscriber, chance=lambda: 1.0)
    runner.start()
    try:
        until(lambda: runner.status()["last_error"] != "None", seconds=10)
        driver.content["a"] = [(1,)]
        until(lambda: runner.rows("a") == {(1,)}, seconds=10)
    finally:
        runner.stop()


def test_stopping_ends_the_thread_and_closes_the_driver(subscriber):
    driver = Shelf({"a": [], "b": []}, poll_time="3600")
    runner = DatasourceRunner("gone-soon", driver, subscriber)
    runner.start()
    runner.stop()
    runner.stop()
    assert driver.closed
    assert "datasource-gone-soon" not in {thread.name for thread in threading.enumerate()}


def test_nothing_is_published_after_the_stop(subscriber):
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Shelf):
        def fetch(self, group):
            begun.set()
            go_on.wait(10)
            return super().fetch(group)

    runner = DatasourceRunner("shelf", Slow({"a": [(1,)], "b": []}), subscriber)
    runner.start()
    assert begun.wait(10)
    runner.stop(timeout=0)
    go_on.set()
    until(lambda: "datasource-shelf" not in {thread.name for thread in threading.enumerate()}, seconds=10)
    assert subscriber.take() == []


def test_retries_become_rarer_up_to_a_limit():
    assert [delay(10, failures, 0) for failures in (0, 1, 2, 3, 6, 7, 99)] == [10, 1, 2, 4, 32, 60, 60]
    assert delay(3600, 99, 0) == 3600
    assert delay(0, 5, 0) is None
    assert delay(10, 3, 0.999) == pytest.approx(2.0, rel=0.01)


def test_datasources_of_one_period_drift_apart_by_up_to_a_tenth():
    assert delay(10, 0, 0.999) == pytest.approx(9.0, abs=0.01)
    assert len({delay(10, 0, chance / 10) for chance in range(10)}) == 10


def test_a_group_may_have_a_period_of_its_own(subscriber):
    driver = Shelf({"a": [(1,)], "b": [(1,)]}, poll_time="0.01", poll_times="b:3600")
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.start()
    try:
        until(lambda: driver.fetched.count("a") >= 5, seconds=60)
    finally:
        runner.stop()
    assert driver.fetched.count("b") == 1


def test_poll_times_of_a_group_that_does_not_exist_are_refused(subscriber):
    with pytest.raises(DriverError, match="poll_times names c"):
        DatasourceRunner("shelf", Shelf({}, poll_times="c:1"), subscriber)


def test_a_table_fails_for_a_while_before_it_is_unreachable_and_the_others_are_well(subscriber):
    driver = Shelf({"a": DriverError("ill"), "b": [(1,)]})
    runner = DatasourceRunner("shelf", driver, subscriber, limits=Limits(unreachable_after=3))
    seen = []
    for _poll in range(3):
        runner.poll()
        seen.append((runner.state(), runner.states()["b"]))
    assert seen == [("failing", "ok"), ("failing", "ok"), ("unreachable", "ok")]
    driver.content["a"] = []
    runner.poll()
    assert runner.state() == "ok"
    assert runner.status()["tables"]["b"]["rows"] == 1


def test_an_answer_that_is_the_same_as_before_changes_nothing(subscriber):
    class Lazybones(Shelf):
        def pages(self, group):
            raise Unchanged
            yield {}

    driver = Lazybones({"a": [], "b": []})
    runner = DatasourceRunner("shelf", driver, subscriber)
    assert runner.poll()
    assert subscriber.take() == []
    assert runner.age() is not None


def test_rows_that_are_not_of_their_columns_types_are_counted(subscriber):
    class Typed(Shelf):
        @classmethod
        def tables(cls):
            return {"a": (Column("x", type="Int"),), "b": (Column("x"),)}

    driver = Typed({"a": [(1,), ("one",), ("None",)], "b": [("one",)]})
    runner = DatasourceRunner("shelf", driver, subscriber)
    runner.poll()
    assert [runner.status()["tables"][table]["violations"] for table in "ab"] == [1, 0]
    driver.content["a"] = [(1,)]
    runner.poll()
    assert runner.status()["tables"]["a"]["violations"] == 0
