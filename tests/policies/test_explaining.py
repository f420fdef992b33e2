"""Why rows came and went, as it is stored with the change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.db import migration
from congress.db.session import Database
from congress.db.violations import Violation, Wanted
from congress.engine.workspace import Workspace
from congress.policies.explaining import Moments
from congress.policies.live import Live, watching
from congress.policies.positions import Position
from congress.policies.recorder import Recorder
from congress.policies.violations import Violations


class Engine:
    """One engine with a recorder; `seconds` it has for explanations in a transaction."""

    def __init__(self, database: Database, seconds: float) -> None:
        self.publication = 0
        self.live = Live(Workspace(watch=watching(["error"])))
        self.moments = Moments(self.live.workspace, lambda _source: 1.5, seconds=seconds)
        with self.live.transaction() as change:
            change.set_datasource("d", {"t": ("id", "state")})
            change.create_policy("p")
            change.insert_rules("p", ['error(x) :- d:t(x, "down"), not excused(x)', 'excused("spare")'])
        self.recorder = Recorder(
            database, self.live, lambda: Position(1, self.publication, 0, 0), lambda _tables: (), watching(["error"]),
            node="a", explain=lambda rows: self.moments.explain(rows),
        )  # fmt: skip
        self.recorder.begin()
        self.recorder.work()
        self._violations = Violations(database)

    def show(self, **states: str) -> None:
        self.publication += 1
        with self.live.transaction() as change:
            change.replace_rows("d", "t", list(states.items()))

    def violations(self) -> list[Violation]:
        """All of them with their explanations, the latest first."""
        listed = self._violations.page(Wanted(), 100).violations
        return [self._violations.violation(each.opened.id) for each in listed]

    def explanations(self) -> list[Any]:
        return [each.opened.explanation and json.loads(each.opened.explanation) for each in self.violations()]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.upgrade(made)
    yield made
    made.close()


def test_what_was_true_at_the_moment_is_stored_even_when_it_is_over(database: Database) -> None:
    engine = Engine(database, seconds=1.0)
    engine.show(a="down")
    engine.show(a="up")
    engine.recorder.work()
    (violation,) = engine.violations()
    assert violation.closed is not None and violation.opened.explanation and violation.closed.explanation
    source = json.loads(violation.opened.explanation)["nodes"][1]["source"]
    assert source == {"datasource": "d", "table": "t", "cells": {"id": "a", "state": "down"}, "age": 1.5}
    failure = json.loads(violation.closed.explanation)["failures"][0]
    assert failure["nearest"][0]["row"] == ["a", "up"]


def test_what_there_was_no_time_for_is_explained_while_it_stays_as_it_is(database: Database) -> None:
    engine = Engine(database, seconds=0.0)
    engine.show(**{f"h{number}": "down" for number in range(20)})
    engine.moments = Moments(engine.live.workspace, lambda _source: 1.5, seconds=1.0)
    while engine.recorder.work():
        pass
    assert all(found["nodes"][0]["reason"] == "rule" for found in engine.explanations())


def test_what_is_over_is_not_explained_by_what_came_after(database: Database) -> None:
    engine = Engine(database, seconds=0.0)
    engine.show(a="down")
    engine.show(a="down", b="up")
    engine.moments = Moments(engine.live.workspace, lambda _source: 1.5, seconds=1.0)
    while engine.recorder.work():
        pass
    assert engine.explanations() == [None]


def test_an_explanation_is_as_large_as_it_may_be(database: Database) -> None:
    engine = Engine(database, seconds=1.0)
    with engine.live.transaction() as change:
        rules = ["r(0)", "r(y) :- r(x), d:t(x, y)", "error(x) :- r(x), d:t(id=x, state=-1)"]
        change.insert_rules("p", rules)
    engine.moments = Moments(engine.live.workspace, lambda _source: 1.5, nodes=30, seconds=1.0)
    engine.publication += 1
    with engine.live.transaction() as change:
        change.replace_rows("d", "t", [*((number, number + 1) for number in range(500)), (500, -1)])
    engine.recorder.work()
    (found,) = engine.explanations()
    assert not found["complete"]
    assert len(found["nodes"]) < 100
