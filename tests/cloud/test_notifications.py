"""From a change in a real service to a violation: the service notifies its RabbitMQ, Congress asks about one object.

The datasources list their services once, when they are created, and never again by themselves (`poll_time` 0); a whole
`congress-server` reaches each service through a proxy that overhears its requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.cloud.filling import Contents, built
from tests.cloud.real import RealCloud
from tests.proxy import Proxy
from tests.waiting import until

SECONDS = 120.0
EXCHANGES = {"cinder": "openstack"}
"""Where services notify that leave `control_exchange` as it is; the others are called as the service."""
REQUEST = re.compile(rb"^GET (\S+) HTTP/", re.MULTILINE)
pytestmark = pytest.mark.timeout(1200)  # the first test may also wait for the cloud to start and to be filled


class Kind(NamedTuple):
    """Objects of a service whose names have rules, and what is done to them; each function takes the cloud's admin."""

    service: str
    driver: str
    table: str
    create: Callable[[Any, Contents, str], Any]
    rename: Callable[[Any, Any, str], Any]
    delete: Callable[[Any, Any], Any]


def _server(admin: Any, contents: Contents, name: str) -> Any:
    image, flavor = contents.image.id, contents.flavor.id
    return built(admin, admin.compute.create_server(name=name, image_id=image, flavor_id=flavor, networks="none"))


def _image(admin: Any, _contents: Contents, name: str) -> Any:
    return admin.image.create_image(
        name=name, container_format="bare", disk_format="raw", data=b"x", allow_duplicates=True
    )


def _volume(admin: Any, _contents: Contents, name: str) -> Any:
    made = admin.block_storage.create_volume(name=name, size=1)
    return admin.block_storage.wait_for_status(made, "available", wait=SECONDS)


KINDS = (
    Kind(
        "nova", "nova", "servers", _server,
        lambda admin, one, name: admin.compute.update_server(one, name=name),
        lambda admin, one: admin.compute.delete_server(one),
    ),
    Kind(
        "neutron", "neutronv2", "networks",
        lambda admin, _contents, name: admin.network.create_network(name=name),
        lambda admin, one, name: admin.network.update_network(one, name=name),
        lambda admin, one: admin.network.delete_network(one),
    ),
    Kind(
        "glance", "glancev2", "images", _image,
        lambda admin, one, name: admin.image.update_image(one, name=name),
        lambda admin, one: admin.image.delete_image(one),
    ),
    Kind(
        "cinder", "cinder", "volumes", _volume,
        lambda admin, one, name: admin.block_storage.update_volume(one, name=name),
        lambda admin, one: admin.block_storage.delete_volume(one),
    ),
    Kind(
        "keystone", "keystonev3", "projects",
        lambda admin, _contents, name: admin.identity.create_project(name=name),
        lambda admin, one, name: admin.identity.update_project(one, name=name),
        lambda admin, one: admin.identity.delete_project(one),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("congress") / "state").start()
    yield process
    process.close()


@pytest.fixture
def overheard(cloud: RealCloud, request: pytest.FixtureRequest) -> Iterator[tuple[str, list[str]]]:
    """Another address of a service, and the paths that were asked for there."""
    paths: list[str] = []

    def hear(data: bytes) -> None:
        paths.extend(path.decode() for path in REQUEST.findall(data))

    proxy = Proxy([("127.0.0.1", cloud.layout.ports[request.param])], hear)
    yield cloud.layout.url(request.param).replace(str(cloud.layout.ports[request.param]), str(proxy.port)), paths
    proxy.stop()


@contextmanager
def datasource(client: Client, kind: Kind, config: dict[str, str]) -> Iterator[None]:
    """A datasource of the driver's name, deleted in the end."""
    assert client.post("/v1/data-sources", {"name": kind.driver, "driver": kind.driver, "config": config}).ok
    yield
    client.delete(f"/v1/data-sources/{kind.driver}")


@pytest.mark.parametrize(
    ("kind", "overheard"), [(kind, kind.service) for kind in KINDS], ids=[kind.driver for kind in KINDS],
    indirect=["overheard"],
)  # fmt: skip
def test_a_notification_leads_to_one_object_and_to_its_violation(
    cloud: RealCloud, contents: Contents, server: ServerProcess, kind: Kind, overheard: tuple[str, list[str]]
) -> None:
    client, (endpoint, paths) = Client(server.url), overheard
    config = {**cloud.login, "endpoint": endpoint, "poll_time": "0", "notification_url": cloud.transport_url}
    with datasource(client, kind, config):
        rule = f"error(id) :- {kind.driver}:{kind.table}(id=id, name='forbidden')"
        policy = client.policy(f"names_of_{kind.driver}", rule)
        until(lambda: _status(client, kind)["state"] == "ok", lambda: str(_status(client, kind)), seconds=SECONDS)
        heard = f"notifications of exchange {EXCHANGES.get(kind.service, kind.service)} are listened to"
        until(lambda: heard in server.log.read_text(), lambda: server.log.read_text()[-2000:], seconds=SECONDS)
        del paths[:]

        def violations_become(*expected: str) -> None:
            until(
                lambda: client.rows(policy, "error") == [[one] for one in expected],
                lambda: f"{client.rows(policy, 'error')}, {paths}, {_status(client, kind)}",
                seconds=SECONDS,
            )

        violations_become()
        one = kind.create(cloud.admin, contents, "allowed")
        kind.rename(cloud.admin, one, "forbidden")
        violations_become(one.id)
        kind.rename(cloud.admin, one, "allowed again")
        violations_become()
        kind.rename(cloud.admin, one, "forbidden")
        violations_become(one.id)
        kind.delete(cloud.admin, one)
        violations_become()
        asked = {path for path in paths if f"/{kind.table}" in path}
        assert {path.rpartition("/")[2] for path in asked} == {one.id}, "no listing, and no other object"


def _status(client: Client, kind: Kind) -> Any:
    return client.get(f"/v1/data-sources/{kind.driver}/status").json()
