"""Services are found by being there."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import congress.cluster.services as package
from congress.cluster.services import registry
from congress.cluster.services.contract import Refused
from congress.cluster.services.registry import services
from congress.errors import CongressError

# What a control plane may consist of. A new service is added here by nobody but this test's reader.
NAMED = {
    "clustermanager", "loadbalancer", "database", "memcached", "messaging", "qpid", "mongodb", "keystone", "glance",
    "cinder", "swift-proxy", "swift-storage", "neutron-server", "neutron-agents", "nova", "ceilometer", "heat",
    "horizon", "compute", "nova-network", "congress", "gateway", "keepalived",
}  # fmt: skip

MODULE = """
from congress.cluster.services.contract import Declaration, Mode, Service
from congress.errors import CongressError

class New(Service):
    name = "{name}"
    title = "Something new"
    mode = Mode.ONE_NODE

    def declare(self, site, options):
        return Declaration()
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place beside the package where modules of services are found too."""
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    registry.services.cache_clear()
    yield tmp_path
    registry.services.cache_clear()


def test_every_service_of_a_control_plane_is_there() -> None:
    assert not NAMED - set(services())


def test_a_service_more_is_a_file_more(directory: Path) -> None:
    (directory / "brand_new.py").write_text(MODULE.format(name="brand-new"))
    assert services()["brand-new"].title == "Something new"


def test_two_services_of_one_name_are_refused(directory: Path) -> None:
    (directory / "another_keystone.py").write_text(MODULE.format(name="keystone"))
    with pytest.raises(ValueError, match="both say 'keystone'"):
        services()


def test_each_is_in_a_module_of_its_name() -> None:
    for name, service in services().items():
        assert service.__module__.rpartition(".")[2] == name.replace("-", "_")


def test_what_they_need_and_wait_for_exists_and_leads_nowhere_back() -> None:
    graph = {name: {*service.needs, *service.after} for name, service in services().items()}
    assert set().union(*graph.values()) <= {name for name in graph if not issubclass(services()[name], Refused)}
    tuple(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", ["qpid", "nova-network"])
def test_what_is_history_says_why_and_what_to_have_instead(name: str) -> None:
    service = services()[name]
    assert issubclass(service, Refused)
    assert service.reason
    assert service.instead.startswith("write `")
    with pytest.raises(CongressError, match=f"{name} cannot be had: .*; write `"):
        service().declare(None, None)  # as a caller would who did not read a description
