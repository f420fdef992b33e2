"""A profile tells how a rule is evaluated: in which order, by which columns, with how many rows."""

from __future__ import annotations

import pytest

from congress.engine.workspace import LimitExceeded, Limits, Workspace


@pytest.fixture
def workspace() -> Workspace:
    found = Workspace(watch=lambda _table: True)
    with found.transaction() as change:
        change.set_datasource("nova", {"servers": ("id", "owner"), "ports": ("device", "net")})
        change.create_policy("p")
        change.insert_rules(
            "p",
            [
                'error(x) :- nova:servers(id=x, owner=o), nova:ports(device=x, net="n1"), not member(o, "shop")',
                "count_of(o, count(x)) :- nova:servers(id=x, owner=o)",
                'member("u1", "shop")',
            ],
        )
        change.insert_rows("nova", "servers", [(f"s{number}", f"u{number % 7}") for number in range(700)])
        change.insert_rows("nova", "ports", [(f"s{number}", f"n{number % 30}") for number in range(700)])
    return found


def test_the_steps_are_told_in_their_order_with_their_indexes(workspace: Workspace) -> None:
    (rule, _other) = workspace.rules("p")
    found = workspace.profile(rule)
    assert [(step.literal, step.by, step.rows) for step in found.steps] == [
        ('nova:ports(x, "n1")', (1,), 700),
        ("nova:servers(x, o)", (0,), 700),
        ('not member(o, "shop")', (0, 1), 1),
    ]
    assert found.rows == len(workspace.rows("p", "error")) > 9
    assert 0 < found.seconds < 10


def test_an_aggregating_rule_is_told_with_the_rows_under_its_groups(workspace: Workspace) -> None:
    (_other, rule) = workspace.rules("p")
    found = workspace.profile(rule)
    assert (found.rows, [step.by for step in found.steps]) == (700, [()])


def test_a_profile_leaves_nothing_behind_and_keeps_to_limits(workspace: Workspace) -> None:
    with workspace.transaction() as change:
        change.insert_rules("p", ["many(x, y) :- nova:servers(id=x), nova:servers(id=y)"])
    before = workspace.rows("p", "error")
    with pytest.raises(LimitExceeded):
        workspace.profile(workspace.rules("p")[-1], Limits(rows=1000))
    assert workspace.rows("p", "error") == before


def test_an_executor_without_plans_is_refused() -> None:
    workspace = Workspace(executor="naive")
    with workspace.transaction() as change:
        change.create_policy("p")
        change.insert_rules("p", ["a(x) :- b(x)"])
    with pytest.raises(TypeError):
        workspace.profile(workspace.rules("p")[0])
