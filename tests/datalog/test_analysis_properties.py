"""The analyses of rules against definitions that are too slow to use but easy to believe."""

from __future__ import annotations

from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from congress import datalog
from congress.datalog import core
from congress.datalog.passes.safety import needs, variables
from tests.datalog.world import World, check

TABLES = "abcde"

readings = st.dictionaries(
    st.tuples(st.sampled_from(TABLES), st.sampled_from(TABLES)), st.booleans(), min_size=1, max_size=8
)
"""From a pair of tables, of which the first reads the second, to whether it reads its negation."""


def rules_of(reads: dict[tuple[str, str], bool]) -> list[core.Rule]:
    return [check(f"{one}(1) :- {'not ' if negated else ''}{other}(1)") for (one, other), negated in reads.items()]


def reachable(reads: dict[tuple[str, str], bool]) -> set[tuple[str, str]]:
    """The transitive closure of who reads whom."""
    closure = set(reads)
    for middle, one, other in product(TABLES, TABLES, TABLES):
        if (one, middle) in closure and (middle, other) in closure:
            closure.add((one, other))
    return closure


@given(readings)
@settings(deadline=None)
def test_strata_come_after_everything_that_they_read(reads: dict[tuple[str, str], bool]) -> None:
    strata = datalog.stratify(rules_of(reads))
    place = {table.name: index for index, stratum in enumerate(strata) for table in stratum}
    closure = reachable(reads)
    for one, other in reads:
        assert place[other] <= place[one]
        assert (place[other] == place[one]) == (one == other or (other, one) in closure)


@given(readings)
@settings(deadline=None)
def test_a_program_is_refused_exactly_when_a_table_depends_on_its_negation(
    reads: dict[tuple[str, str], bool],
) -> None:
    closure = reachable(reads)
    expected = any(negated and (one == other or (other, one) in closure) for (one, other), negated in reads.items())
    rules = rules_of(reads)
    try:
        datalog.check_program([], rules, World())
        refused = False
    except datalog.DatalogError as error:
        refused = set(error.codes) == {"negation-cycle"}
    assert refused == expected


literals = st.sampled_from(
    [
        *["q(x)", "q(y)", "r(x, z)", "not q(x)", "not r(y, z)", "not q(1)", "lt(x, y)", "plus(x, 1, y)"],
        *["plus(y, z, x)", "not plus(x, y, z)", "not lt(z, 1)", "len(z, y)", "true"],
    ]
)


@given(st.lists(literals, min_size=1, max_size=5))
@settings(deadline=None)
def test_a_body_is_put_into_the_first_order_that_works_or_refused_when_none_does(texts: list[str]) -> None:
    parts = [literal for text in texts for literal in (_lowered(text),) if literal is not None]
    workable = [order for order in permutations(range(len(parts))) if _works([parts[index] for index in order])]
    try:
        body = check(f"p(1) :- {', '.join(texts)}").body
    except datalog.DatalogError as error:
        assert error.codes == ("unsafe-literal",)
        assert not workable
    else:
        assert list(body) == [parts[index] for index in min(workable)]


def _lowered(text: str) -> core.Literal | None:
    """The literal as a rule has it that binds all variables first; None for `true`."""
    body = check(f"p(1) :- bind(x, y, z), {text}").body
    return body[1] if len(body) > 1 else None


def _works(body: list[core.Literal]) -> bool:
    """Whether everything is bound when it is needed."""
    bound: set[str] = set()
    for literal in body:
        if not needs(literal) <= bound:
            return False
        if not literal.negated:
            bound |= set(variables(literal.body.args))
    return True
