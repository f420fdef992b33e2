"""A laboratory that is set up with interruptions, and what is done to it afterwards, with the real programs.

The tests are in the order of a life: each begins with what the one before it left, and leaves nothing to do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from congress.cluster.apply.applying import Applying
from congress.cluster.compose import compose
from congress.cluster.daytwo import galera, rolling
from congress.cluster.daytwo.evidence import positions
from congress.cluster.lab import rehearsal
from congress.cluster.lab.laboratory import Laboratory, build, remove
from congress.cluster.lab.provision import Environments, provide
from congress.cluster.lab.runner import Nodes
from congress.cluster.lab.secrets import made_up
from congress.cluster.lab.site import of_deployment
from congress.cluster.lab.up import wanted_of
from congress.cluster.model.loading import parse
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step
from congress.cluster.services.registry import services
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

THREE = """\
name: rehearsal
architecture: collapsed
networks: {internal: {cidr: 10.78.0.0/24}}
nodes:
  n1: {addresses: {internal: 10.78.0.1}}
  n2: {addresses: {internal: 10.78.0.2}}
  n3: {addresses: {internal: 10.78.0.3}}
fencing:
  power: {agent: fence_ipmilan, hosts: [n1, n2, n3]}
virtual_ips:
  database: {address: 10.78.0.100}
secrets: {default: {generated: 32}}
tls: {certificate: api.crt, key: api.key}
clusters:
  control:
    nodes: [n1, n2, n3]
    services:
      loadbalancer:
      database: {options: {buffer_pool_mb: 64, cache_mb: 64}}
      memcached:
"""
FOUR = (
    THREE.replace("fencing:\n", "  n4: {addresses: {internal: 10.78.0.4}}\nfencing:\n")
    .replace("hosts: [n1, n2, n3]", "hosts: [n1, n2, n3, n4]")
    .replace("nodes: [n1, n2, n3]", "nodes: [n1, n2, n3, n4]")
)
_FIVE = "  n5: {addresses: {internal: 10.78.0.5}}\n"
SPLIT = (
    THREE.replace("fencing:\n", f"{_FIVE}fencing:\n")
    .replace("hosts: [n1, n2, n3]", "hosts: [n1, n2, n3, n5]")
    .replace("      memcached:\n", "  side:\n    nodes: [n5]\n    services:\n      memcached:\n")
)
"""memcached has a cluster of its own."""
ALL = FOUR.replace("fencing:\n", f"{_FIVE}fencing:\n").replace("nodes: [n1, n2, n3, n4]", "nodes: [n1, n2, n3, n4, n5]")
QUERY = "mariadb -N -B -e"
REMEMBER, RECALL = f"{QUERY} 'INSERT INTO life.days VALUES (1)'", f"{QUERY} 'SELECT day FROM life.days'"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A laboratory, and plans for it by what is described. `files`: where the files of the description are."""

    laboratory: Laboratory
    files: Path

    def wanted(self, text: str) -> Desired:
        return wanted_of(self.laboratory, parse(text, directory=self.files))

    def machines(self, text: str = THREE, absent: Iterable[str] = ()) -> Applying:
        return Applying(self.wanted(text), Nodes(self.laboratory), absent=absent)

    def apply(self, text: str = THREE) -> list[str]:
        """Apply what is described, and see that nothing is left to do but to wait, on a machine that is slow."""
        machines = self.machines(text)
        done = [applied.step.name for applied in machines.apply()]
        assert [step.name for step in machines.plan() if step.actions] == []
        return done

    def carry_out(self, planned: Callable[[Applying, State], Iterable[Step]], absent: Iterable[str] = ()) -> list[str]:
        machines = self.machines(absent=absent)
        state = machines.state()
        return [applied.step.name for applied in machines.carry_out(planned(machines, state), state)]

    def said(self, node: str, command: str) -> str:
        told = self.laboratory.run(node, command, timeout=60.0)
        assert told.returncode != TOO_LATE, f"{node} does not answer: {command}"
        return told.stdout.strip()

    def all_said(self, command: str) -> list[str]:
        return [self.said(node, command) for node in MEMBERS]

    def certificate(self, text: str) -> None:
        (self.files / "api.crt").write_text(f"{text}\n")
        (self.files / "api.key").write_text("key\n")


def _none_is_as_before(before: list[str], after: list[str]) -> None:
    """Each process is another one than before, and there is one."""
    same = [name for name, old, new in zip(MEMBERS, before, after, strict=True) if old == new or not new]
    assert same == [], f"before {before}, after {after}"


TOO_LATE = 124
MEMBERS = ("n1", "n2", "n3")
SERVERS = "cat /run/mysqld/mysqld.pid; stat -c %Y /run/mysqld/mysqld.pid"


@pytest.fixture(scope="module")
def life() -> Iterator[Rehearsal]:
    """Five machines, of which three will be members at first."""
    deployment = rehearsal.rehearsed(compose(parse(ALL), services()))
    with TemporaryDirectory(prefix="lab", dir="/tmp") as parent:  # noqa: S108 - paths of sockets must be short
        environments = Environments(Path(sys.prefix), Path(sys.prefix))
        built = build(Path(parent) / "d", of_deployment(deployment, 0.5, environments.unseen()))
        try:
            for node in built.nodes:
                built.ask("on", node)
                provide(Nodes(built), node, rehearsal.accounts(deployment), environments)
                for unit in rehearsal.started_at_boot(deployment, node):
                    Nodes(built).unit(node, "enable", unit)
            lived = Rehearsal(built, built.places.directory)
            lived.certificate("first")
            yield lived
        finally:
            remove(built.places.directory)


