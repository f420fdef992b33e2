"""Bundles on MariaDB and PostgreSQL: large archives are kept, and engines that race never make a mix."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.db import migration
from congress.db.session import Database
from congress.policies.bundles import pack, unpack
from congress.policies.bundles.errors import BundleConflict
from tests.policies.bundles.versions import Node, archive, bundle
from tests.policies.engines import oracle
from tests.policies.test_shared_databases import at_once

SIZE = 3


@pytest.fixture(params=["mariadb", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Node]]:
    url = request.getfixturevalue(request.param).create()
    migration.upgrade(Database(url))
    found = [Node(Database(url), tmp_path / "keys") for _ in range(SIZE)]
    yield found
    for each in found:
        each.database.close()


def test_of_simultaneous_activations_one_wins_and_the_others_are_told(engines: list[Node], tmp_path: Path) -> None:
    versions = [f"{number}.0" for number in range(1, SIZE + 1)]
    for version in versions:
        engines[0].upload(archive(version, a=[f"t({version[0]})"], b=[f"error(x) :- a:t(x), gt(x, {version[0]})"]))
    for _ in range(5):
        for each in engines:
            each.replica.synchronise()
        order = random.sample(versions, SIZE)
        switches = [e.bundles.activation("shop", v, "tester") for e, v in zip(engines, order, strict=True)]
        raised = at_once([lambda e=e, s=s: e.bundles.make(s) for e, s in zip(engines, switches, strict=True)])  # type: ignore[misc]
        assert all(isinstance(error, BundleConflict) for error in raised if error is not None)
        needless = sum(switch.is_needless for switch in switches)
        assert raised.count(None) == 1 + needless
        for each in engines:
            each.replica.synchronise()
        expected = oracle(engines[0].database, tmp_path / "keys")
        assert [each.program() for each in engines] == [expected] * SIZE
        active = engines[0].bundles.active()["shop"]
        assert engines[0].live.workspace.rows("a", "t") == [(int(active[0]),)]
        assert expected[0]["b"][1] == [f"error(x) :- a:t(x), gt(x, {active[0]})"]


def test_a_version_is_deleted_or_activated_and_never_both(engines: list[Node]) -> None:
    engines[0].upload(archive("1.0", a=["t(1)"]))
    for number in range(2, 7):
        engines[0].upload(archive(f"{number}.0", a=[f"t({number})"]))
        engines[0].activate("1.0")
        engines[1].replica.synchronise()
        switch = engines[1].bundles.activation("shop", f"{number}.0", "tester")
        raised = at_once(
            [
                lambda s=switch: engines[1].bundles.make(s),  # type: ignore[misc]
                lambda v=f"{number}.0": engines[2].bundles.delete("shop", v),  # type: ignore[misc]
            ]
        )
        assert raised.count(None) == 1
        state = engines[0].bundles.bundle("shop")
        assert state.active in {each.version for each in state.versions}


def test_large_archives_and_unusual_letters_are_kept(engines: list[Node]) -> None:
    rules = {
        f"p{part}": [f't({number}, "Ünï 😀 {"x" * 1100}")' for number in range(part * 500, part * 500 + 500)]
        for part in range(4)
    }
    data = pack(bundle("1.0", **rules))
    assert 2_000_000 < len(data) < 4_000_000
    engines[0].upload(data)
    engines[1].activate("1.0")
    assert unpack(data) == engines[2].bundles.version("shop", "1.0")[2]
    engines[2].replica.synchronise()
    assert sum(len(engines[2].live.workspace.rows(name, "t")) for name in rules) == 2000
