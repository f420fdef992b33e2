"""One cloud for all tests here, filled once with something of each kind.

These tests run in one process, after the others: a cloud takes some twenty processes and two gigabytes, of which one is
enough, and tests that compare whole tables bear no other that changes the cloud meanwhile.
"""

from collections.abc import Iterator

import pytest

from tests.cloud.filling import Contents, fill
from tests.cloud.real import RealCloud, running_cloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[RealCloud]:
    with running_cloud() as running:
        yield running


@pytest.fixture(scope="session")
def contents(cloud: RealCloud) -> Contents:
    return fill(cloud.admin)
