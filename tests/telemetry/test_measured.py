"""What happens shows in the numbers."""

from __future__ import annotations

import time

from congress.bus.publications import Position
from congress.bus.updates import TableUpdate
from congress.engine.costs import LARGE, ONE_IN, Costs
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live
from congress.telemetry import metrics


def told(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


def live() -> Live:
    made = Live(Workspace())
    with made.transaction() as change:
        change.create_policy("p")
        change.set_datasource("nova", {"servers": ("id", "status")})
        change.insert_rules("p", ['error(x) :- nova:servers(x, "ERROR")'])
    return made


def update(*rows: tuple[str, str]) -> TableUpdate:
    return TableUpdate("nova", "servers", 1, 1, "snapshot", frozenset(rows), frozenset())


def test_violations_and_rows_of_tables_are_counted() -> None:
    feed = Feed(live())
    feed.apply((update(("a", "ERROR"), ("b", "ACTIVE"), ("c", "ERROR")),), lambda: Position(1, 1))
    assert told("congress_watched_rows", policy="p", table="error") == 2
    feed.apply((update(("b", "ACTIVE"), ("c", "ERROR")),), lambda: Position(1, 2))
    assert told("congress_watched_rows", policy="p", table="error") == 1


def test_the_memory_of_a_table_is_estimated_from_its_rows() -> None:
    feed = Feed(live())
    feed.measure(lambda: {("nova", "servers"): 1000})
    feed.apply((update(*((f"{number:036}", "ACTIVE") for number in range(1000))),), lambda: Position(1, 1))
    assert told("congress_table_rows", table="nova:servers") == 1000
    found = told("congress_table_bytes", table="nova:servers")
    assert found is not None and 1000 * 40 < found < 1000 * 400


def test_the_time_of_a_derived_table_is_told() -> None:
    made = live()
    began = time.perf_counter()
    with made.transaction() as change:
        change.insert_rows("nova", "servers", [(str(number), "ERROR") for number in range(2 * LARGE)])
    took = time.perf_counter() - began
    found = told("congress_evaluation_seconds_total", policy="p", table="error")
    assert found is not None and found > 0
    assert next(cost for table, cost in made.workspace.seconds().items() if table.name == "error") <= took * 2 * ONE_IN


def test_one_of_many_small_changes_is_timed_and_counts_for_all() -> None:
    costs = Costs()
    weights = [costs.weight(1) for _ in range(10 * ONE_IN)]
    assert sum(weights) == len(weights)
    assert set(weights) == {0, ONE_IN}
    assert costs.weight(LARGE) == 1
