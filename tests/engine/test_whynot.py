"""What is said to be missing is missing, and nothing else: who repairs just that gets the row, or hears of the next.

The stories, and the naive executor that judges, are those of the other invariants.
"""

from __future__ import annotations

from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from congress.datalog.core import Atom, Const
from congress.datalog.values import Row, Value
from congress.engine.absence import Absence, Failure, Missing
from congress.engine.arguments import Argument
from congress.engine.explain import Explanation
from congress.engine.workspace import Workspace
from tests.engine.strategies import DERIVED, VALUES, Rows, Step, Story, Text, Toggle, row_updates, stories, write
from tests.engine.test_invariants import examples, holds
from tests.engine.world import World

CANDIDATES: Row = (*VALUES, -1, 3, "", "b")


class Both:
    """The product, and the oracle that is told the same."""

    def __init__(self, story: Story) -> None:
        self._worlds = [World(story, "incremental"), World(story, "naive")]
        self.product, self.oracle = (world.workspace for world in self._worlds)
        for step in story.steps:
            for world in self._worlds:
                world.take(step)

    def has(self, policy: str, table: str, row: Row) -> bool:
        return row in self.oracle.rows(policy, table)

    def change(self, policy: str, table: str, *, put: tuple[Row, ...] = (), take: tuple[Row, ...] = ()) -> None:
        """Rows of the datasource come and go, or facts of a policy."""
        for workspace in (self.product, self.oracle):
            with workspace.transaction() as tx:
                if policy == "d":
                    tx.delete_rows("d", table, take)
                    tx.insert_rows("d", table, put)
                else:
                    tx.delete_rules(policy, [fact(table, row) for row in take])
                    tx.insert_rules(policy, [fact(table, row) for row in put])


def fact(table: str, row: Row) -> str:
    return f"{table}({', '.join(map(write, row))})"


@examples(6)
@given(stories(), st.data())
def test_repairing_the_premise_that_is_named_brings_the_row_or_names_the_next(
    story: Story, data: st.DataObject
) -> None:
    both = Both(story)
    pursue(
        both, [(policy, name, arity) for policy, name, arity in DERIVED if name in both.product.tables(policy)], data
    )


COMPUTING = (
    Text("p", "t(x, y) :- d:w(x, y, z), lt(z, y)"),
    Text("p", "r(x, z) :- d:w(x, y, z), not equal(y, z), gteq(z, 1)"),
    Text("q", "u(x, m) :- d:e(x, y), builtin:max(x, y, m), not lteq(y, 0)"),
    Text("q", "s(x) :- d:w(x, y, z), plus(y, z, 3)"),
    Text("q", "v(x) :- d:e(x, y), d:n(z), equal(y, z), not builtin:max(y, z, 2)"),
)


@examples(3)
@given(row_updates(), row_updates(), row_updates(), st.data())
def test_an_argument_with_the_value_it_needs_makes_a_builtin_true(
    first: Rows, second: Rows, third: Rows, data: st.DataObject
) -> None:
    loaded = Toggle(tuple(range(len(COMPUTING))))
    both = Both(Story(COMPUTING, frozenset(), (Step((loaded, first, second, third)),)))
    pursue(both, [("p", "t", 2), ("p", "r", 2), ("q", "u", 2), ("q", "s", 1), ("q", "v", 1)], data)


def pursue(both: Both, tables: list[tuple[str, str, int]], data: st.DataObject) -> None:
    """Ask why a row is missing, repair what is named, and ask again, a few times."""
    assume(tables)
    policy, name, arity = data.draw(st.sampled_from(tables))
    missing = [row for row in product(VALUES, repeat=arity) if not both.has(policy, name, row)]
    assume(missing)
    row = data.draw(st.sampled_from(missing))
    for _repair in range(4):
        absence = deepest(both.product.explain_absence(policy, name, row), data)
        assert not both.has(*absence.table, absence.row)
        if not absence.failures or absence.failures[0].because in ("head", "group"):
            return
        failure = absence.failures[0]
        if not repair(both, failure, data):
            return
        check_that_it_helped(both, absence, failure)
        if both.has(policy, name, row):
            return


