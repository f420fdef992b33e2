"""One replayed cloud for all tests of a module; each test finds it in its first state."""

from collections.abc import Iterator

import pytest

from tests.datasources.replayed_cloud import ReplayedCloud, replayed_cloud


@pytest.fixture(scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayedCloud]:
    with replayed_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(_cloud: ReplayedCloud) -> ReplayedCloud:
    _cloud.recover()
    _cloud.move_to("before")
    return _cloud
