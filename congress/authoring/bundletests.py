"""The tests that a bundle carries, run where it is to be activated as they were where it was built."""

from __future__ import annotations

import time

from congress.authoring.cases import Case, cases_from
from congress.authoring.files import parse_yaml
from congress.authoring.packing import project_of
from congress.authoring.testing import Runner
from congress.engine.workspace import Limits
from congress.errors import CongressError
from congress.policies.bundles import Opened


def cases_of(opened: Opened) -> list[Case]:
    """The tests in a bundle. Raises InputUnusable."""
    names = [policy.name for policy in opened.bundle.policies]
    return [
        case
        for name, text in opened.bundle.tests.items()
        for case in cases_from(parse_yaml(text, name), name, names, None)
    ]


def failures(opened: Opened, limits: Limits, seconds: float) -> list[str]:
    """Each test of a bundle that fails, and why; nothing outside the bundle has a part in it. `limits` are for each
    evaluation, `seconds` for all tests together."""
    deadline = time.monotonic() + seconds
    try:
        runner = Runner(*project_of(opened), limits)
        found = []
        for case in cases_of(opened):
            if time.monotonic() > deadline:
                found.append(f"the tests take longer than {seconds:g} seconds, which [bundles] test_seconds allows")
                break
            found += [f"{case.file}: {case.note}: {failure}" for failure in runner.run(case).failures]
    except CongressError as error:
        return [str(error)]
    return found
