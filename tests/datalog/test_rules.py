"""What a single rule may say, and what it becomes."""

from __future__ import annotations

import pytest

from congress import datalog
from congress.datalog import core
from congress.datalog.values import Real
from tests.datalog.world import World, body, check, refused


def test_a_rule_is_lowered_with_full_table_names() -> None:
    rule = check("p(x, 1) :- q(x), nova:flavors(x, y), pol:r(y)")
    assert rule.table == core.TableId("pol", "p")
    assert rule.head == (core.Var("x"), core.Const(1))
    assert body(rule.text) == ["pol:q(x)", "nova:flavors(x, y)", "pol:r(y)"]


def test_a_fact_is_a_rule_without_body() -> None:
    rule = check("p(1, 'a', 1.5, -2)")
    assert rule.is_fact
    assert rule.row == (1, "a", Real(1.5), -2)


def test_a_fact_and_a_rule_with_the_body_true_are_different_rules() -> None:
    assert check("p(1)").key != check("p(1) :- true").key
    assert check("p(1) :- true").body == ()


def test_body_order_does_not_make_another_rule_but_variable_names_do() -> None:
    assert check("p(x) :- q(x), r(x)").key == check("p(x) :- r(x), q(x)").key
    assert check("p(x) :- q(x)").key != check("p(y) :- q(y)").key


def test_dots_belong_to_names() -> None:
    assert check("p(x) :- nova:servers.tags(x, y).").body[0].body.table == core.TableId("nova", "servers.tags")  # type: ignore[union-attr]


def test_the_first_of_several_colons_ends_the_policy() -> None:
    assert body("p(x) :- elsewhere:a:b(x)") == ["elsewhere:a:b(x)"]


@pytest.mark.parametrize("negation", ["not ", "NOT ", "!"])
def test_negation_has_three_spellings(negation: str) -> None:
    assert body(f"p(x) :- q(x), {negation}r(x)") == ["pol:q(x)", "not pol:r(x)"]


def test_true_disappears_and_false_is_an_empty_table() -> None:
    assert body("p(1) :- true, not false") == []
    assert body("p(1) :- true()") == []
    assert body("p(1) :- false") == ["builtin:false()"]
    assert body("p(1) :- not true") == ["builtin:false()"]


# Column references and missing columns


def test_columns_are_found_by_name_and_number() -> None:
    assert body("p(x, y) :- nova:servers(x, status='ACTIVE', 2=y)") == ["nova:servers(x, _, y, 'ACTIVE')"]


def test_missing_columns_match_everything_also_under_negation() -> None:
    assert body("p(x) :- nova:flavors(x), not nova:servers(id=x)") == [
        "nova:flavors(x, _)",
        "not nova:servers(x, _, _, _)",
    ]


def test_a_table_of_an_unknown_policy_is_taken_as_it_is_written() -> None:
    assert body("p(x) :- nowhere:t(x)") == ["nowhere:t(x)"]
    assert body("p(x) :- late:t(x)") == ["late:t(x)"]


def test_columns_that_are_not_known_yet_are_told_from_other_errors() -> None:
    with pytest.raises(datalog.IncompleteSchema) as caught:
        check("p(x) :- late:t(id=x)")
    assert caught.value.policy == "late"


# Safety


def test_literals_move_only_as_far_as_they_must() -> None:
    assert body("p(z) :- not r(x), plus(x, y, z), a(1), q(x), s(y), b(2)") == [
        "pol:a(1)",
        "pol:q(x)",
        "not pol:r(x)",
        "pol:s(y)",
        "plus(x, y, z)",
        "pol:b(2)",
    ]


def test_outputs_of_builtins_bind_the_inputs_of_others() -> None:
    assert body("p(z) :- plus(y, 1, z), plus(x, 1, y), q(x)") == ["pol:q(x)", "plus(x, 1, y)", "plus(y, 1, z)"]


def test_a_negated_builtin_needs_its_outputs_too() -> None:
    assert body("p(x) :- not plus(x, x, y), q(x), r(y)") == ["pol:q(x)", "pol:r(y)", "not plus(x, x, y)"]
    assert refused("p(x) :- q(x), not plus(x, x, y)") == ("unsafe-literal",)


def test_a_variable_under_negation_alone_is_unsafe() -> None:
    assert refused("p(x) :- q(x), not r(x, y)") == ("unsafe-literal",)
    assert refused("p(x) :- nova:flavors(id=x), not nova:servers(id=x, name=y)") == ("unsafe-literal",)


