"""Explanations as data, and what they do with much to explain."""

from __future__ import annotations

from congress.engine.workspace import Workspace


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
    assert found.to_data() == {
        "holds": 'p:error("vm")',
        "reason": "rule",
        "rule": "error(s) :- nova:servers(s, n), not own(n), len(n, 4)",
        "premises": [
            {"holds": 'nova:servers("vm", "blue")', "reason": "row"},
            {"holds": 'not own("blue")', "reason": "absent"},
            {"holds": 'len("blue", 4)', "reason": "builtin"},
        ],
    }


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
                "blocker": 'p:own("blue")',
            }
        ],
    }


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
