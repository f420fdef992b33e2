"""Specialised Python source for one plan rule in one role.

A role says where the rows come from and what is done with each derivation: see `Role`. The source consists of
nested loops over hash indexes. It contains no text from the rule: constants, relations and builtins are passed to
it as values, and rules of the same shape share one compiled code object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from congress.datalog.core import Aggregate, Const, Var
from congress.engine.budget import Budget
from congress.engine.executors.order import join_order
from congress.engine.plan import Apply, PlanRule, Scan, Stored, variables
from congress.engine.relation import Columns, Relation

MAX_LOOPS = 12
"""Loops in one function; CPython refuses more than 20 nested blocks."""
BATCH = 4096
"""Rows between two looks at the budget."""


class Role(NamedTuple):
    """What a generated function does.

    kind:
      `count`   f(out, sign): add `sign` to `out[head]` for each derivation
      `delta`   f(changes, out): the same for the derivations that use a change `(row, sign)` of step `first`
      `grow`    f(out, stage): `out[head] = stage` for each derivation of a row that the head does not hold
      `spread`  f(rows, out, stage): as grow, for derivations that use a row of `rows` at step `first`
      `shrink`  f(rows, out): collect rows held by the head that have a derivation using `rows` at step `first`
      `holds`   f(row, limit): whether the row has a derivation whose recursive premises have a stage below `limit`
    view: which rows the scans see: `all` (physically present), `old`, `new`, or `mixed` (steps before `first`: new;
    after: old).
    """

    kind: str
    first: int | None = None
    view: str = "all"


class Compiled(NamedTuple):
    """A generated function and the indexes that it uses, to be released with it."""

    function: Callable[..., Any]
    uses: tuple[tuple[Relation, Columns], ...]


def generate(
    rule: PlanRule,
    role: Role,
    relation: Callable[[Stored], Relation],
    budget: Budget,
    recursive: frozenset[Stored] = frozenset(),
) -> Compiled:
    """The function of a rule in a role; `recursive` are the stored tables of the head's own component."""
    writer = _Writer(rule, role, relation, budget, recursive)
    source, values = writer.write()
    namespace: dict[str, Any] = {}
    exec(_compile(source), namespace)  # noqa: S102 - the source is ours; no text from rules
    return Compiled(namespace["make"](*values), tuple(writer.uses))


@lru_cache(maxsize=4096)
def _compile(source: str) -> CodeType:
    return compile(source, "<generated rule>", "exec")


def _safe(function: Callable[..., Any], outputs: int) -> Callable[..., Any]:
    """The builtin with failure as None; a test answers True or False."""
    if outputs:

        def compute(*inputs: Any) -> Any:
            try:
                return function(*inputs)
            except Exception:
                return None

        return compute

    def test(*inputs: Any) -> bool | None:
        try:
            return bool(function(*inputs))
        except Exception:
            return None

    return test


_SIGNATURES = {
    "count": "out, sign",
    "delta": "changes, out",
    "grow": "out, stage",
    "spread": "rows, out, stage",
    "shrink": "rows, out",
    "holds": "h, limit",
}


