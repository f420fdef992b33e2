"""Explanations as data, and what they do with much to explain."""

from __future__ import annotations

from typing import Any

from congress.engine.whynot import CROWD
from congress.engine.workspace import Bounds, Workspace


def workspace(*rules: str) -> Workspace:
    made = Workspace()
    with made.transaction() as tx:
        tx.set_datasource("nova", {"servers": ("id", "network"), "networks": ("id", "owner")})
        tx.insert_rows("nova", "servers", [("vm", "blue")])
        tx.insert_rows("nova", "networks", [("blue", "ann"), ("blue", "bob")])
        tx.create_policy("p")
        tx.insert_rules("p", rules)
    return made


FOREIGN = "error(s) :- nova:servers(s, n), not own(n), len(n, 4)"
OWN = 'own(n) :- nova:networks(n, "cid")'


def test_an_explanation_is_data() -> None:
    found = workspace(FOREIGN, OWN).explain("p", "error", ("vm",))
    server = {"policy": "nova", "table": "servers", "row": ["vm", "blue"]}
    assert found.to_data() == {
        "nodes": [
            {
                "holds": 'p:error("vm")',
                "reason": "rule",
                "policy": "p",
                "table": "error",
                "row": ["vm"],
                "rule": "error(s) :- nova:servers(s, n), not own(n), len(n, 4)",
                "premises": [1, 2, 3],
            },
            {
                "holds": 'nova:servers("vm", "blue")',
                "reason": "row",
                **server,
                "source": {"datasource": "nova", "table": "servers", "cells": {"id": "vm", "network": "blue"}},
            },
            {"holds": 'not own("blue")', "reason": "absent"},
            {"holds": 'len("blue", 4)', "reason": "builtin"},
        ],
        "complete": True,
    }


def test_a_premise_that_is_needed_twice_is_proved_once() -> None:
    levels = [f"t{i}(x) :- t{i - 1}(x), u{i}(x)" for i in range(1, 30)]
    made = workspace("t0(x) :- nova:servers(id=x)", *levels, *(f"u{i}(x) :- t{i - 1}(x)" for i in range(1, 30)))
    found = made.explain("p", "t29", ("vm",))
    assert len(found.nodes()) == len({node.holds for node in found.nodes()}) == 60
    assert found.to_data()["complete"]
    assert len(found.to_text().splitlines()) < 200


def test_an_explanation_keeps_to_its_bounds() -> None:
    made = workspace("t0(x) :- nova:servers(id=x)", *[f"t{i}(x) :- t{i - 1}(x)" for i in range(1, 30)])
    found = made.explain("p", "t29", ("vm",), Bounds(depth=5))
    assert [node.holds for node in found.nodes()] == [f'p:t{i}("vm")' for i in range(29, 23, -1)]
    assert not found.to_data()["complete"]


def test_the_explanation_of_an_absence_is_data() -> None:
    made = workspace(FOREIGN, 'own(n) :- nova:networks(n, "ann")')
    assert made.explain_absence("p", "error", ("vm",)).to_data() == {
        "missing": 'p:error("vm")',
        "failures": [
            {
                "rule": "error(s) :- nova:servers(s, n), not own(n), len(n, 4)",
                "failing": 'not own("blue")',
                "because": "present",
                "holding": ['nova:servers("vm", "blue")'],
                "also_failing": [],
                "blockers": [made.explain("p", "own", ("blue",)).to_data()],
                "more_blockers": False,
            }
        ],
        "policy": "p",
        "table": "error",
        "row": ["vm"],
    }


def first_failure(row: tuple[str, ...], *rules: str) -> dict[str, Any]:
    """The nearest failure of a row of p:error."""
    found: dict[str, Any] = workspace(*rules).explain_absence("p", "error", row).to_data()["failures"][0]
    return found


def test_a_premise_without_match_names_the_row_that_is_one_cell_off() -> None:
    found = first_failure(("vm",), 'error(s) :- nova:servers(s, "red")')
    assert found["needs"] == [
        {"column": "id", "place": 0, "value": "vm"},
        {"column": "network", "place": 1, "value": "red"},
    ]
    differs = [{"column": "network", "place": 1, "has": "blue", "needs": "red"}]
    cells = {"id": "vm", "network": "blue"}
    source = {"datasource": "nova", "table": "servers", "cells": cells}
    assert found["nearest"] == [{"row": ["vm", "blue"], "differs": differs, "source": source}]


def test_a_variable_that_stands_twice_needs_equal_cells() -> None:
    assert first_failure(("vm",), "error(s) :- nova:servers(id=s), nova:networks(n, n)")["alike"] == [[0, 1]]


