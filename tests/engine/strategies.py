"""Random stratified programs over a small world, and random sequences of updates to them.

The world: datasource `d` with tables `e`, `n`, `w`; policies `p` and `q` whose tables stand on three levels. Tables of
one level may be recursive together; negation and aggregates look at lower levels only, so every program is stratified.
There are few values, so that joins, repeated derivations and deletions of shared support are common.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from congress.datalog.values import Row

VALUES: Row = (0, 1, 2, "a")
BASE = {"e": ("a", "b"), "n": ("a",), "w": ("a", "b", "c")}
LEVELS = ((("p", "r", 2), ("q", "s", 1)), (("p", "t", 2), ("q", "u", 2)), (("q", "v", 1), ("p", "k", 0), ("p", "x", 3)))
DERIVED = [table for level in LEVELS for table in level]
ANCHORS = (
    ("p", "r(x, y) :- d:e(x, y)"),
    ("p", "r(x, z) :- r(x, y), r(y, z)"),
    ("q", "s(x) :- d:e(x, y), d:n(y)"),
    ("p", "t(x, y) :- d:n(x), d:n(y)"),
    ("p", "t(x, z) :- d:e(x, y), d:w(y, z, v)"),
    ("q", "u(x, z) :- d:w(a=x, b=y), p:r(y, z)"),
    ("q", "u(x, z) :- d:e(x, y), u(y, z)"),
    ("q", "u(x, y) :- d:e(x, y), not p:r(y, x)"),
    ("q", "v(x) :- d:n(x), p:t(x, y), u(x, y)"),
    ("q", "v(x) :- d:w(x, y, z), not p:t(x, z), not u(y, x)"),
    ("p", "k() :- d:n(x), not q:s(x)"),
    ("p", "x(a, b, c) :- d:e(a, b), t(a, c)"),
)
"""Rules that make it likely that tables have rows, that recursions run, and that tables are asked for in part."""
VARIABLES = ("x", "y", "z")
COMPARISONS = ("lt", "lteq", "equal", "gt")


def write(cell: object) -> str:
    """A value of the world as a policy has it."""
    return f'"{cell}"' if isinstance(cell, str) else str(cell)


def rows(arity: int) -> st.SearchStrategy[list[Row]]:
    """A set of rows, drawn as one number: each bit stands for a row of the world."""
    possible = list(product(VALUES, repeat=arity))
    if arity < 3:
        masks = st.integers(0, 2 ** len(possible) - 1)
        return masks.map(lambda mask: [row for i, row in enumerate(possible) if mask >> i & 1])
    picks = st.lists(st.integers(0, len(possible) - 1), min_size=4, max_size=12)
    return picks.map(lambda chosen: [possible[i] for i in sorted(set(chosen))])


# -- rules


@dataclass(frozen=True, slots=True)
class Text:
    """A statement and the policy that it belongs to."""

    policy: str
    text: str


def _arguments(draw: st.DrawFn, arity: int, variables: tuple[str, ...]) -> list[str]:
    choices = [*variables] * 6 + [write(cell) for cell in VALUES]
    return [draw(st.sampled_from(choices)) for _ in range(arity)]


def _base_atom(draw: st.DrawFn, variables: tuple[str, ...]) -> tuple[str, list[str]]:
    """An atom of the datasource; columns are sometimes left out and the others named."""
    name = draw(st.sampled_from(sorted(BASE)))
    columns = BASE[name]
    cells = _arguments(draw, len(columns), variables)
    kept = draw(st.integers(0, 2 ** len(columns) - 1))
    if kept == 0:
        return f"d:{name}({', '.join(cells)})", cells
    named = [(column, cell) for i, (column, cell) in enumerate(zip(columns, cells, strict=True)) if kept >> i & 1]
    return f"d:{name}({', '.join(f'{column}={cell}' for column, cell in named)})", [cell for _, cell in named]


def _derived_atom(
    draw: st.DrawFn, policy: str, choices: list[tuple[str, str, int]], variables: tuple[str, ...]
) -> tuple[str, list[str]]:
    owner, name, arity = draw(st.sampled_from(choices))
    cells = _arguments(draw, arity, variables)
    prefix = "" if owner == policy else f"{owner}:"
    return f"{prefix}{name}({', '.join(cells)})", cells


@st.composite
def rules(draw: st.DrawFn) -> Text:
    """A safe rule; what it computes with builtins it takes from lower levels, so that recursion ends."""
    level = draw(st.integers(0, len(LEVELS) - 1))
    policy, name, arity = draw(st.sampled_from(LEVELS[level]))
    lower = [table for group in LEVELS[:level] for table in group]
    recursive = draw(st.sampled_from([False, False, True]))
    choices = lower + list(LEVELS[level] if recursive else ())
    body: list[str] = []
    bound: dict[str, None] = {}
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()) and choices:
            atom, cells = _derived_atom(draw, policy, choices, VARIABLES)
        else:
            atom, cells = _base_atom(draw, VARIABLES)
        body.append(atom)
        bound.update(dict.fromkeys(cell for cell in cells if cell in VARIABLES))
    if bound:
        _add_conditions(draw, policy, lower, body, bound, recursive)
    known = tuple(bound)
    head = [draw(st.sampled_from([*known, *known, write(draw(st.sampled_from(VALUES)))])) for _ in range(arity)]
    if not recursive and known and arity and draw(st.integers(0, 2)) == 0:
        function = draw(st.sampled_from(["count", "sum", "min", "max"]))
        head[draw(st.integers(0, arity - 1))] = f"{function}({draw(st.sampled_from(known))})"
    return Text(policy, f"{name}({', '.join(head)}) :- {', '.join(draw(st.permutations(body)))}")


def _add_conditions(
    draw: st.DrawFn,
    policy: str,
    lower: list[tuple[str, str, int]],
    body: list[str],
    bound: dict[str, None],
    recursive: bool,
) -> None:
    kind = draw(st.integers(0, 7))
    known = tuple(bound)
    if kind in (0, 1, 2):
        if draw(st.booleans()) and lower:
            body.append("not " + _derived_atom(draw, policy, lower, known)[0])
        else:
            body.append("not " + _base_atom(draw, known)[0])
    elif kind in (3, 4):
        cells = ", ".join(_arguments(draw, 2, known))
        body.append(draw(st.sampled_from(["", "not "])) + f"{draw(st.sampled_from(COMPARISONS))}({cells})")
    elif kind == 5 and not recursive:
        cells = ", ".join(_arguments(draw, 2, known))
        body.append(f"plus({cells}, sum)")
        bound["sum"] = None
    elif kind == 6:
        cells = ", ".join(_arguments(draw, 3, known))
        body.append(draw(st.sampled_from(["", "not "])) + f"builtin:max({cells})")


@st.composite
def facts(draw: st.DrawFn) -> Text:
    """A fact of a table that may have rules as well."""
    policy, name, arity = draw(st.sampled_from(DERIVED))
    cells = [write(draw(st.sampled_from(VALUES))) for _ in range(arity)]
    return Text(policy, f"{name}({', '.join(cells)})")


# -- updates


@dataclass(frozen=True, slots=True)
class Rows:
    """`how` (insert, delete or replace) rows of a table of the datasource."""

    how: str
    table: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Toggle:
    """Insert those of these statements that are not there, and delete those that are."""

    statements: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction. With `fails` an exception ends it; with `looks` its changes are asked for halfway."""

    updates: tuple[Rows | Toggle, ...]
    fails: bool = False
    looks: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """Statements to choose from, the tables that are watched, and what happens."""

    statements: tuple[Text, ...]
    watched: frozenset[str]
    steps: tuple[Step, ...]


