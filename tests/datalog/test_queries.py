"""Questions and their answers as text."""

from __future__ import annotations

import pytest

from congress import datalog
from tests.datalog.world import World, show

WORLD = World({("pol", "p"): 2})


def ask(text: str, policy: str = "pol") -> tuple[list[str], list[str]]:
    """The names of the variables and the body of a query."""
    query = datalog.check_query(text, policy, WORLD)
    return [variable.name for variable in query.variables], [show(literal) for literal in query.body]


def answer(text: str, *row: str | int) -> str:
    return datalog.instantiate(datalog.check_query(text, "pol", WORLD), row)


def delta(text: str, *row: str | int) -> str:
    return datalog.instantiate_delta(datalog.check_query(text, "pol", WORLD), row, "+")


def test_an_atom_asks_for_its_variables_in_order() -> None:
    assert ask("q(y, x, 1, y)") == (["y", "x"], ["pol:q(y, x, 1, y)"])


def test_a_ground_atom_asks_whether_it_holds() -> None:
    assert ask("p(1, 2)") == ([], ["pol:p(1, 2)"])
    assert answer("p(1, 2)") == "p(1, 2)"


def test_a_conjunction_is_put_into_order() -> None:
    assert ask("not q(x), r(x, y), lt(x, y)") == (["x", "y"], ["pol:r(x, y)", "not pol:q(x)", "lt(x, y)"])
    assert answer("not q(x), r(x, y)", 1, "a") == 'not q(1), r(1, "a")'


def test_a_rule_answers_with_instances_of_itself() -> None:
    assert ask("ans(x) :- q(x, y), not r(y)") == (["x", "y"], ["pol:q(x, y)", "not pol:r(y)"])
    assert answer("ans(x) :- q(x, y)", 1, 2) == "ans(1) :- q(1, 2)"


def test_other_policies_datasources_and_actions_can_be_asked() -> None:
    assert ask("other:q(x)") == (["x"], ["other:q(x)"])
    assert ask("nova:servers(status='ACTIVE', id=x)") == (["x"], ["nova:servers(x, _, _, 'ACTIVE')"])
    assert ask("servers(id=x)", "nova") == (["x"], ["nova:servers(x, _, _, _)"])
    assert ask("execute[nova:pause(x)]") == (["x"], ["pol:execute[nova:pause](x)"])


def test_columns_that_are_left_out_stay_out_of_the_answer() -> None:
    assert answer("nova:servers(id=x)", "a") == 'nova:servers(id="a")'


def test_gained_and_lost_answers_are_marked_at_the_table() -> None:
    assert delta("q(x)", 1) == "q+(1)"
    assert delta("nova:flavors(x, y)", 1, 2) == "nova:flavors+(1, 2)"
    assert delta("ans(x) :- q(x)", 1) == "ans+(1) :- q(1)"
    assert delta("q(x), r(x)", 1) == "q+(1), r(1)"
    assert delta("execute[nova:pause(x)]", 1) == "execute[nova:pause+(1)]"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-text"),
        ("p(x, y) q(x)", "multiple-rules"),
        ("not q(x)", "unsafe-literal"),
        ("lt(x, 1)", "unsafe-literal"),
        ("ans(y) :- q(x)", "unsafe-head"),
        ("ans(count(x)) :- q(x)", "aggregate-place"),
        ("a(x), b(x) :- q(x)", "multiple-heads"),
        ("q(x), execute[insert(x)]", "reserved-word"),
        ("insert[q(x)]", "modal-in-body"),
        ("p(x)", "arity-mismatch"),
        ("nova:server(x)", "unknown-table"),
        ("late:t(id=x)", "schema-unknown"),
    ],
)
def test_a_question_without_meaning_is_refused(text: str, code: str) -> None:
    with pytest.raises(datalog.DatalogError) as caught:
        datalog.check_query(text, "pol", WORLD)
    assert caught.value.codes == (code,)


def test_several_questions_are_an_error_of_their_own_kind() -> None:
    with pytest.raises(datalog.MultipleRules, match="Received multiple rules: q\\(x\\); r\\(x\\)"):
        datalog.check_query("q(x) r(x)", "pol", WORLD)
