"""What rules may say together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from congress import datalog
from tests.datalog.world import World, check
from tests.effort import steps


def program(*texts: str, policy: str = "pol", arities: dict[tuple[str, str], int] | None = None) -> None:
    """Check that the last rule may join the others."""
    rules = [check(text, policy) for text in texts]
    datalog.check_program(rules[:-1], rules[-1:], World(arities or {}))


def codes(*texts: str, policy: str = "pol", arities: dict[tuple[str, str], int] | None = None) -> tuple[str, ...]:
    with pytest.raises(datalog.DatalogError) as caught:
        program(*texts, policy=policy, arities=arities)
    return caught.value.codes


def test_recursion_is_allowed() -> None:
    program("path(x, y) :- edge(x, y)", "path(x, z) :- path(x, y), edge(y, z)")


def test_mutual_recursion_is_allowed() -> None:
    program("even(x) :- odd(y), next(y, x)", "odd(x) :- even(y), next(y, x)")


def test_negation_below_recursion_is_allowed() -> None:
    program("path(x, y) :- path(y, x), not closed(x)", "closed(x) :- gate(x), not open(x)")


def test_negation_through_a_cycle_is_refused_with_the_cycle_spelled_out() -> None:
    with pytest.raises(datalog.DatalogError, match="pol:q needs all of pol:s, pol:s reads pol:p, pol:p reads pol:q"):
        program("p(x) :- q(x)", "q(x) :- r(x), not s(x)", "s(x) :- p(x)")


def test_a_table_that_negates_itself_is_refused() -> None:
    assert codes("p(x) :- q(x), not p(x)") == ("negation-cycle",)


def test_an_aggregate_of_itself_is_refused() -> None:
    assert codes("total(x, count(y)) :- part(x, y), total(y, n)") == ("negation-cycle",)


def test_a_cycle_among_old_rules_is_not_blamed_on_a_new_one() -> None:
    program("p(x) :- q(x), not p(x)", "r(x) :- q(x)")


def test_recursion_that_counts_up_is_refused() -> None:
    assert codes("n(0)", "n(y) :- n(x), plus(x, 1, y)") == ("endless-recursion",)
    assert codes("n(y) :- m(x), plus(x, 1, y)", "m(x) :- n(x)") == ("endless-recursion",)
    assert codes("n(z) :- n(x), plus(x, 1, y), mul(y, 2, z)") == ("endless-recursion",)
    assert codes("n(z) :- n(x), plus(x, 1, y), max(x, y, z)") == ("endless-recursion",)


def test_recursion_that_counts_within_bounds_is_allowed() -> None:
    program("n(y) :- n(x), plus(x, 1, y), hour(y)")
    program("n(y) :- n(x), hour(x), plus(x, 1, y)")
    program("n(x) :- n(x), plus(x, 1, y), lt(y, 5)")
    program("n(x, z) :- n(x, y), q(a), plus(a, 1, z)")
    program("widest(y, w) :- widest(x, u), link(x, y, v), max(u, v, w)")


def test_a_table_has_one_arity() -> None:
    assert codes("p(x) :- q(x), q(x, 1)") == ("arity-mismatch",)
    assert codes("p(1, 2)", arities={("pol", "p"): 1}) == ("arity-mismatch",)
    assert codes("p(x) :- other:q(x)", arities={("other", "q"): 2}) == ("arity-mismatch",)


def test_action_policies_and_unknown_policies_may_use_several_arities() -> None:
    program("f(x) :- g(x), g(x, y)", policy="action")
    program("p(x) :- nowhere:t(x), nowhere:t(x, y)")
    program("p(x) :- action:act(x), action:act(x, y)")


def test_executing_is_not_reading() -> None:
    program("f(x) :- q(x)", "execute[f(x)] :- f(x)")


def test_tables_are_stratified_in_the_order_of_evaluation() -> None:
    texts = ("p(x) :- q(x), not r(x)", "r(x) :- q(x), p2(x)", "p2(x) :- p3(x)", "p3(x) :- p2(x)")
    rules = [check(text) for text in texts]
    strata = [tuple(sorted(table.name for table in stratum)) for stratum in datalog.stratify(rules)]
    assert strata.index(("r",)) < strata.index(("p",))
    assert strata.index(("p2", "p3")) < strata.index(("r",))


def unrelated(number: int) -> list[datalog.Rule]:
    return [check(f"p{i}(x) :- p{i + 1}(x), not q{i}(x), r(x, y), s(y)") for i in range(number)]


def cycles(number: int) -> list[datalog.Rule]:
    return [check(f"p{i}(x) :- p{i}(x), p{i + 1}(x)") for i in range(number)]


def chain(number: int) -> list[datalog.Rule]:
    """A ring of rules, in which each table follows from the next."""
    return [check(f"p{i}(x) :- p{(i + 1) % number}(x)") for i in range(number)]


@pytest.mark.parametrize("rules", [unrelated, cycles, chain])
def test_a_check_is_little_effort_for_each_rule(rules: Callable[[int], list[datalog.Rule]]) -> None:
    for number in (100, 1000, 5000):
        given = rules(number)
        assert steps(lambda given=given: datalog.check_program(given, given[-1:], World())) < 150 * number


def test_long_chains_do_not_exhaust_the_stack() -> None:
    rules = chain(5000)
    datalog.check_program(rules, rules[-1:], World())
    assert len(datalog.stratify(rules)) == 1


def test_whole_program_diagnostics_show_the_rule() -> None:
    with pytest.raises(datalog.DatalogError) as caught:
        program("p(x) :- q(x)", "r(x) :- t(x), t(x, 'a')")
    assert caught.value.diagnostics[0].line_text == 'r(x) :- t(x), t(x, "a")'