def test_a_plan_that_is_interrupted_after_every_step_ends_where_it_should(life: Rehearsal) -> None:
    # One step, and whoever applies is gone: nothing of them is left but what is on the machines.
    until(lambda: not list(islice(life.machines().apply(), 1)), "it has no end", seconds=1200)
    assert life.machines().plan() == ()
    life.said("n1", f"{QUERY} 'CREATE DATABASE life; CREATE TABLE life.days (day INT PRIMARY KEY)'")
    assert life.said("n3", f"{QUERY} 'SHOW TABLES FROM life'") == "days"


def test_a_service_is_restarted_on_one_node_after_the_other(life: Rehearsal) -> None:
    started = "cat /run/lab/memcached.pid"
    before = life.all_said(started)
    life.carry_out(lambda machines, state: rolling.restart(machines.desired, state, "memcached", "one"))
    _none_is_as_before(before, life.all_said(started))
    assert life.carry_out(lambda machines, state: rolling.restart(machines.desired, state, "memcached", "one")) == []


def test_another_certificate_is_read_and_nobody_is_cut_off(life: Rehearsal) -> None:
    before = life.all_said("cat /run/lab/haproxy.pid")
    life.certificate("second")
    life.apply()
    assert life.all_said("head -n 1 /etc/haproxy/tls.pem") == ["second"] * 3
    assert life.all_said("cat /run/lab/haproxy.pid") == before


def test_another_key_between_members_stops_no_service(life: Rehearsal) -> None:
    servers, members = life.all_said(SERVERS), life.all_said("cat /run/lab/corosync.pid")
    made_up(parse(THREE), life.laboratory.places.directory).renew("corosync.control")
    steps = life.apply()
    assert "control: begin maintenance" in steps
    assert life.all_said(SERVERS) == servers
    _none_is_as_before(members, life.all_said("cat /run/lab/corosync.pid"))


def test_nodes_are_upgraded_while_they_run_nothing(life: Rehearsal) -> None:
    servers = life.all_said(SERVERS)
    done = life.carry_out(lambda machines, state: rolling.upgrade(machines.desired, state, "spring"))
    told = [f"{node}: {what}" for node in MEMBERS for what in ("hand over", "upgrade", "take part again")]
    assert done == told
    _none_is_as_before(servers, life.all_said(SERVERS))
    assert life.carry_out(lambda machines, state: rolling.upgrade(machines.desired, state, "spring")) == []


def test_a_node_is_taken_out_and_back(life: Rehearsal) -> None:
    life.carry_out(lambda machines, state: rolling.maintain(machines.desired, state, "n2"))
    assert life.said("n2", "pgrep -x 'mariadbd|haproxy|memcached'") == ""
    assert life.machines().plan() == ()
    life.carry_out(lambda machines, state: rolling.resume(machines.desired, state, "n2"))
    assert life.machines().plan() == ()


def test_a_node_is_added_and_nobody_else_restarts(life: Rehearsal) -> None:
    before = life.all_said(SERVERS)
    steps = life.apply(FOUR)
    assert "n4: start the cluster manager" in steps
    assert life.said("n4", f"{QUERY} \"SHOW STATUS LIKE 'wsrep_cluster_size'\"").split()[1] == "4"
    assert life.all_said(SERVERS) == before


def test_a_node_is_removed_and_forgotten(life: Rehearsal) -> None:
    steps = life.apply(THREE)
    assert steps[:2] == ["n4: hand over", "n4: stop the cluster manager"]
    assert "control: forget n4" in steps
    assert life.said("n1", "cibadmin --query --scope nodes | grep -c n4") == "0"


def test_another_address_is_taken_by_all(life: Rehearsal) -> None:
    life.apply(THREE.replace("10.78.0.100", "10.78.0.101"))
    assert "10.78.0.101/" in "".join(life.all_said("ip -o address"))
    life.apply(THREE)


def test_a_service_moves_to_another_cluster(life: Rehearsal) -> None:
    steps = life.apply(SPLIT)
    assert steps.index("side: wait for memcached") < steps.index("control: take out what is not wanted")
    assert life.said("n5", "pgrep -c -x memcached") == "1"
    assert "".join(life.all_said("pgrep -x memcached")) == ""


def test_a_database_of_which_a_node_is_lost_begins_where_the_last_write_is(life: Rehearsal) -> None:
    life.said("n1", REMEMBER)
    for node in MEMBERS:
        life.laboratory.ask("off", node)
    for node in ("n1", "n2"):
        life.laboratory.ask("on", node)

    machines = life.machines(absent=["n3"])

    def quorate() -> bool:
        found = machines.state().cluster("control")
        return found.quorate and {"n1", "n2"} <= found.online

    until(quorate, "there is no quorum", seconds=240)
    found = positions(machines.desired, machines.runner, frozenset({"n3"}))
    with pytest.raises(PlanError, match="n3 did not tell how far they came"):
        list(galera.recover(machines.desired, machines.state(), found))

    def recovery(machines: Applying, state: State) -> Iterator[Step]:
        found = positions(machines.desired, machines.runner, frozenset({"n3"}))
        return galera.recover(machines.desired, state, found, without=frozenset({"n3"}))

    life.carry_out(recovery, absent=["n3"])
    assert life.said("n2", RECALL) == "1"