def test_every_unbound_variable_of_a_head_is_named() -> None:
    assert refused("p(x, y, z) :- q(y)") == ("unsafe-head", "unsafe-head")


# Builtins


def test_builtins_are_known_by_name_and_number_of_arguments() -> None:
    assert body("p(x) :- q(x), plus(x, y)") == ["pol:q(x)", "pol:plus(x, y)"]
    assert body("p(x) :- q(x), builtin:lt(x, 5)") == body("p(x) :- q(x), lt(x, 5)")
    assert body("p(x) :- q(x), other:lt(x, 5)") == ["pol:q(x)", "other:lt(x, 5)"]


def test_now_is_a_table() -> None:
    assert body("p(x) :- now(x)") == body("p(x) :- builtin:now(x)") == ["builtin:now(x)"]
    assert check("p(x) :- now(x)").body[0].body == core.Atom(core.NOW, (core.Var("x"),))


def test_a_head_may_share_a_builtin_s_name_with_other_columns() -> None:
    assert check("plus(x, y) :- q(x, y)").table == core.TableId("pol", "plus")
    assert refused("plus(x, y, z) :- q(x, y, z)") == ("builtin-head",)
    assert refused("now('today')") == ("builtin-head",)


def test_solver_policies_have_builtins_of_their_own_behind_the_prefix() -> None:
    assert body("p(z) :- q(x), builtin:bnot(x, z)", "solver") == ["solver:q(x)", "bnot(x, z)"]
    assert refused("p(x) :- q(x), lt(x, 1)", "solver") == ("bare-builtin",)
    assert refused("p(x) :- q(x), builtin:concat(x, x, x)", "solver") == ("unknown-builtin",)


# Aggregates


def test_aggregates_stand_in_heads() -> None:
    rule = check("p(t, count(v), max(v)) :- q(t, v)")
    assert rule.head == (
        core.Var("t"),
        core.Aggregate("count", core.Var("v")),
        core.Aggregate("max", core.Var("v")),
    )


def test_aggregates_stand_nowhere_else() -> None:
    assert refused("p(x) :- q(count(x))") == ("aggregate-place",)
    assert refused("p(count(x))") == ("aggregate-place",)
    assert refused("execute[nova:pause(count(x))] :- q(x)") == ("aggregate-place",)
    assert refused("p(count(x)) :- q(x)", "action") == ("aggregate-place",)


def test_an_aggregated_variable_is_bound_by_the_body() -> None:
    assert refused("p(count(x)) :- q(y)") == ("unsafe-head",)


# Heads, modals, policies


def test_an_action_belongs_to_the_policy_that_asks_for_it() -> None:
    assert check("execute[nova:servers.pause(x)] :- q(x)").table == core.TableId("pol", "execute[nova:servers.pause]")


def test_an_action_without_service_belongs_to_the_service_named_like_the_policy() -> None:
    assert check("execute[pause(x)] :- q(x)").table == core.TableId("pol", "execute[pol:pause]")


def test_a_head_may_name_its_own_policy() -> None:
    assert check("pol:p(x) :- q(x)").table == core.TableId("pol", "p")


def test_action_policies_may_leave_variables_open_but_not_in_updates() -> None:
    assert check("result(x, y) :- act(x)", "action").unsafe == {"y"}
    assert check("result(x) :- act(x)", "action").unsafe == frozenset()
    assert refused("q+(x, y) :- act(x)", "action") == ("unsafe-head",)


def test_action_policies_may_update_other_policies() -> None:
    assert check("nova:servers+(x) :- act(x)", "action").table == core.TableId("nova", "servers+")
    assert refused("nova:servers+(x) :- act(x)") == ("foreign-head",)


def test_a_database_policy_holds_facts() -> None:
    assert check("p(1)", "facts").is_fact
    assert refused("p(x) :- q(x)", "facts") == ("database-holds-facts",)


def test_problems_of_one_kind_are_reported_together() -> None:
    assert refused("p(x) :- nova:servers(nme=x, 9=y), builtin:nosuch(x)") == (
        "unknown-column",
        "column-out-of-range",
        "unknown-builtin",
    )


def test_a_rule_of_a_world_without_policies_is_checked() -> None:
    rule = datalog.check_rule(datalog.parse_statement("p(x) :- a:q(x)"), "pol", "nonrecursive", datalog.EmptyCatalog())
    assert rule.policy == "pol"


def test_the_world_of_these_tests_is_a_catalog() -> None:
    catalog: datalog.Catalog = World()
    assert catalog.kind("pol") == "nonrecursive"
