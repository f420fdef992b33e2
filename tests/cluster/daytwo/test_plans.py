"""What is done to a control plane that runs, followed from state to state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from congress.cluster.daytwo import galera, rabbitmq, rolling
from congress.cluster.plan.conditions import Standby
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.planner import plan
from congress.cluster.plan.state import Instance, State
from congress.cluster.plan.steps import Script, Step
from tests.cluster.plan.test_plan import after, changed, installed, names, small

HISTORY = "6b3f0a8e-0000-11ef-8000-000000000001"

PLANS: dict[str, Callable[[State], Iterator[Step]]] = {
    "restart": lambda state: rolling.restart(small(), state, "keystone", "november"),
    "upgrade": lambda state: rolling.upgrade(small(), state, "november"),
    "maintain": lambda state: rolling.maintain(small(), state, "node2"),
}


@pytest.mark.parametrize("made", PLANS.values(), ids=PLANS)
def test_a_plan_that_was_stopped_after_any_step_is_continued(made: Callable[[State], Iterator[Step]]) -> None:
    state = installed()
    steps = list(made(state))
    assert steps
    for number, step in enumerate(steps):
        assert names(made(state)) == names(steps[number:])
        for condition in step.before:
            assert condition.holds(state), f"{step.name}: {condition}"
        state = step.made(state)
    assert list(made(state)) == []


def test_a_restart_goes_from_node_to_node() -> None:
    steps = list(rolling.restart(small(), installed(), "keystone", "november"))
    assert names(steps) == ["node1: restart keystone", "node2: restart keystone", "node3: restart keystone"]
    assert Script(
        "node2", "crm_resource --restart --resource=keystone-clone --node=node2 --timeout=300s", timeout=360.0
    ) in list(steps[1].actions)


def test_another_round_restarts_again() -> None:
    done = after(rolling.restart(small(), installed(), "keystone", "november"), installed())
    assert len(list(rolling.restart(small(), done, "keystone", "december"))) == 3


def test_nothing_is_restarted_while_another_instance_is_away() -> None:
    state = installed()
    away = replace(state, working=state.working - {Instance("control", "keystone", "node3")})
    first = next(rolling.restart(small(), away, "keystone", "november"))
    assert not all(condition.holds(away) for condition in first.before)


def test_a_service_that_is_nowhere_cannot_be_restarted() -> None:
    with pytest.raises(PlanError, match="there is no service 'heat'; there are congress, database"):
        list(rolling.restart(small(), installed(), "heat", "november"))


def test_a_node_is_upgraded_while_it_runs_nothing() -> None:
    steps = names(rolling.upgrade(small(), installed(), "november"))
    assert steps[:4] == ["node1: hand over", "node1: upgrade", "node1: take part again", "node2: hand over"]


def test_a_node_in_maintenance_comes_back() -> None:
    standby = after(rolling.maintain(small(), installed(), "node2"), installed())
    assert Standby("control", "node2", wanted=True).holds(standby)
    assert names(rolling.resume(small(), standby, "node2")) == ["node2: take part again"]


def test_a_name_that_nobody_has_is_told() -> None:
    with pytest.raises(PlanError, match="there is no node 'node9'; there are node1, node2, node3"):
        list(rolling.maintain(small(), installed(), "node9"))


def positions(*numbers: int) -> list[galera.Position]:
    return [galera.Position(f"node{n}", HISTORY, number, "grastate.dat") for n, number in enumerate(numbers, 1)]


def stopped() -> State:
    state = installed()
    return replace(state, working=frozenset(each for each in state.working if each.service != "database"))


def test_the_database_begins_where_the_last_write_is_and_shows_the_evidence() -> None:
    steps = list(galera.recover(small(), stopped(), positions(41, 43, 42)))
    assert names(steps) == ["node2: let the database begin here", "control: start the database"]
    assert steps[0].reason == (
        f"node2: write 43 of {HISTORY} (grastate.dat) has all that any node has "
        f"(node1: write 41 of {HISTORY} (grastate.dat); node3: write 42 of {HISTORY} (grastate.dat))."
    )
    assert list(galera.recover(small(), after(steps, stopped()), positions(41, 43, 42))) == []


def test_a_recovery_that_was_interrupted_goes_on() -> None:
    steps = list(galera.recover(small(), stopped(), positions(1, 2, 3)))
    state = steps[0].made(stopped())
    assert names(galera.recover(small(), state, positions(1, 2, 3))) == ["control: start the database"]


def test_a_silent_node_has_to_be_given_up_by_name() -> None:
    with pytest.raises(PlanError, match="node3 did not tell how far they came, and may have writes that no other"):
        list(galera.recover(small(), stopped(), positions(1, 2)))
    assert list(galera.recover(small(), stopped(), positions(1, 2), without=frozenset({"node3"})))


def test_different_histories_are_for_people() -> None:
    other = galera.Position("node3", HISTORY.replace("6", "7"), 99)
    with pytest.raises(PlanError, match="the nodes have different histories"):
        list(galera.recover(small(), stopped(), [*positions(1, 2), other]))


def test_a_server_that_runs_is_left_alone() -> None:
    with pytest.raises(PlanError, match="the server on node1 runs"):
        list(galera.recover(small(), stopped(), [galera.position("node1", "running\n"), *positions(0, 1, 2)[1:]]))


@pytest.mark.parametrize(
    ("told", "number", "source"),
    [
        (
            f"# GALERA saved state\nversion: 2.1\nuuid:    {HISTORY}\nseqno:   7\nsafe_to_bootstrap: 0\n",
            7,
            "grastate.dat",
        ),
        (
            f"uuid:    {HISTORY}\nseqno:   -1\nsafe_to_bootstrap: 0\n"
            f"2026-11-21  1:02:03 0 [Note] WSREP: Recovered position: {HISTORY}:42\n",
            42,
            "recovered by the storage engine",
        ),
        ("", -1, "nothing"),
    ],
)
def test_a_position_is_read_from_what_the_node_tells(told: str, number: int, source: str) -> None:
    found = galera.position("node1", told)
    assert (found.number, found.source) == (number, source)


def test_a_member_of_the_bus_joins_those_that_work() -> None:
    state = installed()
    away = replace(state, working=state.working - {Instance("control", "messaging", "node2")})
    (step,) = rabbitmq.rejoin(small(), away)
    assert step.name == "node2: join the message bus again"
    assert step.actions[1] == Script("node1", "rabbitmqctl -q forget_cluster_node rabbit@node2 || true")
    assert list(rabbitmq.rejoin(small(), step.made(away))) == []


def test_nobody_joins_a_bus_that_does_not_run() -> None:
    state = replace(installed(), working=frozenset())
    with pytest.raises(PlanError, match="no member of the message bus works"):
        list(rabbitmq.rejoin(small(), state))


def test_services_are_pointed_at_a_new_address_one_after_the_other() -> None:
    wanted = changed("database: {address: 10.0.0.101}", "database: {address: 10.0.0.102}")
    steps = names(plan(wanted, installed()))
    assert "control: load what changed" in steps
    order = [f"node{number}: restart: keystone" for number in (1, 2, 3)]
    assert [step for step in steps if step in order] == order
    assert list(plan(wanted, after(plan(wanted, installed()), installed()))) == []
