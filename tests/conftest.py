"""What holds for all tests: no secret comes out (`tests.canaries`), and how many examples Hypothesis tries.

Its profile `ordinary` repeats its examples, `--hypothesis-profile=nightly` looks for new ones.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests import canaries

_ALLOWED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("ordinary", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_ALLOWED)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=_ALLOWED)
settings.load_profile("ordinary")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(canaries.Plugin(canaries.CANARIES), "canaries")
