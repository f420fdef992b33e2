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
from congress.cluster.model.loading import parse
from congress.cluster.plan.desired import Desired, desired
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
QUERY = "mariadb -N -B -e"
REMEMBER, RECALL = f"{QUERY} 'INSERT INTO life.days VALUES (1)'", f"{QUERY} 'SELECT day FROM life.days'"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A laboratory, and plans for it by what is described."""

    laboratory: Laboratory

    def wanted(self, text: str) -> Desired:
        described = parse(text)
        deployment = rehearsal.rehearsed(compose(described, services()))
        return desired(deployment, made_up(described, self.laboratory.places.directory))

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
        return self.laboratory.run(node, command).stdout.strip()


@pytest.fixture(scope="module")
def life() -> Iterator[Rehearsal]:
    """Four machines, of which three will be members at first."""
    deployment = rehearsal.rehearsed(compose(parse(FOUR), services()))
    with TemporaryDirectory(prefix="lab", dir="/tmp") as parent:  # noqa: S108 - paths of sockets must be short
        built = build(Path(parent) / "d", of_deployment(deployment, 0.5))
        environments = Environments(Path(sys.prefix), Path(sys.prefix))
        try:
            for node in built.nodes:
                built.ask("on", node)
                provide(Nodes(built), node, rehearsal.accounts(deployment), environments)
                for unit in rehearsal.started_at_boot(deployment, node):
                    Nodes(built).unit(node, "enable", unit)
            yield Rehearsal(built)
        finally:
            remove(built.places.directory)


def test_a_plan_that_is_interrupted_again_and_again_ends_where_it_should(life: Rehearsal) -> None:
    steps = len(life.machines().plan())
    for _ in range(steps):
        # Two steps, and whoever applies is gone: nothing of them is left but what is on the machines.
        done = list(islice(life.machines().apply(), 2))
        if not done:
            break
    assert life.machines().plan() == ()
    life.said("n1", f"{QUERY} 'CREATE DATABASE life; CREATE TABLE life.days (day INT PRIMARY KEY)'")
    assert life.said("n3", f"{QUERY} 'SHOW TABLES FROM life'") == "days"


def test_a_service_is_restarted_on_one_node_after_the_other(life: Rehearsal) -> None:
    started = "cat /run/lab/memcached.pid"
    before = [life.said(node, started) for node in ("n1", "n2", "n3")]
    life.carry_out(lambda machines, state: rolling.restart(machines.desired, state, "memcached", "one"))
    after = [life.said(node, started) for node in ("n1", "n2", "n3")]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert life.carry_out(lambda machines, state: rolling.restart(machines.desired, state, "memcached", "one")) == []


def test_a_node_is_taken_out_and_back(life: Rehearsal) -> None:
    life.carry_out(lambda machines, state: rolling.maintain(machines.desired, state, "n2"))
    assert life.said("n2", "pgrep -x mariadbd haproxy memcached") == ""
    assert life.machines().plan() == ()
    life.carry_out(lambda machines, state: rolling.resume(machines.desired, state, "n2"))
    assert life.machines().plan() == ()


def test_a_node_is_added_and_nobody_else_restarts(life: Rehearsal) -> None:
    uptime = f"{QUERY} \"SHOW STATUS LIKE 'Uptime'\" | cut -f 2"
    assert life.machines().plan() == ()
    steps = life.apply(FOUR)
    assert "n4: start the cluster manager" in steps
    assert life.said("n4", f"{QUERY} \"SHOW STATUS LIKE 'wsrep_cluster_size'\"").split()[1] == "4"
    assert int(life.said("n1", uptime)) >= 0


def test_a_node_is_removed_and_forgotten(life: Rehearsal) -> None:
    steps = life.apply(THREE)
    assert steps[:2] == ["n4: hand over", "n4: stop the cluster manager"]
    assert "control: forget n4" in steps
    assert life.said("n1", "cibadmin --query --scope nodes | grep -c n4") == "0"


def test_another_address_is_taken_by_all(life: Rehearsal) -> None:
    life.apply(THREE.replace("10.78.0.100", "10.78.0.101"))
    assert "10.78.0.101/" in "".join(life.said(node, "ip -o address") for node in ("n1", "n2", "n3"))
    life.apply(THREE)


def test_a_database_of_which_a_node_is_lost_begins_where_the_last_write_is(life: Rehearsal) -> None:
    life.said("n1", REMEMBER)
    for node in ("n1", "n2", "n3"):
        life.laboratory.ask("off", node)
    for node in ("n1", "n2"):
        life.laboratory.ask("on", node)

    machines = life.machines(absent=["n3"])

    def quorate() -> bool:
        found = machines.state().cluster("control")
        return found.quorate and {"n1", "n2"} <= found.online

    until(quorate, "there is no quorum", seconds=240)
    with pytest.raises(PlanError, match="n3 did not tell how far they came"):
        list(galera.recover(machines.desired, machines.state(), positions(machines.desired, machines.runner, {"n3"})))

    def recovery(machines: Applying, state: State) -> Iterator[Step]:
        found = positions(machines.desired, machines.runner, frozenset({"n3"}))
        return galera.recover(machines.desired, state, found, without=frozenset({"n3"}))

    life.carry_out(recovery, absent=["n3"])
    assert life.said("n2", RECALL) == "1"