def test_a_comparison_says_what_it_would_have_needed() -> None:
    found = first_failure(("vm",), "error(s) :- nova:servers(s, n), len(n, k), gt(k, 10)")
    assert found["arguments"] == [
        {"variable": "k", "has": 4, "needs": {"more than": 10}, "from": 'len("blue", 4)'},
        {"variable": None, "has": 10, "needs": {"less than": 4}},
    ]


def test_a_computed_value_says_what_it_is() -> None:
    found = first_failure(("vm",), "error(s) :- nova:servers(s, n), len(n, 7)")
    assert found["arguments"][1] == {"variable": None, "has": 7, "needs": {"value": 4}}


def test_a_group_says_which_row_it_has() -> None:
    made = workspace("n(x, count(o)) :- nova:networks(x, o)")
    assert made.explain_absence("p", "n", ("blue", 3)).failures[0].to_data()["has"] == ["blue", 2]
    assert made.explain_absence("p", "n", ("red", 3)).failures[0].because == "no match"


def test_the_rule_that_came_nearest_is_named_first() -> None:
    far = 'error(s) :- nova:servers(s, "red"), nova:networks(s, "cid")'
    near = 'error(s) :- nova:servers(s, n), nova:networks(n, "cid")'
    never = 'error("none") :- nova:servers(id="vm")'
    found = workspace(never, far, near).explain_absence("p", "error", ("vm",))
    assert [failure.rule for failure in found.failures] == [near, far, never]


def test_a_row_of_an_aggregate_is_explained_by_a_member_of_its_group() -> None:
    found = workspace("n(x, count(o)) :- nova:networks(x, o)").explain("p", "n", ("blue", 2))
    assert found.rule == "n(x, count(o)) :- nova:networks(x, o)"
    assert [premise.holds for premise in found.premises] == ['nova:networks("blue", "ann")']


def test_a_row_with_a_short_and_a_circular_derivation_is_explained_by_the_short_one() -> None:
    made = workspace("a(x) :- b(x)", "b(x) :- a(x)", "b(x) :- nova:servers(id=x)")
    assert made.explain("p", "a", ("vm",)).to_text().splitlines() == [
        'p:a("vm")  (by a(x) :- b(x))',
        '  p:b("vm")  (by b(x) :- nova:servers(id=x))',
        '    nova:servers("vm", "blue")  (a row of the datasource)',
    ]


def test_a_very_long_derivation_is_cut() -> None:
    made = workspace("r(0)", "r(y) :- r(x), nova:servers(x, y)")
    with made.transaction() as tx:
        tx.replace_rows("nova", "servers", [(i, i + 1) for i in range(1500)])
    text = made.explain("p", "r", (1500,)).to_text()
    assert "not spelled out further" in text
    assert len(text.splitlines()) < 5_000


def test_an_absence_shows_a_few_instances_only() -> None:
    made = workspace("error(n) :- nova:networks(n, o), nova:servers(o, n)")
    with made.transaction() as tx:
        tx.insert_rows("nova", "networks", [("blue", f"user{i}") for i in range(100)])
    assert 1 <= len(made.explain_absence("p", "error", ("blue",)).failures) <= 3


def test_each_rule_of_a_table_says_why_it_fails() -> None:
    made = workspace("error(x) :- nova:servers(x, 'red')", "error(x) :- nova:networks(x, y), gt(y, 1)", "error('none')")
    found = made.explain_absence("p", "error", ("vm",))
    assert {failure.rule for failure in found.failures} == {
        'error(x) :- nova:servers(x, "red")',
        "error(x) :- nova:networks(x, y), gt(y, 1)",
    }


def test_an_explanation_does_not_change_anything() -> None:
    made = workspace(FOREIGN, OWN)
    before = made.tables("p"), made.rows("p", "error")
    made.explain("p", "error", ("vm",))
    made.explain_absence("p", "error", ("other",))
    assert (made.tables("p"), made.rows("p", "error")) == before


def test_of_a_crowd_no_row_is_near() -> None:
    made = Workspace()
    with made.transaction() as change:
        change.set_datasource("d", {"t": ("id", "state")})
        change.create_policy("p")
        change.insert_rules("p", ['error(x) :- d:t(x, "down")'])
        change.insert_rows("d", "t", [(f"host-{number}", "down") for number in range(CROWD + 1)])
        change.insert_rows("d", "t", [("up", "fine")])
    for _time in range(2):  # the first question makes the index that the second one asks
        assert _nearest(made, "new") == []
        assert _nearest(made, "up") == [["up", "fine"]]
    with made.transaction() as change:
        change.delete_rows("d", "t", [("host-0", "down")])
    assert _nearest(made, "new") == [["host-1", "down"], ["host-10", "down"], ["host-100", "down"]]


def _nearest(made: Workspace, name: str) -> list[object]:
    (failure,) = made.explain_absence("p", "error", (name,)).to_data()["failures"]
    return [near["row"] for near in failure["nearest"]]
