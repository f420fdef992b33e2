"""Every case of the corpus, by both executors, loaded at once and step by step in any order."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from congress.datalog import CODES, DatalogError, parse, print_statement
from congress.datalog.builtins import BUILTINS, NOW_NAME, Z3_BUILTINS
from congress.datalog.core import TableId
from congress.datalog.values import row, row_sort_key
from congress.engine.workspace import TableChange, Transaction, Workspace
from congress.errors import CongressError
from tests.corpus import Case, load, statements

CASES = load()
Action = Callable[[Transaction], object]


@dataclass(frozen=True, slots=True)
class Way:
    """How a case is run. Step by step, every statement and every row is a transaction of its own."""

    executor: Literal["incremental", "naive"]
    steps: bool
    watched: bool

    def __str__(self) -> str:
        return f"{self.executor}-{'steps' if self.steps else 'scratch'}-{'watched' if self.watched else 'asked'}"


WAYS = [
    Way("incremental", steps=False, watched=False),
    Way("incremental", steps=True, watched=True),
    Way("incremental", steps=True, watched=False),
    Way("naive", steps=False, watched=False),
    Way("naive", steps=True, watched=True),
]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place}: {case.note}")
def test_case(case: Case, way: Way) -> None:
    run = Run(case, way)
    if "want_error" in case.raw:
        with pytest.raises(CongressError) as caught:
            run.load()
            run.ask()
        check_error(caught.value, case.raw["want_error"], case.raw.get("says", ""))
        return
    run.load()
    assert run.ask() == wanted(case)


class Run:
    """One case on its way to one workspace."""

    def __init__(self, case: Case, way: Way) -> None:
        self.case, self.way = case, way
        watch = (lambda table: True) if way.watched else None
        self.workspace = Workspace(executor=way.executor, watch=watch)

    def load(self) -> None:
        if self.way.steps:
            actions = self._base_actions()
            random.Random(self.case.note).shuffle(actions)  # noqa: S311 - an order that can be repeated
            for action in [*self._declarations(), *actions]:
                self._apply(action)
            for step in self.case.updates:
                self._update_alone(step)
        else:
            with self.workspace.transaction() as tx:
                for action in [*self._declarations(), *self._base_actions()]:
                    action(tx)
                for step in self.case.updates:
                    self._update_inside(tx, step)
            for step in self.case.updates:
                if "now" in step:
                    self.workspace.tick(step["now"])

    def _apply(self, action: Action) -> tuple[TableChange, ...]:
        with self.workspace.transaction() as tx:
            action(tx)
        return tx.changes()

    def _declarations(self) -> list[Action]:
        declared: list[Action] = [
            _change("set_datasource", name, source["tables"]) for name, source in self.case.datasources.items()
        ]
        return declared + [_change("create_policy", policy.name, policy.kind) for policy in self.case.policies()]

    def _base_actions(self) -> list[Action]:
        actions: list[Action] = []
        for policy in self.case.policies():
            texts = list(dict.fromkeys(map(print_statement, parse(policy.text).statements)))
            if self.way.steps:
                actions += [_change("insert_rules", policy.name, [text]) for text in texts]
            else:
                actions.append(_change("insert_rules", policy.name, texts))
        for name, source in self.case.datasources.items():
            for table, rows in source.get("rows", {}).items():
                pieces = [[cells] for cells in rows] if self.way.steps else [rows]
                actions += [_change("insert_rows", name, table, list(map(row, piece))) for piece in pieces]
        return actions

    # -- updates

    def _update_alone(self, step: dict[str, Any]) -> None:
        if "fails" in step:
            before = everything(self.workspace)
            with pytest.raises(CongressError) as caught:
                self._apply(lambda tx: [action(tx) for action in _actions(step)])
            check_error(caught.value, step["fails"], "")
            assert everything(self.workspace) == before
            return
        changes = self._apply(lambda tx: [action(tx) for action in _actions(step)])
        if "now" in step:
            changes += self.workspace.tick(step["now"])
        if self.way.watched:
            check_changes(changes, step.get("want", {}))

    def _update_inside(self, tx: Transaction, step: dict[str, Any]) -> None:
        for action in _actions(step):
            if "fails" in step:
                with pytest.raises(CongressError):
                    action(tx)
            else:
                action(tx)

    # -- the question

    def ask(self) -> list[Any]:
        workspace, raw, policy = self.workspace, self.case.raw, self.case.asked_in
        match self.case.question:
            case "query":
                return sorted(workspace.query(policy, self.case.expand(raw["query"])))
            case "rows":
                return [list(cells) for cells in workspace.rows(*raw["rows"].split(":", 1))]
            case "trace":
                return workspace.traced_rows(*raw["trace"].split(":", 1))[1].splitlines()
            case "tables":
                return workspace.tables(raw["tables"])
            case "simulate":
                return self._simulate(policy, dict(raw["simulate"]))
            case "explain" | "why_not" as question:
                source, table = raw[question]["table"].split(":", 1)
                ask = workspace.explain if question == "explain" else workspace.explain_absence
                return ask(source, table, row(raw[question]["row"])).to_text().splitlines()
        return sorted(workspace.query(policy, "true"))

    def _simulate(self, policy: str, given: dict[str, Any]) -> list[str]:
        before = everything(self.workspace)
        try:
            found = self.workspace.simulate(
                policy,
                given["query"],
                given["sequence"],
                given.get("actions", policy),
                delta=given.get("delta", False),
                trace=given.get("trace", False),
            )
        finally:
            assert everything(self.workspace) == before, "the simulation left a trace"
        return sorted(found.result) if found.trace is None else found.trace.splitlines()


def _actions(step: dict[str, Any]) -> Iterable[Action]:
    for name in step.get("drop", ()):
        yield _change("delete_policy", name)
    for name in step.get("forget", ()):
        yield _change("remove_datasource", name)
    for name, tables in step.get("declare", {}).items():
        yield _change("set_datasource", name, tables)
    for name, kind in step.get("create", {}).items():
        yield _change("create_policy", name, kind)
    for operation, options in (
        ("delete_rules", {}),
        ("insert_rules", {}),
        ("waiting_rules", {"wait_for_schema": True}),
    ):
        for policy, texts in statements(step.get(operation)).items():
            yield _change("insert_rules" if options else operation, policy, texts, **options)
    for operation in ("delete", "insert", "replace"):
        for source, tables in step.get(operation, {}).items():
            for table, rows in tables.items():
                yield _change(f"{operation}_rows", source, table, list(map(row, rows)))


def _change(method: str, *arguments: object, **options: object) -> Action:
    return lambda tx: getattr(tx, method)(*arguments, **options)


# -- comparing


def wanted(case: Case) -> list[Any]:
    want = case.raw["want"]
    if isinstance(want, str):
        return list(want.splitlines())
    if case.question == "rows":
        return [list(cells) for cells in sorted(map(row, want), key=row_sort_key)]
    return sorted(want)


def check_error(error: CongressError, expected: str, says: str) -> None:
    if isinstance(error, DatalogError):
        assert expected in (*error.codes, type(error).__name__), str(error)
    else:
        assert expected == type(error).__name__, f"{type(error).__name__}: {error}"
    assert says in str(error)


def check_changes(changes: Iterable[TableChange], expected: dict[str, dict[str, list[list[Any]]]]) -> None:
    by_table: dict[TableId, TableChange] = {change.table: change for change in changes}
    for name, want in expected.items():
        change = by_table.get(TableId(*name.split(":", 1)), TableChange(TableId(*name.split(":", 1)), (), ()))
        for found, key in ((change.inserted, "in"), (change.deleted, "out")):
            assert len(set(found)) == len(found)
            assert set(found) == set(map(row, want.get(key, ()))), f"rows {key} of {name}"


def everything(workspace: Workspace) -> object:
    """All that a user can see of a workspace: names, tables and rows."""
    return [
        (policy, [(table, _rows(workspace, policy.name, table)) for table in workspace.tables(policy.name)])
        for policy in workspace.policies()
    ]


def _rows(workspace: Workspace, policy: str, table: str) -> object:
    try:
        return workspace.rows(policy, table)
    except CongressError as error:  # a table that is mentioned only by rules that wait for their datasource
        return type(error)


# -- the corpus as a whole


def test_the_corpus_is_large_and_no_note_is_used_twice() -> None:
    assert len(CASES) >= 520
    repeated = [note for note, times in Counter((case.place, case.note) for case in CASES).items() if times > 1]
    assert not repeated


def test_every_diagnostic_has_a_case() -> None:
    expected = {case.raw.get("want_error") for case in CASES}
    expected |= {step.get("fails") for case in CASES for step in case.updates}
    assert not set(CODES) - expected


@pytest.mark.parametrize("form", ["bare", "prefixed"])
def test_every_builtin_has_cases_in_either_form(form: str) -> None:
    prefix = "builtin:" if form == "prefixed" else r"(?<![\w:.])"
    texts = "\n".join(text for case in CASES for text in case.texts())
    missing = [name for name in [*BUILTINS, NOW_NAME] if not re.search(rf"{prefix}{name}\(", texts)]
    assert not missing


def test_every_builtin_of_z3_policies_has_a_case() -> None:
    texts = "\n".join(
        policy.text for case in CASES for policy in case.policies() if policy.kind == "z3" and "want" in case.raw
    )
    assert not [name for name in Z3_BUILTINS if f"builtin:{name}(" not in texts]


def test_every_builtin_has_a_case_under_negation() -> None:
    texts = "\n".join(text for case in CASES for text in case.texts())
    assert not [name for name in BUILTINS if not re.search(rf"(not |NOT |!)(builtin:)?{name}\(", texts)]
