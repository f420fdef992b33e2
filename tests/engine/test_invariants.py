"""What must be true of every program and every sequence of updates."""

from __future__ import annotations

import re
from itertools import islice, product

from hypothesis import given, settings
from hypothesis import strategies as st

from congress.engine.absence import Absence
from congress.engine.executors.compiled import CompiledExecutor
from congress.engine.explain import Explanation
from congress.engine.plan import Pred
from congress.engine.workspace import LimitExceeded, Limits, Workspace
from tests.engine.strategies import BASE, DERIVED, VALUES, Story, rows, stories, write
from tests.engine.world import ENOUGH, Failure, World, thresholds

ORDINARY = settings.default.max_examples if settings.default else 100
some_thresholds = st.sampled_from([0, 0, 1, 3])


def examples(times: int) -> settings:
    """So many times the examples of the profile in use."""
    return settings(max_examples=times * ORDINARY)


# -- 1: however a state came about, it is the same


@examples(8)
@given(stories(), some_thresholds)
def test_updates_change_what_evaluation_from_scratch_says_they_change(story: Story, threshold: int) -> None:
    with thresholds(threshold):
        product_, oracle = World(story, "incremental"), World(story, "naive")
        for step in story.steps:
            assert product_.take(step) == oracle.take(step)
            assert product_.state() == oracle.state()


@examples(2)
@given(stories(), some_thresholds)
def test_the_way_to_a_state_does_not_matter(story: Story, threshold: int) -> None:
    with thresholds(threshold):
        travelled, fresh = World(story, "incremental"), World(story, "incremental")
        for step in story.steps:
            travelled.take(step)
        with fresh.workspace.transaction() as tx:
            for table in BASE:
                tx.insert_rows("d", table, travelled.workspace.rows("d", table))
            for policy in ("p", "q"):
                live = sorted(travelled.live, reverse=True)
                texts = [story.statements[i].text for i in live if story.statements[i].policy == policy]
                tx.insert_rules(policy, texts)
        assert fresh.state() == travelled.state()


@examples(3)
@given(stories(), st.data())
def test_questions_with_bound_columns_are_answered_from_the_whole_table(story: Story, data: st.DataObject) -> None:
    product_, oracle = World(story, "incremental"), World(story, "naive")
    for step in story.steps:
        product_.take(step)
        oracle.take(step)
    for policy, name, arity in DERIVED:
        cells = [data.draw(st.sampled_from(["x", "y", *map(write, VALUES)])) for _ in range(arity)]
        for question in (f"{policy}:{name}({', '.join(cells)})", f"d:e(x, y), not {policy}:{name}({_ground(cells)})"):
            assert product_.workspace.query("p", question) == oracle.workspace.query("p", question)


def _ground(cells: list[str]) -> str:
    return ", ".join(cells)


# -- 2: a transaction happens or does not


@examples(3)
@given(stories(failing=True), some_thresholds)
def test_a_transaction_that_fails_leaves_no_trace(story: Story, threshold: int) -> None:
    with thresholds(threshold):
        product_, oracle = World(story, "incremental"), World(story, "naive")
        for step in story.steps:
            if step.fails:
                try:
                    product_.take(step)
                except Failure:
                    assert product_.state() == oracle.state()
                else:
                    raise AssertionError("the failure was swallowed")
            else:
                assert product_.take(step) == oracle.take(step)
        assert product_.state() == oracle.state()


@examples(2)
@given(stories(), st.integers(0, 40), some_thresholds)
def test_a_transaction_that_exceeds_its_limits_leaves_no_trace(story: Story, allowed: int, threshold: int) -> None:
    with thresholds(threshold):
        limited, oracle = World(story, "incremental", Limits(rows=allowed)), World(story, "naive")
        for step in story.steps:
            before = limited.state()
            try:
                changes = limited.take(step)
            except LimitExceeded:
                assert limited.state() == before == oracle.state()
            else:
                assert changes == oracle.take(step)
        assert limited.state() == oracle.state()


# -- 3: a simulation is undone


@st.composite
def sequences(draw: st.DrawFn, story: Story) -> str:
    """Rows of the datasource, facts and rules that come and go."""
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        sign = draw(st.sampled_from("+-"))
        if draw(st.booleans()):
            table = draw(st.sampled_from(sorted(BASE)))
            for row in islice(draw(rows(len(BASE[table]))), 3):
                steps.append(f"d:{table}{sign}({', '.join(map(write, row))})")
        else:
            statement = draw(st.sampled_from(story.statements))
            steps.append(f"{statement.policy}:" + statement.text.replace("(", f"{sign}(", 1))
    return "\n".join(steps)


