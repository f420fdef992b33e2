"""All checks, and what they find."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import congress.cluster.checks as package
from congress.cluster.checks.check import Check, Finding, Severity, Subject


@cache
def checks() -> tuple[Check, ...]:
    """In the order of their codes."""
    modules = (import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__))
    found = [module.CHECK for module in modules if hasattr(module, "CHECK")]
    return tuple(sorted(found, key=lambda check: check.code))


def findings(subject: Subject, wanted: tuple[Check, ...] | None = None) -> tuple[Finding, ...]:
    """What is wrong, errors first, then in the order of the lines; the same thing of many nodes only once."""
    found = {
        Finding(check, problem): None
        for check in (checks() if wanted is None else wanted)
        for problem in check.find(subject)
    }
    return tuple(
        sorted(found, key=lambda one: (one.check.severity is Severity.WARNING, one.problem.line, one.check.code))
    )
