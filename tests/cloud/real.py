"""The real services as one cloud: Keystone, Placement, Glance, Nova, Neutron, Cinder, Heat, Aodh and Swift on loopback.

`make test` installs them into an environment of their own, `.venv-cloud`, and prepares databases and keys once, by
running this module; each start works on a copy.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import openstack
import requests
import sqlalchemy

from tests import canaries
from tests.cloud import preparing
from tests.cloud.processes import Processes
from tests.cloud.settings import ENDPOINTS, HOSTS, PASSWORD, REGION, Layout, files
from tests.databases import MariaDb, free_port
from tests.rabbitmq import Rabbit
from tests.waiting import until

HOME = Path(__file__).parents[2] / ".venv-cloud"
HERE = Path(__file__).parent
START_SECONDS = 600.0
# What is written need not outlive the machine, and making tables should not wait for its disk.
_DATABASE = ("--max-connections=500", "--innodb-log-file-size=16M", "--innodb-flush-method=nosync")
_APIS = tuple(endpoint.name for endpoint in ENDPOINTS if endpoint.name != "swift")
_WORKERS = {
    "nova-conductor": "nova",
    "nova-scheduler": "nova",
    "cinder-scheduler": "cinder",
    "cinder-volume": "cinder",
    "heat-engine": "heat",
}
# Without these, arithmetic libraries start a thread per core, and warnings of others fill the logs.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


class RealCloud:
    """A cloud that runs; `layout` says where its parts are."""

    def __init__(self, layout: Layout, processes: Processes) -> None:
        self.layout, self._processes = layout, processes

    @property
    def login(self) -> dict[str, str]:
        """What the config of a datasource needs."""
        return {
            "auth_url": self.layout.url("keystone", "/v3"),
            "username": "admin",
            "password": PASSWORD,
            "project_name": "admin",
        }

    @property
    def transport_url(self) -> str:
        """Where the services send their notifications."""
        return self.layout.transport

    @functools.cached_property
    def admin(self) -> Any:
        """The cloud as its administrator sees it: an `openstack.connection.Connection`."""
        return self.connection()

    def connection(self, **login: Any) -> Any:
        return openstack.connect(
            load_yaml_config=False, load_envvars=False, region_name=REGION,
            user_domain_name="Default", project_domain_name="Default", **{**self.login, **login},
        )  # fmt: skip

    def ask(self, service: str, path: str, microversion: str = "") -> Any:
        """What a service answers the administrator, read without any of our own code."""
        headers = {"X-Auth-Token": self.token()}
        if microversion:
            headers["OpenStack-API-Version"] = f"compute {microversion}"
        answer = requests.get(self.layout.url(service, path), headers=headers, timeout=300)
        answer.raise_for_status()
        return answer.json()

    def token(self) -> str:
        return canaries.watch(self.admin.session.get_token())


@contextmanager
def running_cloud(hypervisors: int = 1) -> Iterator[RealCloud]:
    """The cloud, from its start to its end. Fails with the last words of a service that does not come up."""
    assert HOME.exists(), f"{HOME} is missing: `make test` installs it"
    with tempfile.TemporaryDirectory(prefix="congress-cloud-") as directory, ExitStack() as ends:
        place = Path(directory)
        ready = prepared()
        shutil.copytree(ready / "keystone", place / "keystone")
        rabbit = Rabbit()
        rabbit.patience = START_SECONDS
        ends.callback(rabbit.stop)
        rabbit.start()
        database = ends.enter_context(MariaDb(ready / "database", _DATABASE))
        processes = Processes(place, _ENVIRONMENT)
        ends.callback(processes.stop)
        layout = _layout(place, database, rabbit.transport_url)
        preparing.move(sqlalchemy.create_engine(database.url("keystone")), layout)
        start(layout, processes, HOSTS[:hypervisors])
        yield RealCloud(layout, processes)


def _layout(place: Path, database: MariaDb, transport: str) -> Layout:
    ports = {endpoint.name: free_port() for endpoint in ENDPOINTS}
    layout = Layout(place, HOME, ports, database.url("{name}").partition("?")[0], transport)
    for path, content in files(layout).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    for name in ports:
        (place / name).mkdir(exist_ok=True)
        canaries.ignore(layout.url(name))
    shutil.copy(HOME / "etc/nova/api-paste.ini", place / "nova")
    (place / "aodh" / "api-paste.ini").write_text(_paste_of_aodh(layout))
    return layout


def _paste_of_aodh(layout: Layout) -> str:
    """Its own, whose filters look for their options in this cloud's file rather than in /etc."""
    (delivered,) = HOME.glob("lib/python3*/site-packages/aodh/api/api-paste.ini")
    project = "oslo_config_project = aodh"
    return delivered.read_text().replace(project, f"{project}\noslo_config_file = {layout.file('aodh')}")


