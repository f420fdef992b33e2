"""What holds for all tests: no secret comes out (`tests.canaries`), and how many examples Hypothesis tries.

Its profile `ordinary` repeats its examples, `--hypothesis-profile=nightly` looks for new ones.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests import canaries
from tests.databases import MariaDb, PostgreSql

_ALLOWED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("ordinary", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_ALLOWED)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=_ALLOWED)
settings.load_profile("ordinary")

_mined = providers.constants_from_module


def _mined_without_secrets(module: ModuleType) -> Constants:
    """Hypothesis tries the constants of the program as values; what looks like a secret would be found in logs then."""
    found = _mined(module)
    strings = {text for text in found.strings if canaries.MARK not in text}
    return Constants(integers=found.integers, floats=found.floats, bytes=found.bytes, strings=strings)


providers.constants_from_module = _mined_without_secrets  # type: ignore[assignment]


def pytest_configure(config: pytest.Config) -> None:
    # What threads of libraries log between two tests is nobody's.
    logging.getLogger().addHandler(logging.NullHandler())
    config.pluginmanager.register(canaries.Plugin(canaries.CANARIES), "canaries")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDb]:
    """A MariaDB server for all tests of a module."""
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSql]:
    """A PostgreSQL server for all tests of a module."""
    with PostgreSql() as server:
        yield server
