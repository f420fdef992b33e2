"""Random versions on random engines: a rollback brings back exactly what was, what is refused leaves no trace, and all
engines show what one makes of the database that has just been started."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from congress.db import migration
from congress.db.session import Database
from congress.errors import CongressError
from congress.policies.bundles.errors import BundleConflict
from congress.policies.content import NewPolicy, NewRule
from tests.policies.bundles.versions import Node, archive
from tests.policies.engines import oracle
from tests.policies.test_synchronisation_properties import RULES

ENGINES = 2
Content = Mapping[str, Sequence[str]]
CONTENTS = st.dictionaries(
    st.sampled_from(["p", "q", "s"]), st.lists(RULES, max_size=4, unique=True), min_size=1, max_size=3
)
VERSIONS = ("1", "2", "3")
STEPS = st.tuples(st.integers(0, ENGINES - 1), st.sampled_from([*VERSIONS, "back", "off", "level"]))


@functools.cache
def empty() -> bytes:
    """A database without any policies, which takes longer to make than to use."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/empty.sqlite")
        migration.prepare(database)
        with sqlite3.connect(f"{directory}/empty.sqlite") as connection:
            return connection.serialize()


@contextmanager
def nodes(contents: Sequence[Content], own: Sequence[str]) -> Iterator[list[Node]]:
    """Engines over one database with a policy of its own and the versions of a bundle."""
    memory = next((d for d in ("/dev/shm",) if Path(d).is_dir()), None)  # noqa: S108 - every change is flushed otherwise
    with tempfile.TemporaryDirectory(dir=memory) as directory:
        url = f"sqlite:///{directory}/shared.sqlite"
        Path(directory, "shared.sqlite").write_bytes(empty())
        found = [Node(Database(url), Path(directory)) for _ in range(ENGINES)]
        found[0].push_datasource("d", "x", "y")
        found[0].policies.create_policy(NewPolicy("own"))
        for text in own:
            attempt(lambda text=text: found[0].policies.insert_rule("own", NewRule(text)))  # type: ignore[misc]
        for version, content in zip(VERSIONS, contents, strict=True):
            attempt(lambda v=version, c=content: found[0].upload(archive(v, **c)))  # type: ignore[misc]
        yield found
        for each in found:
            each.replica.synchronise()
        assert [each.program() for each in found] == [oracle(Database(url), Path(directory))] * ENGINES


def attempt(do: object) -> bool:
    """Whether it was not refused."""
    try:
        do()  # type: ignore[operator]
    except CongressError:
        return False
    return True


def stored(node: Node) -> object:
    """All that is stored of policies, and what is in effect."""
    return [(record, node.policies.rules(record.name)) for record in node.policies.policies()], node.program()


@given(
    contents=st.tuples(CONTENTS, CONTENTS, CONTENTS), own=st.lists(RULES, max_size=3), last=st.integers(0, ENGINES - 1)
)
@settings(max_examples=40)
def test_a_rollback_brings_back_exactly_what_was(contents: Sequence[Content], own: Sequence[str], last: int) -> None:
    with nodes(contents, own) as (one, *others):
        if not attempt(lambda: one.activate("1")):
            return
        before = stored(one)
        changed = attempt(lambda: one.activate("2"))
        if not changed:
            assert stored(one) == before
            return
        back = [one, *others][last]
        back.replica.synchronise()
        back.roll_back()
        assert stored(back) == before


@given(
    contents=st.tuples(CONTENTS, CONTENTS, CONTENTS),
    own=st.lists(RULES, max_size=3),
    steps=st.lists(STEPS, max_size=8),
)
@settings(max_examples=25)
def test_whatever_is_done_the_engines_agree(
    contents: Sequence[Content], own: Sequence[str], steps: Sequence[tuple[int, str]]
) -> None:
    with nodes(contents, own) as engines:
        active: str | None = None
        below: list[str] = []
        for number, step in steps:
            node = engines[number]
            node.replica.synchronise()
            if step == "level":
                for record in node.policies.policies():
                    if record.bundle:
                        node.policies.update_policy(record.name, {"enforcement": "monitor"})
            elif step == "off":
                node.deactivate()
                below, active = [*below, active] if active else below, None
            elif step == "back":
                try:
                    node.roll_back()
                    active = below.pop()
                except BundleConflict:
                    assert not below
            elif attempt(lambda node=node, step=step: node.activate(step)) and step != active:  # type: ignore[misc]
                below, active = [*below, active] if active else below, step
            assert node.bundles.active().get("shop") == active
