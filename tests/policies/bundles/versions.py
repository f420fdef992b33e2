"""Small bundles for tests of what a service does with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from congress.authoring.bundletests import failures
from congress.db.session import Database
from congress.engine.workspace import Limits as EngineLimits
from congress.policies.bundles import Bundle, BundledPolicy, Opened, pack
from congress.policies.bundles.installed import Bundles, Limits
from congress.policies.bundles.trust import Trust
from tests.policies.engines import Engine


def bundle(
    version: str = "1.0", tests: Mapping[str, str] | None = None, *, name: str = "shop", **policies: Sequence[str]
) -> Bundle:
    """A bundle of policies, each with its rules."""
    found = [BundledPolicy(policy, tuple({"rule": rule} for rule in rules)) for policy, rules in policies.items()]
    return Bundle(name, version, tuple(found), "of a test", tests or {})


def archive(version: str = "1.0", tests: Mapping[str, str] | None = None, **policies: Sequence[str]) -> bytes:
    return pack(bundle(version, tests, **policies))


def run_tests(opened: Opened) -> Sequence[str]:
    return failures(opened, EngineLimits(), 30.0)


class Node(Engine):
    """An engine with the bundles of its database."""

    def __init__(
        self,
        database: Database,
        keys: Path,
        trust: Trust | None = None,
        tests: Callable[[Opened], Sequence[str]] = run_tests,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(database, keys)
        self.bundles = Bundles(self.policies, database, self.live.workspace, trust or Trust(), tests, limits)

    def activate(self, version: str, name: str = "shop", level: str | None = None) -> None:
        self.bundles.make(self.bundles.activation(name, version, "tester", level))

    def upload(self, *archives: bytes) -> None:
        for each in archives:
            self.bundles.upload(each, "tester")

    def roll_back(self, name: str = "shop") -> None:
        self.bundles.make(self.bundles.rollback(name, "tester"))

    def deactivate(self, name: str = "shop") -> None:
        self.bundles.make(self.bundles.deactivation(name, "tester"))
