"""What is done to a control plane that runs, followed from state to state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from congress.cluster.daytwo import galera, rabbitmq, rolling
from congress.cluster.plan.conditions import Standby
from congress.cluster.plan.desired import Desired, desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.planner import plan
from congress.cluster.plan.state import FirstStep, Instance, State
from congress.cluster.plan.steps import Script, Step, UnitAction
from tests.cluster.plan.test_plan import after, changed, installed, names, secret, small


def replaced_secret(name: str) -> Desired:
    """The same deployment after one secret was renewed."""
    return desired(small().deployment, lambda each: f"another {each}" if each == name else secret(each))


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


def bus(*nodes: str, listed: tuple[str, ...] = ("node1", "node2", "node3")) -> State:
    """Only these members of the message bus work; and RabbitMQ counts on those that are listed."""
    state = installed()
    others = {each for each in state.working if each.service != "messaging"}
    working = frozenset(others | {Instance("control", "messaging", node) for node in nodes})
    cluster = replace(state.cluster("control"), listed={"messaging": frozenset(listed)})
    return replace(state, working=working).with_cluster("control", cluster)


def test_a_member_of_the_bus_comes_back_with_its_data() -> None:
    state = bus("node1", "node3")
    (step,) = rabbitmq.recover(small(), state)
    assert step.name == "node2: start its member of the message bus again"
    assert not any("forget" in action.text for action in step.actions if isinstance(action, Script))
    assert list(rabbitmq.recover(small(), step.made(state))) == []


def test_a_bus_that_stopped_everywhere_is_started_on_all_nodes_at_once() -> None:
    (step,) = rabbitmq.recover(small(), bus())
    assert [action.node for action in step.actions if isinstance(action, Script)] == [
        "node1",
        "node2",
        "node3",
        "node1",
    ]
    assert "force_boot" not in repr(step.actions)


def test_members_do_not_wait_for_one_that_is_given_up() -> None:
    steps = list(rabbitmq.recover(small(), bus(), without=frozenset({"node1"})))
    assert names(steps) == ["control: start the message bus", "control: give up the message bus's member on node1"]
    assert Script("node2", "rabbitmqctl -q force_boot") in steps[0].actions
    assert list(rabbitmq.recover(small(), after(steps, bus()), without=frozenset({"node1"}))) == []


def test_a_member_whose_data_are_lost_comes_back_as_a_new_one() -> None:
    given_up = frozenset({"node3"})
    steps = list(rabbitmq.recover(small(), bus("node1", "node2"), without=given_up, there=given_up))
    assert names(steps) == [
        "control: give up the message bus's member on node3",
        "node3: join the message bus as a new member",
    ]
    assert [action.node for action in steps[0].actions if isinstance(action, Script)] == ["node3", "node1"]


def test_a_member_that_works_is_not_given_up() -> None:
    with pytest.raises(PlanError, match="RabbitMQ on node3 works; leave --without node3 away"):
        list(
            rabbitmq.recover(
                small(),
                bus("node1", "node2", "node3"),
                without=frozenset({"node3"}),
                there=frozenset({"node3"}),
            )
        )


def test_somebody_has_to_be_left_of_the_bus() -> None:
    with pytest.raises(PlanError, match="all members of the message bus are given up"):
        list(rabbitmq.recover(small(), bus(), without=frozenset({"node1", "node2", "node3"})))
    with pytest.raises(PlanError, match="node9 is no member of the message bus; there are node1, node2, node3"):
        list(rabbitmq.recover(small(), bus(), without=frozenset({"node9"})))


def test_a_member_that_left_is_taken_out_by_a_step_of_its_own() -> None:
    state = bus("node1", "node2", "node3", listed=("node1", "node2", "node3", "node4"))
    (step,) = plan(small(), state)
    assert step.name == "control: take node4 out of messaging"
    (script,) = (action for action in step.actions if isinstance(action, Script))
    assert (script.node, script.text.splitlines()[0]) == ("node1", "NODE=node4")
    assert list(plan(small(), step.made(state))) == []


def test_a_node_that_is_to_leave_gives_its_replicas_back_while_it_runs() -> None:
    state = bus("node1", "node2", "node3", listed=("node1", "node2", "node3", "node4"))
    four = {"node1", "node2", "node3", "node4"}
    cluster = replace(state.cluster("control"), known=frozenset(four), online=frozenset(four))
    first = next(plan(small(), state.with_cluster("control", cluster)))
    assert first.name == "node4: hand over"
    texts = [action.text for action in first.actions if isinstance(action, Script)]
    assert ["drain" in text for text in texts] == [True, False]


def test_nobody_is_taken_out_of_a_bus_that_does_not_run() -> None:
    state = bus(listed=("node1", "node2", "node3", "node4"))
    steps = plan(small(), state)
    assert next(steps).name == "control: wait for messaging"


def test_another_cookie_is_read_by_all_members_at_once_and_in_maintenance() -> None:
    wanted = replaced_secret("messaging-cookie")
    steps = list(plan(wanted, installed()))
    order = [
        "control: begin maintenance",
        "control: restart all members of messaging at once: rabbitmq-cookie",
        "control: end maintenance",
    ]
    assert [name for name in names(steps) if name in order] == order
    together = next(step for step in steps if step.name == order[1])
    verbs = [action.verb for action in together.actions if isinstance(action, UnitAction)]
    assert verbs == ["stop"] * 3
    starts = [action.node for action in together.actions if isinstance(action, Script)]
    assert starts == ["node3", "node2", "node1"]
    assert list(plan(wanted, after(steps, installed()))) == []


def test_another_password_of_the_administrator_is_set_when_keystone_does_not_take_it() -> None:
    first = FirstStep("control", "keystone", "keystone: password of the administrator", "node1")
    state = replace(installed(), done=installed().done - {first})
    wanted = replaced_secret("keystone-admin")
    steps = list(plan(wanted, state))
    assert "node1: keystone: password of the administrator" in names(steps)
    (setting,) = (step for step in steps if step.name == "node1: keystone: password of the administrator")
    assert any("keystone works on" in str(condition) for condition in setting.before)
    assert list(plan(wanted, after(steps, state))) == []


def test_rotated_keys_are_written_and_restart_nobody() -> None:
    wanted = replaced_secret("keystone-fernet-staged-key")
    steps = names(plan(wanted, installed()))
    assert steps == [f"node{n}: write a file" for n in (1, 2, 3)]


def test_services_are_pointed_at_a_new_address_one_after_the_other() -> None:
    wanted = changed("database: {address: 10.0.0.101}", "database: {address: 10.0.0.102}")
    steps = names(plan(wanted, installed()))
    assert "control: load what changed" in steps
    order = [f"node{number}: restart: keystone" for number in (1, 2, 3)]
    assert [step for step in steps if step in order] == order
    assert list(plan(wanted, after(plan(wanted, installed()), installed()))) == []