def deepest(absence: Absence, data: st.DataObject) -> Absence:
    """This absence, or one that it comes of."""
    while absence.failures and absence.failures[0].absence is not None and data.draw(st.booleans()):
        absence = absence.failures[0].absence
    return absence


def check_that_it_helped(both: Both, absence: Absence, failure: Failure) -> None:
    """The row is there now, or the premise that failed is not the one that fails."""
    if both.has(*absence.table, absence.row):
        return
    again = both.product.explain_absence(*absence.table, absence.row)
    named = {(one.rule, one.holding, one.failing): one for one in again.failures}
    same = named.get((failure.rule, failure.holding, failure.failing))
    if failure.more_blockers:
        shown = {blocker.holds for blocker in failure.blockers}
        assert same is None or not shown & {blocker.holds for blocker in same.blockers}
    else:
        assert same is None, (failure, same)


# -- the repairs


def repair(both: Both, failure: Failure, data: st.DataObject) -> bool:
    """Do what the failure asks for, and nothing else; whether that was possible."""
    if failure.missing is not None:
        row = missing_row(failure.missing, data)
        both.change(failure.missing.table.policy, failure.missing.table.name, put=(row,))
        return True
    if failure.blockers:
        return all(take_away(both, blocker) for blocker in failure.blockers)
    chosen = [one for one in failure.arguments if one.origin is not None and isinstance(one.origin.premise, Atom)]
    return bool(chosen) and change_argument(both, failure, data.draw(st.sampled_from(chosen)), data)


def missing_row(missing: Missing, data: st.DataObject) -> Row:
    cells = {cell.place: cell.value for cell in missing.needs}
    for places in missing.alike:
        cells.update(dict.fromkeys(places, data.draw(st.sampled_from(VALUES))))
    return tuple([cells[at] if at in cells else data.draw(st.sampled_from(VALUES)) for at in range(missing.arity)])


def take_away(both: Both, blocker: Explanation) -> bool:
    """Let a row not hold any longer: take what it rests on away until it does not."""
    assert blocker.table is not None and blocker.row is not None
    while both.has(*blocker.table, blocker.row):
        proof = both.product.explain(*blocker.table, blocker.row)
        leaf = next((node for node in proof.nodes() if node.reason in ("row", "fact")), None)
        if leaf is None or leaf.table is None or leaf.row is None:
            return False
        both.change(*leaf.table, take=(leaf.row,))
    return True


def change_argument(both: Both, failure: Failure, argument: Argument, data: st.DataObject) -> bool:
    """Give the rows that an argument comes from a value that it says it needs."""
    (how, wanted), *more = argument.needs.items() or [("", "")]
    assert not more
    values = [value for value in CANDIDATES if how and satisfies(both.oracle, how, value, wanted)]
    assert argument.origin is not None
    atom = argument.origin.premise
    if not values or not isinstance(atom, Atom) or atom.table.policy != "d":
        return False
    rows = [row for row in both.oracle.rows(*atom.table) if matches(atom, row)]
    assert rows, failure
    new = data.draw(st.sampled_from(values))
    place = argument.origin.place
    changed = tuple({(*row[:place], new, *row[place + 1 :]) for row in rows})
    both.change(*atom.table, take=tuple(rows), put=changed)
    return True


def satisfies(oracle: Workspace, how: str, value: Value, wanted: Value) -> bool:
    """Whether a value is what was said to be needed, by the language's own comparisons."""
    left, right = write(value), write(wanted)
    literals = {
        "value": f"equal({left}, {right})",
        "other than": f"not equal({left}, {right})",
        "less than": f"lt({left}, {right})",
        "at most": f"lteq({left}, {right})",
        "more than": f"gt({left}, {right})",
        "at least": f"gteq({left}, {right})",
    }
    return holds(oracle, "p", literals[how])


def matches(atom: Atom, row: Row) -> bool:
    return all(not isinstance(term, Const) or term.value == cell for term, cell in zip(atom.args, row, strict=True))
