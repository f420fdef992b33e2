"""Verdicts of before, kept in a file for each configuration: proving it again, or going on after an interruption, asks
the scheduler nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from congress.cluster.pacemaker.cib import cib_text
from congress.cluster.verify.essence import essence
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.invariants import INVARIANTS
from congress.cluster.verify.scenarios import Scenario, title
from congress.cluster.verify.simulator import version
from congress.cluster.verify.verdict import Verdict, plain, verdict

VERSION = 2
"""Of the judgement: raised with each change of what invariants or events mean."""


def digest(expected: Expectations) -> str:
    """The same for clusters about which the same is true, as far as one version of Pacemaker and of us can tell."""
    parts = (
        cib_text(essence(expected.configuration)),
        repr(sorted((address, sorted(proxies)) for address, proxies in expected.proxied.items())),
        str(expected.quorum_device),
        version(),
        repr([(invariant.code, invariant.sentence) for invariant in INVARIANTS]),
        str(VERSION),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Cache:
    """`directory`: None keeps nothing. `used`: how many verdicts came from before."""

    def __init__(self, directory: Path | None, expected: Expectations) -> None:
        self.digest = digest(expected)
        self.used = 0
        self._path = directory / f"{self.digest[:32]}.jsonl" if directory is not None else None
        self._kept: dict[str, dict[str, object]] = {}
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._read(self._path)

    def get(self, scenario: Scenario) -> Verdict | None:
        """The verdict of before."""
        kept = self._kept.get(title(scenario))
        if kept is None:
            return None
        try:
            found = verdict(scenario, kept)
        except (KeyError, TypeError, ValueError):
            return None
        self.used += 1
        return found

    def put(self, verdicts: Iterable[Verdict]) -> None:
        """Keep them, at once."""
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as out:
            for one in verdicts:
                out.write(json.dumps([title(one.scenario), plain(one)]) + "\n")

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                name, kept = json.loads(line)
            except ValueError:
                # The last line of a run that was interrupted.
                continue
            self._kept[name] = kept
