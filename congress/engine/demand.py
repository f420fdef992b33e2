"""From rules to a plan in which a table used with bound arguments only is never computed whole.

For a use of a derived table whose arguments are (partly) bound by the rest of the rule, the plan holds a `demand`
table of the bound cells asked for, and a `part` table with those rows of the derived table that match a demand.
This is the magic-set transformation (Beeri and Ramakrishnan, "On the power of magic", 1987), used for standing
rules and for queries alike.

A table is planned whole instead when it is watched, when some use binds none of its columns, when the demand would make
negation depend on itself, and, among standing rules, when its size is bounded by one of its inputs anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from congress.datalog.core import ANY, Aggregate, Any_, Atom, Const, HeadTerm, Literal, Rule, Term, Var
from congress.engine.plan import Apply, Plan, PlanRule, Pred, Scan, Step, Stored, Unstratified, arrange, variables


@dataclass(frozen=True, slots=True)
class Source:
    """What a plan is made from: rules of each table, and which tables are stored whole already (for queries)."""

    rules: Mapping[Pred, Collection[Rule]]
    has_facts: Callable[[Pred], bool]
    whole: Callable[[Pred], bool] = lambda pred: False
    bounded_is_whole: bool = True
    demand: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """A rule to be planned as it stands: a query's answer."""

    head: Stored
    args: tuple[HeadTerm, ...]
    body: tuple[Literal, ...]
    given: tuple[Step, ...] = ()


def pred_of(atom: Atom) -> Pred:
    return Pred(atom.table, len(atom.args))


def make_plan(source: Source, watched: Iterable[Pred], roots: Iterable[Root] = ()) -> Plan:
    """The plan that keeps the watched tables and the roots. Raises Unstratified."""
    forced: set[Pred] = set(watched)
    roots = tuple(roots)
    watched = tuple(forced)
    while True:
        builder = _Builder(source, forced)
        for pred in watched:
            builder.want(Stored("full", pred))
        for root in roots:
            builder.add(root.head, root.args, root.body, root.given)
        builder.run()
        if builder.unbound:
            forced |= builder.unbound
            continue
        try:
            return arrange({head: tuple(group) for head, group in builder.rules.items()})
        except Unstratified as error:
            partial = {_asked_pred(member) for member in error.members if member.kind in ("part", "demand")} - forced
            if not partial:
                raise
            forced |= partial


def _asked_pred(stored: Stored) -> Pred:
    """The derived table behind a part or a demand."""
    return stored.pred if stored.kind == "part" else Pred(stored.pred.table, stored.detail[0])