def start(layout: Layout, processes: Processes, hosts: Sequence[str]) -> None:
    """Start all services at once and wait until each does what it is there for."""
    for name in _APIS:
        start_api(layout, processes, name)
    command = [HOME / "bin/python", HERE / "object_store.py", layout.ports["swift"], layout.place / "swift"]
    (layout.place / "authtoken").write_text(preparing.authtoken(layout, "swift"))
    processes.start("swift", [*command, layout.place / "authtoken"])
    wait_for(layout, processes, "keystone")  # whom some of the workers ask before anything else
    for worker, service in _WORKERS.items():
        processes.start(worker, [HOME / "bin" / worker, "--config-file", layout.file(service)])
    for host in hosts:
        configured = ["--config-file", layout.file("nova"), "--config-file", layout.hypervisor(host)]
        processes.start(host, [HOME / "bin/nova-compute", *configured])
    for endpoint in ENDPOINTS:
        wait_for(layout, processes, endpoint.name)
    _wait_for_workers(layout, processes, hosts)


def start_api(layout: Layout, processes: Processes, name: str) -> None:
    command: Sequence[Any] = [HOME / "bin/python", HERE / "serve.py", name, layout.ports[name], layout.file(name)]
    processes.start(name, command)


def wait_for(layout: Layout, processes: Processes, name: str) -> None:
    """Wait until an API answers at all."""
    path = "/healthcheck" if name == "swift" else "/"

    def answers() -> bool:
        try:
            return requests.get(layout.url(name, path), timeout=30).status_code < 500
        except requests.ConnectionError:
            return False

    _until(answers, name, processes)


def _wait_for_workers(layout: Layout, processes: Processes, hosts: Sequence[str]) -> None:
    """Wait until the workers reported themselves, and the hypervisors are some that servers may be put on."""
    cloud = RealCloud(layout, processes)

    def up(listing: Any) -> set[tuple[str, str]]:
        return {(one.binary, one.host.partition("@")[0]) for one in listing if one.state == "up"}

    first = hosts[0]
    nova = {("nova-conductor", first), ("nova-scheduler", first), *(("nova-compute", host) for host in hosts)}
    _until(lambda: nova <= up(cloud.admin.compute.services()), first, processes)
    cinder = {("cinder-volume", first), ("cinder-scheduler", first)}
    _until(lambda: cinder <= up(cloud.admin.block_storage.services()), "cinder-volume", processes)
    # Up is not enough: until the scheduler was told what a backend can do, each volume ends in state error.
    _until(lambda: any(cloud.admin.block_storage.backend_pools()), "cinder-scheduler", processes)
    processes.run([HOME / "bin/nova-manage", "--config-file", layout.file("nova"), "cell_v2", "discover_hosts"])
    for listed in (cloud.admin.compute.hypervisors, cloud.admin.placement.resource_providers):
        _until(lambda listed=listed: {one.name for one in listed()} == set(hosts), first, processes)
    _until(lambda: cloud.admin.orchestration.get("/services").json()["services"], "heat-engine", processes)


def _until(condition: Any, name: str, processes: Processes) -> None:
    def why() -> str:
        return "\n".join(f"{one}: {processes.last_words(one)}" for one in {name, *processes.ended()})

    until(condition, why, seconds=START_SECONDS, ended=lambda: bool(processes.ended()))


def prepared() -> Path:
    """Databases and keys to copy; made anew when the packages are others than they were made with."""
    packages = (HOME.parent / "requirements/cloud.txt").read_bytes()
    found = HOME / f"cloud-{preparing.VERSION}-{hashlib.sha256(packages).hexdigest()[:12]}"
    with (HOME / "cloud.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            for old in HOME.glob("cloud-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=HOME) as draft:
                _prepare(Path(draft) / "prepared")
                os.rename(Path(draft) / "prepared", found)
    return found


def _prepare(target: Path) -> None:
    target.mkdir()
    with MariaDb(settings=_DATABASE) as database, tempfile.TemporaryDirectory(prefix="congress-cloud-") as directory:
        processes = Processes(Path(directory), _ENVIRONMENT)
        layout = _layout(Path(directory), database, "fake://")
        preparing.databases(layout, processes, database.admin())
        try:
            start_api(layout, processes, "keystone")
            wait_for(layout, processes, "keystone")
            preparing.catalog(RealCloud(layout, processes).admin)
        finally:
            processes.stop()
        shutil.copytree(layout.place / "keystone", target / "keystone")
        database.save(target / "database")


if __name__ == "__main__":
    prepared()