@dataclass(slots=True)
class _Writer:
    rule: PlanRule
    role: Role
    relation: Callable[[Stored], Relation]
    budget: Budget
    recursive: frozenset[Stored]
    lines: list[str] = field(default_factory=list)
    indent: int = 2
    loops: int = 0
    names: dict[str, str] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    value_names: dict[tuple[str, int], str] = field(default_factory=dict)
    uses: list[tuple[Relation, Columns]] = field(default_factory=list)
    needed: dict[str, int] = field(default_factory=dict)
    parts: list[list[str]] = field(default_factory=list)
    whole: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """Rows of the body under the terms that bind all their cells, and nothing else does."""
    order: list[int] = field(default_factory=list)

    # -- small things

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def value(self, kind: str, thing: Any, key: int | None = None) -> str:
        """The name under which the generated code knows a value."""
        handle = (kind, id(thing) if key is None else key)
        name = self.value_names.get(handle)
        if name is None:
            name = self.value_names[handle] = f"{kind}{len(self.values)}"
            self.values.append(thing)
        return name

    def constant(self, const: Const) -> str:
        # one name per occurrence: small integers and interned strings would share an id by chance, and so the shape
        return self.value("c", const.value, key=-1 - len(self.values))

    def variable(self, name: str) -> str:
        if name not in self.names:
            self.names[name] = f"v{len(self.names)}"
        return self.names[name]

    def term(self, term: Any) -> str:
        if term.__class__ is Const:
            return self.constant(term)
        return self.names[term.variable.name if term.__class__ is Aggregate else term.name]

    def tuple_of(self, terms: Any) -> str:
        return "(" + "".join(self.term(term) + ", " for term in terms) + ")"

    @property
    def skip(self) -> str:
        """The statement that gives up the current candidate."""
        return "continue" if self.loops else self.give_up

    @property
    def give_up(self) -> str:
        return "return False" if self.role.kind == "holds" else "return"

    # -- the function

    def write(self) -> tuple[str, list[Any]]:
        for term in (*self.rule.args, *(term for step in self.rule.body for term in step.args)):
            for name in variables((term,)):
                self.needed[name] = self.needed.get(name, 0) + 1
        self.line("n = 0")
        bound = self._start()
        self.order = join_order(self.rule, self.relation, bound, self.role.first)
        for position in self.order:
            if self.loops >= MAX_LOOPS:
                self._continue_elsewhere()
            step = self.rule.body[position]
            if isinstance(step, Apply):
                self._apply(step)
            else:
                self._scan(position, step)
        self._emit()
        if self.role.kind == "holds":
            self.indent = 2
            self.line("return False")
        return self._assemble(), self.values

    def _start(self) -> set[str]:
        kind, first = self.role.kind, self.role.first
        if kind == "holds":
            return self._match_head()
        if first is None:
            return set()
        step = self.rule.body[first]
        assert isinstance(step, Scan)
        self.line("for r, s in changes:" if kind == "delta" else "for r in rows:")
        self.indent += 1
        self.loops += 1
        self._unpack(step, "r", ())
        return set(self.names)

    def _match_head(self) -> set[str]:
        """Bind the head's variables from the row `h`."""
        tests = []
        for i, term in enumerate(self.rule.args):
            if term.__class__ is Const:
                tests.append(f"h[{i}] != {self.constant(term)}")
            elif term.name in self.names:  # type: ignore[union-attr]
                tests.append(f"h[{i}] != {self.term(term)}")
            else:
                self.line(f"{self.variable(term.name)} = h[{i}]")  # type: ignore[union-attr]
        if tests:
            self.line(f"if {' or '.join(tests)}: return False")
        return set(self.names)

    def _unpack(self, step: Scan, row: str, done: Columns) -> None:
        """Test and bind the columns of a row, except those that an index has matched."""
        tests = []
        if len(variables(step.args) - set(self.names)) == len(step.args):
            self.whole[step.args] = row
        for i, term in enumerate(step.args):
            if i in done:
                continue
            if term.__class__ is Const:
                tests.append(f"{row}[{i}] != {self.constant(term)}")
            elif term.__class__ is Var:
                if term.name in self.names:
                    tests.append(f"{row}[{i}] != {self.names[term.name]}")
                elif self.needed[term.name] > 1:
                    self.line(f"{self.variable(term.name)} = {row}[{i}]")
        if tests:
            self.line(f"if {' or '.join(tests)}: {self.skip}")

    def _hidden(self, position: int, source: Relation) -> str | None:
        """The set of physically present rows that the step's view does not see."""
        view = self.role.view
        if view == "mixed":
            first = self.role.first
            assert first is not None
            view = "new" if position < first else "old"
        if view == "all":
            return None
        return self.value("x", source.dele if view == "new" else source.ins)

    def _scan(self, position: int, step: Scan) -> None:
        source = self.relation(step.table)
        hidden = self._hidden(position, source)
        staged = self.role.kind == "holds" and step.table in self.recursive and not step.negated
        columns = tuple(
            i
            for i, term in enumerate(step.args)
            if term.__class__ is Const or (term.__class__ is Var and term.name in self.names)
        )
        if len(columns) == len(step.args):
            self._lookup(step, source, hidden, staged)
            return
        assert not step.negated
        row = f"r{position}"
        rows = self.value("t", source.rows)
        if columns:
            index = self.value("i", source.acquire(columns))
            self.uses.append((source, columns))
            key = (
                self.term(step.args[columns[0]]) if len(columns) == 1 else self.tuple_of(step.args[c] for c in columns)
            )
            bucket = f"b{position}"
            self.line(f"{bucket} = {index}.get({key})")
            self.line(f"if {bucket} is None: {self.skip}")
            self.line(f"if {bucket}.__class__ is set: n += len({bucket})")
            self.line(f"else: {bucket} = ({bucket},)")
            self._tick()
        else:
            bucket = rows
            if self.loops:
                self.line(f"n += len({rows})")
                self._tick()
        self.line(f"for {row} in {bucket}:")
        self.indent += 1
        self.loops += 1
        if hidden:
            self.line(f"if {hidden} and {row} in {hidden}: continue")
        if staged:
            self.line(f"if {rows}[{row}] >= limit: continue")
        self._unpack(step, row, columns)

    def _tick(self) -> None:
        tick = self.value("k", self.budget.tick, key=0)
        out = "()" if self.role.kind == "holds" else "out"
        self.line(f"if n > {BATCH}: n = 0; {tick}({out})")

    def _lookup(self, step: Scan, source: Relation, hidden: str | None, staged: bool) -> None:
        """A scan with all columns bound: one look into the dictionary."""
        rows = self.value("t", source.rows)
        key = self.tuple_of(step.args)
        if staged:
            self.line(f"k = {key}")
            self.line(f"if {rows}.get(k, limit) >= limit: {self.skip}")
            if hidden:
                self.line(f"if {hidden} and k in {hidden}: {self.skip}")
            return
        if hidden is None:
            self.line(f"if {key} {'in' if step.negated else 'not in'} {rows}: {self.skip}")
            return
        self.line(f"k = {key}")
        if step.negated:
            self.line(f"if k in {rows} and not ({hidden} and k in {hidden}): {self.skip}")
        else:
            self.line(f"if k not in {rows} or ({hidden} and k in {hidden}): {self.skip}")

    def _apply(self, step: Apply) -> None:
        builtin = step.builtin
        function = self.value("f", _safe(builtin.function, builtin.outputs), key=id(builtin))
        call = f"{function}({', '.join(self.term(term) for term in step.args[: builtin.inputs])})"
        if not builtin.outputs:
            self.line(f"if {call} is not {not step.negated}: {self.skip}")
            return
        self.line(f"o = {call}")
        self.line(f"if o is None: {self.skip}")
        outputs = step.args[builtin.inputs :]
        cells = ["o"] if len(outputs) == 1 else [f"o[{i}]" for i in range(len(outputs))]
        if step.negated:
            same = " and ".join(f"{cell} == {self.term(term)}" for cell, term in zip(cells, outputs, strict=True))
            self.line(f"if {same}: {self.skip}")
            return
        tests = []
        for cell, term in zip(cells, outputs, strict=True):
            if term.__class__ is Var and term.name not in self.names:
                self.line(f"{self.variable(term.name)} = {cell}")
            elif term.__class__ is Const or term.__class__ is Var:
                tests.append(f"{cell} != {self.term(term)}")
        if tests:
            self.line(f"if {' or '.join(tests)}: {self.skip}")

    def _emit(self) -> None:
        kind = self.role.kind
        if kind == "holds":
            self.line("return True")
            return
        if kind in ("count", "delta"):
            sign = "sign"
            if kind == "delta":
                assert self.role.first is not None
                sign = "-s" if self.rule.body[self.role.first].negated else "s"
            self.line(f"h = {self._head()}")
            self.line(f"out[h] = out.get(h, 0) + {sign}")
            return
        head = self.relation(self.rule.head)
        rows, gone = self.value("t", head.rows), self.value("x", head.dele)
        self.line(f"h = {self._head()}")
        if kind == "shrink":
            self.line(f"if h in {rows} and h not in {gone}: out[h] = 1")
        elif self.role.view == "all":
            self.line(f"if h not in {rows}: out[h] = stage")
        else:
            self.line(f"if h not in {rows} or h in {gone}: out[h] = stage")

    def _head(self) -> str:
        """The head's row: one of the body's where that is the same, so that none has to be made."""
        return self.whole.get(self.rule.args) or self.tuple_of(self.rule.args)

    # -- rules with more loops than one function may hold

    def _continue_elsewhere(self) -> None:
        """End this function with a call of the next one, which takes over with the variables bound so far."""
        number = len(self.parts) + 1
        arguments = ", ".join(["n", *_SIGNATURES[self.role.kind].split(", ")[-2:], *self.names.values()])
        if self.role.kind == "delta":
            arguments += ", s"
        if self.role.kind == "holds":
            self.line(f"if g{number}({arguments}): return True")
            self.indent = 2
            self.line("return False")
        else:
            self.line(f"g{number}({arguments})")
        self.parts.append(self.lines)
        self.lines = []
        self.whole.clear()
        self.indent, self.loops = 2, 0
        self.lines.append(f"    def g{number}({arguments}):")

    def _assemble(self) -> str:
        first, *rest = [*self.parts, self.lines]
        text = [f"def make({', '.join(self.value_names.values())}):"]
        for part in rest:
            text += part
        text.append(f"    def f({_SIGNATURES[self.role.kind]}):")
        return "\n".join([*text, *first, "    return f", ""])