@dataclass(slots=True)
class _Builder:
    source: Source
    forced: set[Pred]
    rules: dict[Stored, dict[PlanRule, None]] = field(default_factory=dict)
    unbound: set[Pred] = field(default_factory=set)
    todo: list[Stored] = field(default_factory=list)
    bounded: dict[Pred, bool] = field(default_factory=dict)

    def want(self, stored: Stored) -> None:
        """Plan the rules of a table, once."""
        if stored not in self.rules:
            self.rules[stored] = {}
            self.todo.append(stored)

    def run(self) -> None:
        while self.todo:
            stored = self.todo.pop()
            if stored.kind in ("full", "part"):
                self._define(stored)

    def _define(self, stored: Stored) -> None:
        pred = stored.pred
        rules = self.source.rules[pred]
        has_facts = self.source.has_facts(pred)
        for rule in rules:
            target = stored
            if (len(rules) > 1 or has_facts) and any(isinstance(term, Aggregate) for term in rule.head):
                target = self._group(stored, rule)
            self.add(target, rule.head, rule.body, _given(stored, rule.head))
        if has_facts:
            args = tuple([Var(f"x{i}") for i in range(pred.arity)])
            body = (*_given(stored, args), Scan(Stored("facts", pred), args))
            self.rules[stored][PlanRule(stored, args, body)] = None

    def _group(self, stored: Stored, rule: Rule) -> Stored:
        """A table of its own for an aggregating rule: the table that it feeds may be recursive through other rules."""
        group = Stored("group", stored.pred, (stored.kind, stored.detail, rule.key))
        args = tuple([Var(f"x{i}") for i in range(stored.pred.arity)])
        self.rules[stored][PlanRule(stored, args, (Scan(group, args),))] = None
        return group

    def add(self, head: Stored, args: tuple[HeadTerm, ...], body: tuple[Literal, ...], given: tuple[Step, ...]) -> None:
        """Plan one rule; `given` are steps that come with the head (its demand, a query's parameters)."""
        steps: list[Step] = list(given)
        waiting: list[Literal] = []
        for literal in body:
            if isinstance(literal.body, Atom):
                if self._is_partial(pred_of(literal.body)):
                    waiting.append(literal)
                    continue
                steps.append(self._scan(self._whole(pred_of(literal.body)), literal.body.args, literal.negated))
            else:
                steps.append(Apply(literal.body.builtin, literal.body.args, literal.negated))
        for literal in sorted(waiting, key=lambda item: item.negated):
            steps.append(self._part(literal, steps))
        self.rules.setdefault(head, {})[PlanRule(head, args, _without_repeats(steps))] = None

    def _is_partial(self, pred: Pred) -> bool:
        source = self.source
        if not source.demand or pred not in source.rules or pred in self.forced or source.whole(pred):
            return False
        return pred.arity > 0 and not (source.bounded_is_whole and self._is_bounded(pred))

    def _whole(self, pred: Pred) -> Stored:
        if pred not in self.source.rules:
            return Stored("facts", pred)
        full = Stored("full", pred)
        if not self.source.whole(pred):
            self.want(full)
        return full

    def _scan(self, table: Stored, args: tuple[Term, ...], negated: bool) -> Scan:
        if not negated or not any(term.__class__ is Any_ for term in args):
            return Scan(table, args, negated)
        columns = tuple([i for i, term in enumerate(args) if term.__class__ is not Any_])
        projection = Stored("projection", Pred(table.pred.table, len(columns)), (table, columns))
        if projection not in self.rules:
            cells: list[Term] = [Var(f"x{i}") if i in columns else ANY for i in range(len(args))]
            kept: tuple[HeadTerm, ...] = tuple([Var(f"x{i}") for i in columns])
            self.rules[projection] = {PlanRule(projection, kept, (Scan(table, tuple(cells)),)): None}
        return Scan(projection, tuple([args[i] for i in columns]), True)

    def _part(self, literal: Literal, steps: list[Step]) -> Scan:
        atom = literal.body
        assert isinstance(atom, Atom)
        pred = pred_of(atom)
        prefix = _prefix(atom, literal.negated, steps)
        bound = _bound(prefix)
        fixed = self._group_columns(pred)
        letters = [
            "b" if i in fixed and (term.__class__ is Const or (term.__class__ is Var and term.name in bound)) else "f"
            for i, term in enumerate(atom.args)
        ]
        if "b" not in letters:
            self.unbound.add(pred)
            self.want(Stored("full", pred))  # look on: what it reads unbound is then found in the same round
            return Scan(Stored("full", pred), atom.args, literal.negated)
        adornment = "".join(letters)
        asked = tuple([term for term, letter in zip(atom.args, letters, strict=True) if letter == "b"])
        demand = Stored("demand", Pred(pred.table, len(asked)), (pred.arity, adornment))
        cause = PlanRule(demand, asked, prefix)  # type: ignore[arg-type]
        if not (len(prefix) == 1 and prefix[0] == Scan(demand, asked)):
            self.rules.setdefault(demand, {})[cause] = None
        else:
            self.rules.setdefault(demand, {})
        part = Stored("part", pred, adornment)
        self.want(part)
        return self._scan(part, atom.args, literal.negated)

    def _group_columns(self, pred: Pred) -> set[int]:
        """Columns in which a demand may be passed on: not those that hold an aggregate."""
        columns = set(range(pred.arity))
        for rule in self.source.rules[pred]:
            columns -= {i for i, term in enumerate(rule.head) if isinstance(term, Aggregate)}
        return columns

    def _is_bounded(self, pred: Pred) -> bool:
        """Whether the table has at most as many rows as some base table: one positive atom holds all head variables."""
        path = [] if pred in self.bounded else [(pred, self._feeders(pred))]
        while path:  # not by recursion: a chain of rules may be longer than Python's stack
            current, feeders = path[-1]
            self.bounded.setdefault(current, False)  # a recursive table is not bounded
            feeder = next((other for other in feeders if other not in self.bounded), None)
            if feeder is not None:
                path.append((feeder, self._feeders(feeder)))
                continue
            self.bounded[current] = all(self._covers(rule) for rule in self.source.rules[current])
            path.pop()
        return self.bounded[pred]

    def _feeders(self, pred: Pred) -> Iterator[Pred]:
        """The derived tables that a table's rules read."""
        for rule in self.source.rules[pred]:
            for literal in rule.body:
                if isinstance(literal.body, Atom) and not literal.negated:
                    other = pred_of(literal.body)
                    if other in self.source.rules:
                        yield other

    def _covers(self, rule: Rule) -> bool:
        """As `_is_bounded`, for one rule, once it is known of all that the rule reads."""
        needed = variables(rule.head)
        for literal in rule.body:
            if literal.negated or not isinstance(literal.body, Atom):
                continue
            pred = pred_of(literal.body)
            reach = _closure(variables(literal.body.args), rule.body)
            if needed <= reach and (pred not in self.source.rules or self.bounded[pred]):
                return True
        return not needed


