"""Random changes on random engines that hear of each other now and then: in the end all show the same, and what one
engine would show that had made every change itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from congress.db import migration
from congress.db.session import Database
from congress.errors import CongressError
from congress.policies.content import NewPolicy, NewRule
from tests.policies.engines import Engine, oracle

ENGINES = 3
POLICIES = st.sampled_from(["p", "q", "s"])
SOURCES = st.sampled_from(["s", "d"])
COLUMNS = st.sampled_from([("x",), ("x", "y"), ("y", "z")])
RULES = st.sampled_from(
    [
        "a(1)", "a(2)", "a(1, 2)", "b(1)", "c(1)",
        "a(x) :- b(x)", "b(x) :- a(x)", "b(x) :- c(x), not a(x)", "error(x) :- a(x), not b(x)",
        "a(count(x)) :- b(x)", "error(x) :- q:a(x)", "a(x) :- p:b(x)", "b(x) :- q:a(x)",
        "error(x) :- d:data(x=x)", "c(x) :- d:data(x, y)", "error(y) :- b(y), not d:data(y=y)", "c(z) :- s:data(z=z)",
        "a(x) :- d:data(y=x)", "b(x) :- not d:data(x=x), a(x)", "a(x, y) :- d:data(x=x, y=y)", "c(x) :- d:data(x)",
    ]
)  # fmt: skip


class Engines(RuleBasedStateMachine):
    """The oracle is an engine with a database of its own, to which every change is made that the others took, and of
    which every change must be refused that they refused."""

    def __init__(self) -> None:
        super().__init__()
        # In memory where that is possible: every change is flushed to the disk otherwise, on four databases.
        self._directory = tempfile.TemporaryDirectory(dir=next((d for d in ("/dev/shm",) if Path(d).is_dir()), None))  # noqa: S108
        self._path = Path(self._directory.name)
        self._url = self._make("shared")
        self._engines = [Engine(Database(self._url), self._path) for _ in range(ENGINES)]
        self._single = Engine(Database(self._make("single")), self._path)
        self._written: list[tuple[str, str, str]] = []

    def _make(self, name: str) -> str:
        url = f"sqlite:///{self._path}/{name}.sqlite"
        migration.prepare(Database(url))
        return url

    def _same(self, do: Callable[[Engine], object], here: int) -> tuple[object, object] | None:
        """Make a change here and at the oracle, which must say the same; what both answer, None when they refuse."""
        answers, errors = [], []
        for engine in (self._engines[here], self._single):
            try:
                answers.append(do(engine))
            except CongressError as error:
                errors.append(type(error))
        assert len(answers) in (0, 2), errors
        assert len(set(errors)) < 2
        return (answers[0], answers[1]) if answers else None

    engines = st.integers(0, ENGINES - 1)

    @initialize(columns=COLUMNS, texts=st.lists(RULES, max_size=4))
    def begin(self, columns: tuple[str, ...], texts: list[str]) -> None:
        """Without this most changes would be refused: there would be nothing to change."""
        self.create_datasource("d", 0, columns)
        for policy in ("p", "q"):
            self.create_policy(policy, 0, [])
        for text in texts:
            self.insert_rules("p", 1, [text], True)

    @rule(name=POLICIES, here=engines, texts=st.lists(RULES, max_size=3))
    def create_policy(self, name: str, here: int, texts: list[str]) -> None:
        found = self._same(lambda e: e.policies.create_policy(NewPolicy(name), [NewRule(t) for t in texts]), here)
        self._remember(name, found and [answer[1] for answer in found])  # type: ignore[index]

    @rule(name=POLICIES, here=engines, texts=st.lists(RULES, min_size=1, max_size=2), enabled=st.booleans())
    def insert_rules(self, name: str, here: int, texts: list[str], enabled: bool) -> None:
        new = [NewRule(text, enabled=enabled) for text in texts]
        self._remember(name, self._same(lambda e: e.policies.insert_rules(name, new), here))

    def _remember(self, policy: str, found: object) -> None:
        if found:
            ours, theirs = found  # type: ignore[misc]
            self._written += [(policy, a.id, b.id) for a, b in zip(ours, theirs, strict=True)]

    @rule(here=engines, pick=st.integers(0, 1000))
    def delete_rule(self, here: int, pick: int) -> None:
        if self._written:
            policy, ours, theirs = self._written[pick % len(self._written)]
            mine = self._engines[here]
            self._same(lambda e: e.policies.delete_rule(policy, ours if e is mine else theirs), here)

    @rule(here=engines, pick=st.integers(0, 1000), text=RULES, enabled=st.booleans())
    def update_rule(self, here: int, pick: int, text: str, enabled: bool) -> None:
        if self._written:
            policy, ours, theirs = self._written[pick % len(self._written)]
            mine, new = self._engines[here], NewRule(text, enabled=enabled)
            self._same(lambda e: e.policies.update_rule(policy, ours if e is mine else theirs, lambda _old: new), here)

    @rule(name=POLICIES, here=engines)
    def delete_policy(self, name: str, here: int) -> None:
        self._same(lambda e: e.policies.delete_policy(name), here)

    @rule(name=POLICIES, here=engines, abbreviation=st.sampled_from(["a", "b"]))
    def abbreviate(self, name: str, here: int, abbreviation: str) -> None:
        self._same(lambda e: e.policies.update_policy(name, {"abbreviation": abbreviation}), here)

    @rule(name=SOURCES, here=engines, columns=COLUMNS)
    def create_datasource(self, name: str, here: int, columns: tuple[str, ...]) -> None:
        self._same(lambda e: e.push_datasource(name, *columns), here)

    @rule(name=SOURCES, here=engines)
    def delete_datasource(self, name: str, here: int) -> None:
        self._same(lambda e: e.datasources.delete(name), here)

    @rule(here=engines)
    def hear(self, here: int) -> None:
        """A hint arrives; most are lost."""
        self._engines[here].replica.synchronise()

    @rule(here=engines)
    def restart(self, here: int) -> None:
        self._engines[here] = Engine(Database(self._url), self._path)

    @invariant()
    def a_revision_shown_is_shown_whole(self) -> None:
        newest = max(self._engines, key=lambda e: e.live.revision)
        for engine in self._engines:
            if engine.live.revision == newest.live.revision:
                assert engine.program() == newest.program()

    def teardown(self) -> None:
        try:
            for engine in self._engines:
                engine.replica.synchronise()
                assert engine.program() == self._single.program()
            assert oracle(Database(self._url), self._path) == self._single.program()
        finally:
            self._directory.cleanup()


TestEngines = Engines.TestCase
TestEngines.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
