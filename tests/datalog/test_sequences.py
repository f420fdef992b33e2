"""The steps of a simulated sequence."""

from __future__ import annotations

import pytest

from congress import datalog
from congress.datalog import core
from tests.datalog.world import World, show

WORLD = World({("pol", "p"): 1})


def steps(text: str) -> tuple[core.SequenceStep, ...]:
    return datalog.check_sequence(text, "pol", "action", WORLD)


def step(text: str) -> core.SequenceStep:
    (only,) = steps(text)
    return only


def test_an_empty_sequence_has_no_steps() -> None:
    assert steps("") == steps(" // nothing") == ()


def test_rows_appear_and_disappear() -> None:
    assert steps("p+(1) other:q-('a', 2)") == (
        core.RowStep("+", core.TableId("pol", "p"), (1,), "p+(1)"),
        core.RowStep("-", core.TableId("other", "q"), ("a", 2), 'other:q-("a", 2)'),
    )


def test_a_variable_in_a_row_is_the_string_of_its_name() -> None:
    assert step("p+(x)") == core.RowStep("+", core.TableId("pol", "p"), ("x",), "p+(x)")


def test_rows_of_datasources_may_be_given_by_column_names() -> None:
    found = step("nova:flavors+(name='m1', id=7)")
    assert isinstance(found, core.RowStep)
    assert found.row == (7, "m1")


def test_rules_appear_and_disappear_without_their_sign() -> None:
    found = step("p-(x) :- q(x), not r(x)")
    assert isinstance(found, core.RuleStep)
    assert (found.sign, found.rule.policy, found.rule.text) == ("-", "pol", "p(x) :- q(x), not r(x)")
    assert found.text == "p-(x) :- q(x), not r(x)"


def test_rules_of_other_policies_are_checked_there() -> None:
    found = step("other:p+(x) :- q(x)")
    assert isinstance(found, core.RuleStep)
    assert (found.rule.policy, found.rule.table) == ("other", core.TableId("other", "p"))
    assert show(found.rule.body[0]) == "other:q(x)"


def test_a_rule_whose_body_is_true_is_not_a_row() -> None:
    assert isinstance(step("p-(1) :- true"), core.RuleStep)


def test_actions_are_invoked_with_constants() -> None:
    assert step("pause(1, 'a')") == core.ActionStep((("pause", (core.Const(1), core.Const("a"))),), (), 'pause(1, "a")')
    assert step("action:pause(1)") == core.ActionStep((("pause", (core.Const(1),)),), (), "action:pause(1)")


def test_arguments_and_options_come_from_the_body() -> None:
    found = step("pause(x), option(y, 2), open(z) :- result(x), q(y), action:t(y)")
    assert isinstance(found, core.ActionStep)
    assert found.heads == (("pause", (core.Var("x"),)), ("option", (core.Var("y"), core.Const(2))))
    assert [show(literal) for literal in found.body] == ["action:result(x)", "pol:q(y)", "action:t(y)"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("p(x)", "fact-not-ground"),
        ("p(x) :- q(y)", "unsafe-head"),
        ("nope:p+(1)", "unknown-policy"),
        ("nope:p+(1) :- true", "unknown-policy"),
        ("p+(1, 2)", "arity-mismatch"),
        ("lt+(1, 2)", "builtin-head"),
        ("p+(count(x))", "aggregate-place"),
        ("nova:flavors+(1)", "missing-columns"),
        ("nova:flavors+(1, 2, 3)", "too-many-arguments"),
        ("nova:flavor+(1, 2)", "unknown-table"),
        ("nova:flavors+(x, y) :- q(x, y)", "not-a-step"),
        ("execute[nova:pause(1)]", "not-a-step"),
        ("p+(x), q+(x) :- r(x)", "not-a-step"),
        ("p(x), q+(x) :- r(x)", "not-a-step"),
        ("other:act(1)", "not-a-step"),
        ("act(id=1)", "columns-of-policy"),
        ("p+(x) :- not q(x)", "unsafe-literal"),
        ("p+(1) q+(", "unexpected-token"),
    ],
)
def test_a_step_without_meaning_is_refused(text: str, code: str) -> None:
    with pytest.raises(datalog.DatalogError) as caught:
        steps(text)
    assert caught.value.codes == (code,)


def test_the_error_for_undeclared_actions_says_how_to_declare_one() -> None:
    error = datalog.not_a_step("foo(1)", "action")
    assert "Sequence contained non-action, non-update: foo(1)" in str(error)
    assert 'action("name")' in str(error)