@examples(3)
@given(stories(), st.data(), some_thresholds)
def test_a_simulation_answers_as_the_oracle_and_leaves_no_trace(
    story: Story, data: st.DataObject, threshold: int
) -> None:
    with thresholds(threshold):
        product_, oracle = World(story, "incremental"), World(story, "naive")
        for step in story.steps:
            assert product_.take(step) == oracle.take(step)
            before = product_.state()
            sequence = data.draw(sequences(story))
            policy, name, arity = data.draw(st.sampled_from(DERIVED))
            question = f"{policy}:{name}({', '.join('xyz'[:arity])})"
            delta = data.draw(st.booleans())
            found = [
                world.workspace.simulate("p", question, sequence, "p", delta=delta).result
                for world in (product_, oracle)
            ]
            assert found[0] == found[1]
            assert product_.state() == before == oracle.state()


# -- 4: explanations are true


@examples(3)
@given(stories())
def test_every_premise_of_an_explanation_is_true(story: Story) -> None:
    product_, oracle = World(story, "incremental"), World(story, "naive")
    for step in story.steps:
        product_.take(step)
        oracle.take(step)
    for policy, name, _ in DERIVED:
        found = oracle.rows(policy, name)
        for row in islice(found if isinstance(found, list) else (), 4):
            check_true(oracle.workspace, policy, product_.workspace.explain(policy, name, row))


def check_true(oracle: Workspace, policy: str, explanation: Explanation) -> None:
    """Ask the oracle for the conclusion and for each premise, as a rule of the policy would have it."""
    assert holds(oracle, policy, explanation.holds), explanation
    owner = explanation.holds.partition(":")[0]
    for premise in explanation.premises:
        if premise.reason in ("builtin", "absent"):
            assert holds(oracle, owner, premise.holds), premise
        else:
            check_true(oracle, owner, premise)


def holds(oracle: Workspace, policy: str, literal: str) -> bool:
    return bool(oracle.query(policy, name_columns(literal), limits=ENOUGH))


def name_columns(literal: str) -> str:
    """The literal with its columns named where it leaves some out, which are printed as `_`."""
    match = re.fullmatch(r"((?:not )?)d:(\w+)\((.*)\)", literal)
    if match is None:
        return literal
    negation, table, cells = match.groups()
    named = [f"{column}={cell}" for column, cell in zip(BASE[table], cells.split(", "), strict=True) if cell != "_"]
    return f"{negation}d:{table}({', '.join(named)})"


@examples(2)
@given(stories(), st.data())
def test_every_reason_why_not_is_a_premise_that_is_false(story: Story, data: st.DataObject) -> None:
    product_, oracle = World(story, "incremental"), World(story, "naive")
    for step in story.steps:
        product_.take(step)
        oracle.take(step)
    for policy, name, arity in DERIVED:
        found = oracle.rows(policy, name)
        if isinstance(found, list):
            missing = [row for row in product(VALUES, repeat=arity) if row not in set(found)]
            for row in [data.draw(st.sampled_from(missing))] if missing else ():
                check_absent(oracle.workspace, policy, product_.workspace.explain_absence(policy, name, row))


def check_absent(oracle: Workspace, policy: str, absence: Absence) -> None:
    assert not holds(oracle, policy, absence.missing)
    owner = absence.missing.partition(":")[0]
    for failure in absence.failures:
        for premise in failure.holding:
            assert holds(oracle, owner, premise), failure
        for premise in failure.also_failing:
            assert not holds(oracle, owner, premise), failure
        if failure.because != "head":
            assert not holds(oracle, owner, failure.failing), failure
        for blocker in failure.blockers:
            check_true(oracle, owner, blocker)
        if failure.absence is not None:
            check_absent(oracle, owner, failure.absence)


# -- 5: nothing is computed that nobody asks for


@examples(3)
@given(stories(), some_thresholds)
def test_a_table_that_is_asked_for_in_part_holds_exactly_what_is_asked_for(story: Story, threshold: int) -> None:
    with thresholds(threshold):
        product_, oracle = World(story, "incremental"), World(story, "naive")
        for step in story.steps:
            product_.take(step)
            oracle.take(step)
            engine, reference = product_.workspace._engine, oracle.workspace._engine
            assert isinstance(engine, CompiledExecutor)
            for stored, relation in engine.relations.items():
                if stored.kind != "part":
                    continue
                bound = [i for i, letter in enumerate(stored.detail) if letter == "b"]
                demand = stored._replace(
                    kind="demand", pred=Pred(stored.pred.table, len(bound)), detail=(stored.pred.arity, stored.detail)
                )
                asked = set(engine.relations[demand].rows)
                whole = reference.rows(stored.pred)
                assert set(relation.rows) == {row for row in whole if tuple([row[i] for i in bound]) in asked}