@st.composite
def row_updates(draw: st.DrawFn) -> Rows:
    table = draw(st.sampled_from(sorted(BASE)))
    return Rows(draw(st.sampled_from(["insert", "delete", "replace"])), table, tuple(draw(rows(len(BASE[table])))))


@st.composite
def steps(draw: st.DrawFn, statements: int, failing: bool) -> Step:
    updates: list[Rows | Toggle] = []
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 2)):
            updates.append(draw(row_updates()))
        else:
            mask = draw(st.integers(0, 2**statements - 1)) & draw(st.integers(0, 2**statements - 1))
            updates.append(Toggle(tuple(i for i in range(statements) if mask >> i & 1)))
    return Step(tuple(updates), failing and draw(st.integers(0, 3)) == 0, draw(st.integers(0, 3)) == 0)


@st.composite
def stories(draw: st.DrawFn, *, failing: bool = False) -> Story:
    """A program that is loaded with rows in the first step, and then changed."""
    anchors = draw(st.integers(0, 2 ** len(ANCHORS) - 1))
    statements = tuple(
        dict.fromkeys(
            [
                *[Text(*anchor) for i, anchor in enumerate(ANCHORS) if anchors >> i & 1],
                *[draw(rules()) for _ in range(draw(st.integers(1, 5)))],
                *[draw(facts()) for _ in range(draw(st.integers(0, 2)))],
            ]
        )
    )
    watched = frozenset(name for _, name, _ in DERIVED if draw(st.booleans()))
    first = [Rows("insert", table, tuple(draw(rows(len(columns))))) for table, columns in BASE.items()]
    loaded = Toggle(tuple(i for i in range(len(statements)) if draw(st.integers(0, 3))))
    opening = Step((loaded, *first) if draw(st.booleans()) else (*first, loaded))
    count = draw(st.integers(1, 5))
    return Story(statements, watched, (opening, *[draw(steps(len(statements), failing)) for _ in range(count)]))
