from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.lab import rehearsal
from congress.cluster.lab.provision import CLUSTER, Environments, LabUnit, script
from congress.cluster.model.loading import load
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.plan.desired import desired
from congress.cluster.services.registry import services

EXAMPLE = Path("examples/small.yaml")


@pytest.fixture(scope="module")
def real() -> Deployment:
    return compose(load(EXAMPLE), services())


@pytest.fixture(scope="module")
def rehearsed(real: Deployment) -> Deployment:
    return rehearsal.rehearsed(real)


def _by_id(deployment: Deployment) -> dict[str, Primitive]:
    configuration = deployment.clusters[0].configuration
    return {each.id: each for each in primitives((*configuration.resources, *configuration.fencing))}


def test_no_unit_of_systemd_and_no_other_power_switch_is_left(rehearsed: Deployment) -> None:
    agents = {each.agent for each in _by_id(rehearsed).values()}

    assert not any(agent.startswith("systemd:") for agent in agents)
    assert {agent for agent in agents if agent.startswith("stonith:")} == {"stonith:fence_lab"}


def test_what_decides_about_failures_stays_as_it_is(real: Deployment, rehearsed: Deployment) -> None:
    before, after = real.clusters[0].configuration, rehearsed.clusters[0].configuration

    assert after.constraints == before.constraints
    assert (after.levels, after.resource_defaults) == (before.levels, before.resource_defaults)
    assert after.properties == before.properties
    for name, primitive in _by_id(real).items():
        assert _by_id(rehearsed)[name].operations == primitive.operations
        assert _by_id(rehearsed)[name].meta == primitive.meta


def test_a_unit_runs_the_command_that_its_service_declares(rehearsed: Deployment) -> None:
    keystone = next(each for each in rehearsed.clusters[0].services if each.service == "keystone")
    (file,) = (each for each in keystone.declaration.files if each.path == "/etc/lab/units/keystone")

    assert "command='/usr/bin/uwsgi_python3 --ini" in file.content
    assert "user=keystone" in file.content
    assert "health='a=$(sed" in file.content
    assert file.mode == 0o600


def test_the_same_units_start_at_boot_as_on_machines(real: Deployment, rehearsed: Deployment) -> None:
    wanted, there = (desired(each, lambda _name: "x" * 32).machines["node1"] for each in (real, rehearsed))

    assert (there.units, there.not_at_boot, there.by_systemd) == (wanted.units, wanted.not_at_boot, wanted.by_systemd)
    assert {"haproxy", "keystone", "congress-api", "rabbitmq-server"} <= there.not_at_boot
    assert rehearsal.started_at_boot(rehearsed, "node1") == tuple(wanted.by_systemd) == ("rabbitmq-rejoin",)


def test_a_health_test_of_more_than_a_unit_does_not_say_when_the_unit_has_started(rehearsed: Deployment) -> None:
    database = next(each for each in rehearsed.clusters[0].services if each.service == "database")
    (unit,) = rehearsal.units(database.declaration)

    assert (unit.name, unit.health) == ("congress-galera-check", "")


def test_a_device_is_for_the_same_nodes(real: Deployment, rehearsed: Deployment) -> None:
    name = "fence-power-node2"

    assert _by_id(real)[name].parameters["ip"] == "10.0.0.212"
    assert "ip" not in _by_id(rehearsed)[name].parameters
    assert _by_id(rehearsed)[name].parameters["pcmk_host_list"] == "node2"


def test_a_strip_of_sockets_becomes_a_list_of_nodes() -> None:
    strip = Primitive("strip", "stonith:fence_apc", {"ip": "10.0.0.9", "pcmk_host_map": "node1:3;node2:4"})

    assert rehearsal._device(strip).parameters == {"pcmk_host_list": "node1 node2"}


def test_every_account_that_a_file_or_unit_belongs_to_is_made(rehearsed: Deployment) -> None:
    assert {"keystone", "congress", "rabbitmq"} <= rehearsal.accounts(rehearsed)
    text = script(rehearsal.accounts(rehearsed), Environments(Path("/a"), Path("/b")))

    assert "useradd --system --user-group --home-dir /var/lib/keystone" in text
    assert "ln -sfn /a/bin/congress-server /usr/local/bin/congress-server" in text


def test_programs_that_nodes_would_not_see_are_named_once() -> None:
    with TemporaryDirectory(dir="/tmp") as parent:  # noqa: S108 - each node has a /tmp of its own
        outer, inner, absent = Path(parent, "one"), Path(parent, "one", "inside"), Path(parent, "absent")
        (inner / "bin").mkdir(parents=True)
        assert {each for each in Environments(outer, inner).unseen() if parent in each} == {str(outer)}
        assert str(absent) not in Environments(absent, outer).unseen()
    assert "/usr" not in Environments(Path("/usr"), Path("/usr")).unseen()


def test_words_of_a_unit_mean_to_a_shell_what_they_were() -> None:
    unit = LabUnit("odd", "sh -c 'echo $HOME'", environment={"A": "it's"}, restart=True)

    assert unit.file().content.splitlines()[0] == "command='sh -c '\"'\"'echo $HOME'\"'\"''"
    assert "restart=yes" in unit.file().content
    assert [each.name for each in CLUSTER] == ["corosync", "pacemaker"]
