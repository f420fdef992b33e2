"""One server for all tests of a module; each test uses names of its own (`fresh`)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.keystone_process import KeystoneProcess
from tests.api.server_process import Client, ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("state")).start()
    yield process
    process.close()


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Client:
    return Client(server.url)


@pytest.fixture(scope="session")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeystoneProcess]:
    process = KeystoneProcess(tmp_path_factory.mktemp("identity") / "keystone").start()
    yield process
    process.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that the test may stop and start."""
    process = ServerProcess(tmp_path / "state").start()
    yield process
    process.close()


_NUMBERS = itertools.count(1)


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """A name that no other test uses."""
    return lambda stem: f"{stem}{next(_NUMBERS)}"
