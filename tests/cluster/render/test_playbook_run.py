"""The playbook of a rendered deployment, carried out on nodes that are directories: real files, real `apt`, `cibadmin`
and shells; programs of services and systemd are stood in for, and write down what they were asked for.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from congress.cluster import secrets
from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import parse
from congress.cluster.plan.desired import desired
from congress.cluster.render.tree import SECRETS, tree, written
from congress.cluster.services.registry import services
from tests.cluster.apply.imagined import EMPTY
from tests.cluster.render.trees import EXAMPLES

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

HERE = Path(__file__).parent / "chroots"
NODES = ("node1", "node2", "node3")
SERVICES = "      loadbalancer:\n      database:\n      messaging:\n      memcached:\n"


def described() -> Deployment:
    """The small example, without what needs keystone."""
    text = (EXAMPLES / "small.yaml").read_text()
    head = text[: text.index("    services:\n")]
    return compose(parse(f"{head}    services:\n{SERVICES}"), services())


def value(name: str) -> str:
    return f"value-of-{name}"


class Site:
    """What the runs of the playbook left: how they ended, and the nodes as the last one found them."""

    def __init__(self, directory: Path) -> None:
        self.deployment = described()
        self.directory = directory
        self.ansible = directory / "rendered" / "ansible"
        written(tree(self.deployment), directory / "rendered")
        hidden = {name: value(name) for name in self.deployment.secrets}
        (directory / "rendered" / SECRETS).write_text(yaml.safe_dump({"secrets": hidden}))
        self._adapt()
        nodes = "".join(f"<node id='{number}' uname='{name}'/>" for number, name in enumerate(NODES, 1))
        (directory / "cib.xml").write_text(EMPTY.format(nodes=nodes))

    def _adapt(self) -> None:
        """Packages are this machine's, and where nodes are."""
        playbook = self.ansible / "site.yaml"
        playbook.write_text(playbook.read_text().replace("update_cache: true", "update_cache: false"))
        have = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        installed = {line.split()[1] for line in have.stdout.splitlines() if line.startswith("ii")}
        for node in NODES:
            file = self.ansible / "host_vars" / f"{node}.yaml"
            known = yaml.safe_load(file.read_text())
            known["packages"] = [package for package in known["packages"] if package in installed]
            known |= {"ansible_host": str(self.directory / node), "ansible_connection": "chrooted"}
            known |= {"ansible_become_method": "su", "ansible_become_flags": "-s /bin/sh"}
            file.write_text(yaml.safe_dump(known))

    def run(self, times: int) -> list[str]:
        """What each run says; and what is on the nodes afterwards, below `kept`."""
        words = f"{Path(sys.executable).parent}/ansible-playbook -i inventory.yaml -e @secrets.yaml site.yaml"
        runs = "".join(f"{words} > {self.directory}/{number}.log 2>&1 || :\n" for number in range(times))
        keep = "".join(f"cp -a disks/{node}/changes kept/{node}\n" for node in NODES)
        script = f"cd {self.ansible}\n{runs}cd {self.directory}\nmkdir kept\n{keep}"
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": os.environ["HOME"],
            "LANG": "C.UTF-8",
            "CIB_file": "/var/lib/stand-in/cib.xml",
            "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "local"),
            "ANSIBLE_FORKS": "3",
        }
        done = subprocess.run(  # noqa: S603
            ["unshare", "--mount", "sh", str(HERE / "within.sh"), str(self.directory), "sh", "-ec", script],  # noqa: S607
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return [(self.directory / f"{number}.log").read_text() for number in range(times)]

    def files(self, node: str) -> Path:
        """Where the files are that a node has beyond this machine's."""
        return self.directory / "kept" / node

    def told(self, node: str) -> list[str]:
        return (self.directory / "kept" / node / "var/lib/stand-in/told").read_text().splitlines()


class Recap(NamedTuple):
    """How a run ended on a node."""

    changed: int
    failed: int


def recap(log: str, node: str) -> Recap:
    found = re.search(rf"^{node} +: .*changed=(\d+) +unreachable=0 +failed=(\d+)", log, re.MULTILINE)
    assert found, log[-3000:]
    return Recap(int(found[1]), int(found[2]))


def changes(log: str) -> list[str]:
    """The tasks that changed something."""
    tasks = re.split(r"^(?:TASK|RUNNING HANDLER) ", log, flags=re.MULTILINE)[1:]
    return [task.partition("]")[0].lstrip("[") for task in tasks if re.search(r"^changed: ", task, re.MULTILINE)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, str, str]:
    """The nodes after the playbook ran twice."""
    site = Site(tmp_path_factory.mktemp("site"))
    first, second = site.run(2)
    return site, first, second


def test_it_succeeds_on_all_nodes(runs: tuple[Site, str, str]) -> None:
    for node in NODES:
        told = recap(runs[1], node)
        assert told.failed == 0, runs[1][-3000:]
        assert told.changed > 0


def test_a_second_run_changes_nothing(runs: tuple[Site, str, str]) -> None:
    assert changes(runs[2]) == []
    assert {recap(runs[2], node) for node in NODES} == {Recap(changed=0, failed=0)}


def test_each_node_has_its_files_as_they_are_wanted(runs: tuple[Site, str, str]) -> None:
    site = runs[0]
    for machine in desired(site.deployment, value).machines.values():
        for file in machine.files:
            written_there = site.files(machine.node.name) / file.path.lstrip("/")
            assert written_there.read_text() == secrets.filled(file.content, value), file.path
            assert written_there.stat().st_mode & 0o7777 == file.mode, file.path


def test_members_get_the_whole_configuration_service_by_service(runs: tuple[Site, str, str]) -> None:
    log = runs[1]
    order = [
        "Prepare the machines",
        "Start the cluster managers",
        "control: members meet",
        "control: load fencing and properties",
        "control: bring in loadbalancer",
        "control: bring in database",
        "node1: database: account of the health check",
        "control: the whole configuration",
        "control: let services read what changed, one node after the other",
    ]
    places = [log.index(f"PLAY [{name}]") for name in order]
    assert places == sorted(places)
    loaded = (runs[0].files("node1") / "var/lib/stand-in/cib.xml").read_text()
    for name in ("fence-power-node1", "haproxy-clone", "galera-clone", "rabbitmq-clone", "vip-database"):
        assert f'id="{name}"' in loaded


def test_first_steps_are_done_once_and_units_are_pacemakers(runs: tuple[Site, str, str]) -> None:
    site = runs[0]
    told = site.told("node1")
    assert sum("CREATE USER" in line for line in told) == 1
    state = site.files("node1") / "var/lib/stand-in"
    assert (state / "pacemaker.enabled").exists()
    assert not (state / "haproxy.enabled").exists()
