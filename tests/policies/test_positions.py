"""When one engine knows all that another one knew."""

from __future__ import annotations

from congress.engine.workspace import Workspace
from congress.policies.positions import NOWHERE, Position


def test_an_engine_reaches_another_one_when_it_is_behind_in_nothing() -> None:
    there = Position(2, 7, 40, 100)
    assert there.reaches(there) and there.reaches(NOWHERE)
    assert Position(3, 1, 40, 100).reaches(there)
    assert not Position(2, 6, 40, 100).reaches(there)
    assert not Position(3, 1, 39, 100).reaches(there)
    assert not Position(2, 7, 40, 99).reaches(there)


def test_the_clock_of_another_host_matters_only_while_rules_mention_the_time() -> None:
    an_hour_ahead = Position(2, 7, 40, 3_600)
    assert Position(2, 7, 41, 0).reaches(an_hour_ahead)
    workspace = Workspace()
    with workspace.transaction() as change:
        change.create_policy("p")
        change.insert_rules("p", ["old(x) :- seen(x, t), builtin:now(y), builtin:lt(t, y)", "young(x) :- seen(x, t)"])
    assert workspace.follows_time()
    with workspace.transaction() as change:
        change.delete_rules("p", ["old(x) :- seen(x, t), builtin:now(y), builtin:lt(t, y)"])
    assert not workspace.follows_time()
