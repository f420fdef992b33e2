"""One instance that fails is repaired alone.

In former deployments a failed keystone restarted all that was ordered after it on its node: three dozen resources.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.simulator import Simulator, State
from tests.cluster.services.descriptions import collapsed, composed

NODE = "control1"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, State]]:
    (cluster,) = composed(collapsed()).clusters
    simulator = Simulator(cluster.configuration, tmp_path_factory.mktemp("simulated"))
    yield simulator, simulator.cold_start()[0]


def touched(started: tuple[Simulator, State], resource: str, milliseconds: int) -> set[str]:
    """What Pacemaker starts, stops or moves when an instance is found dead."""
    simulator, state = started
    _, moment = simulator.after(state, (Event(Kind.MONITOR, NODE, resource, resource, milliseconds),))
    assert moment.settled
    return {
        step.resource
        for transition in moment.transitions
        for step in transition.steps
        if step.operation in ("start", "stop", "promote", "demote")
    }


def test_everything_starts(started: tuple[Simulator, State]) -> None:
    (cluster,) = composed(collapsed()).clusters
    running = {instance.resource for instance in started[1].status.instances}
    declared = {name for each in cluster.services for name in each.resources}
    assert {name.removesuffix("-clone") for name in declared} <= running


@pytest.mark.parametrize(
    ("resource", "milliseconds"),
    [
        ("haproxy", 2000),
        ("memcached", 5000),
        ("rabbitmq", 10000),
        ("keystone", 5000),
        ("nova-api", 5000),
        ("neutron-openvswitch-agent", 5000),
        ("congress-api", 5000),
    ],
)
def test_an_instance_is_repaired_alone(started: tuple[Simulator, State], resource: str, milliseconds: int) -> None:
    assert touched(started, resource, milliseconds) == {resource}


def test_a_database_takes_along_only_what_needs_it_on_its_node(started: tuple[Simulator, State]) -> None:
    assert touched(started, "galera", 5000) == {"galera", "keystone", "congress-api"}
