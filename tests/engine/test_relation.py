"""Relations: rows with indexes, and the two views of them while a phase is under way."""

from __future__ import annotations

import pytest

from congress.engine.phase import Phase
from congress.engine.relation import Relation

A, B, C = ("a", 1), ("b", 1), ("c", 2)


@pytest.fixture
def relation() -> Relation:
    made = Relation("test")
    made.load({A: 1, B: 1})
    return made


def bucket(relation: Relation, columns: tuple[int, ...], key: object) -> set[object]:
    """The rows that an index has under a key; a lone row stands without a set."""
    found = relation.indexes[columns].get(key, set())
    return found if found.__class__ is set else {found}


def test_an_index_built_late_knows_the_rows_that_were_there(relation: Relation) -> None:
    relation.acquire((1,))
    assert bucket(relation, (1,), 1) == {A, B}
    assert bucket(relation, (1,), 2) == set()


def test_an_index_of_two_columns_has_tuples_as_keys(relation: Relation) -> None:
    relation.acquire((1, 0))
    assert bucket(relation, (1, 0), (1, "a")) == {A}


def test_an_index_follows_insertion_and_deletion(relation: Relation) -> None:
    relation.acquire((1,))
    relation.insert(C)
    relation.delete(A)
    relation.commit()
    assert bucket(relation, (1,), 2) == {C}
    assert bucket(relation, (1,), 1) == {B}


def test_an_index_is_dropped_with_its_last_user(relation: Relation) -> None:
    relation.acquire((1,))
    relation.acquire((1,))
    relation.release((1,))
    assert (1,) in relation.indexes
    relation.release((1,))
    assert (1,) not in relation.indexes


def test_both_views_exist_until_the_phase_ends(relation: Relation) -> None:
    relation.insert(C)
    relation.delete(A)
    assert relation.rows.keys() - relation.ins == {A, B}, "before"
    assert relation.rows.keys() - relation.dele == {B, C}, "after"


def test_commit_keeps_the_new_view(relation: Relation) -> None:
    relation.insert(C)
    relation.delete(A)
    relation.commit()
    assert set(relation.rows) == {B, C}
    assert not relation.changed


def test_rollback_keeps_the_old_view(relation: Relation) -> None:
    relation.acquire((0,))
    relation.insert(C)
    relation.delete(A)
    relation.rollback()
    assert set(relation.rows) == {A, B}
    assert bucket(relation, (0,), "c") == set()
    assert not relation.changed


def test_a_row_that_comes_and_goes_in_one_phase_is_no_change(relation: Relation) -> None:
    relation.insert(C)
    relation.delete(C)
    relation.delete(A)
    relation.insert(A)
    assert not relation.changed


def test_inserting_what_is_there_and_deleting_what_is_not_is_no_change(relation: Relation) -> None:
    relation.insert(A)
    relation.delete(C)
    assert not relation.changed


def test_a_relation_that_was_filled_in_bulk_is_empty_after_rollback() -> None:
    made = Relation("test")
    made.acquire((0,))
    made.load({A: 1, B: 1})
    made.bulk = True
    made.rollback()
    assert not made.rows
    assert bucket(made, (0,), "a") == set()


def test_a_sealed_phase_can_still_be_undone(relation: Relation) -> None:
    relation.acquire((0,))
    phase = Phase()
    phase.touch(relation)
    relation.insert(C)
    relation.delete(A)
    undo = phase.seal()
    assert set(relation.rows) == {B, C}
    undo()
    assert set(relation.rows) == {A, B}
    assert bucket(relation, (0,), "a") == {A}
    assert bucket(relation, (0,), "c") == set()


def test_sealed_phases_are_undone_latest_first(relation: Relation) -> None:
    undoing = []
    for row, how in ((C, relation.insert), (C, relation.delete), (A, relation.delete)):
        phase = Phase()
        phase.touch(relation)
        how(row)
        undoing.append(phase.seal())
    assert set(relation.rows) == {B}
    for undo in reversed(undoing):
        undo()
    assert set(relation.rows) == {A, B}


def test_supports_are_restored_as_well(relation: Relation) -> None:
    phase = Phase()
    phase.touch(relation)
    relation.touched[A] = relation.rows[A]
    relation.rows[A] = 7
    phase.seal()()
    assert relation.rows[A] == 1


def test_what_is_no_relation_is_undone_too() -> None:
    done: list[str] = []
    phase = Phase()
    phase.undo += [lambda: done.append("first"), lambda: done.append("second")]
    phase.rollback()
    assert done == ["second", "first"]


def test_the_number_of_different_values_is_estimated_for_each_column() -> None:
    made = Relation("test")
    made.load({(i, i % 3): 1 for i in range(300)})
    first, second = made.distinct()
    assert first > 100
    assert second == 3