def _closure(known: set[str], body: tuple[Literal, ...]) -> set[str]:
    """Variables that builtins compute from known ones, added."""
    known = set(known)
    for literal in body:
        if not isinstance(literal.body, Atom) and not literal.negated:
            inputs = literal.body.args[: literal.body.builtin.inputs]
            if variables(inputs) <= known:
                known |= variables(literal.body.args)
    return known


def _without_repeats(steps: list[Step]) -> tuple[Step, ...]:
    """The steps, each once; those with open columns stay, since each of them counts its own rows for an aggregate."""
    kept: dict[object, Step] = {}
    for step in steps:
        kept[object() if ANY in step.args else step] = step
    return tuple(kept.values())


def _given(stored: Stored, head: tuple[HeadTerm, ...]) -> tuple[Step, ...]:
    """The demand that a part's rules start from."""
    if stored.kind != "part":
        return ()
    asked = tuple([term for term, letter in zip(head, stored.detail, strict=True) if letter == "b"])
    demand = Stored("demand", Pred(stored.pred.table, len(asked)), (stored.pred.arity, stored.detail))
    return (Scan(demand, asked),)  # type: ignore[arg-type]


def _bound(steps: Iterable[Step]) -> set[str]:
    return {name for step in steps if not step.negated for name in variables(step.args)}


def _prefix(atom: Atom, negated: bool, steps: list[Step]) -> tuple[Step, ...]:
    """The steps that say with which cells the atom is asked for.

    For a positive atom only one connected group of steps is taken, the one that binds most of its columns: joining
    unconnected groups would ask for their cross product. A negated atom needs all its variables anyway.
    """
    wanted = variables(atom.args)
    scans = [step for step in steps if step.__class__ is Scan and not step.negated]
    groups: list[tuple[set[str], list[Step]]] = []
    for step in scans:
        names = variables(step.args)
        touching = [group for group in groups if group[0] & names]
        merged: tuple[set[str], list[Step]] = (set(names), [])
        for group in touching:
            merged[0].update(group[0])
            merged[1].extend(group[1])
            groups.remove(group)
        merged[1].append(step)
        groups.append(merged)
    useful = [group for group in groups if group[0] & wanted]
    if not negated and len(useful) > 1:
        useful = [max(useful, key=lambda group: len(group[0] & wanted))]
    chosen: list[Step] = [step for _, members in useful for step in members]
    known = _bound(chosen)
    calls = [step for step in steps if isinstance(step, Apply)]
    grew = True
    while grew:
        grew = False
        for call in list(calls):
            needs = call.args if call.negated else call.args[: call.builtin.inputs]
            if variables(needs) <= known:
                calls.remove(call)
                chosen.append(call)
                known |= variables(call.args)
                grew = True
    if negated and not wanted <= known:
        # a builtin between unconnected groups computes a variable: take everything
        return tuple([step for step in steps if not (isinstance(step, Scan) and step.negated)])
    return tuple(chosen)
