"""The planner, followed from state to state without machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import load, parse
from congress.cluster.plan.conditions import Runs, Standby
from congress.cluster.plan.desired import Desired, desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.memory import FORGET, MANAGER
from congress.cluster.plan.planner import plan
from congress.cluster.plan.state import ClusterState, Instance, State
from congress.cluster.plan.steps import Load, Remove, Script, Step, UnitAction, Write
from congress.cluster.services.registry import services

EXAMPLE = Path(__file__).parents[3] / "examples" / "small.yaml"


def secret(name: str) -> str:
    return f"the value of {name}"


@cache
def small() -> Desired:
    return desired(compose(load(EXAMPLE), services()), secret)


def changed(old: str, new: str, *, value: str = "the value of {}") -> Desired:
    text = EXAMPLE.read_text()
    assert old in text
    return desired(compose(parse(text.replace(old, new)), services()), value.format)


def after(steps: Iterable[Step], state: State | None = None) -> State:
    state = state or State()
    for step in steps:
        state = step.made(state)
    return state


@cache
def installed() -> State:
    return after(plan(small(), State()))


def names(steps: Iterable[Step]) -> list[str]:
    return [step.name for step in steps]


def position(steps: list[Step], name: str) -> int:
    return names(steps).index(name)


def test_nothing_is_left_to_do_after_the_end() -> None:
    assert list(plan(small(), installed())) == []


def test_a_plan_that_was_stopped_after_any_step_is_continued() -> None:
    steps = list(plan(small(), State()))
    state = State()
    for number, step in enumerate(steps):
        assert names(plan(small(), state)) == names(steps[number:])
        state = step.made(state)


def test_each_step_finds_what_it_presumes() -> None:
    state = State()
    for step in plan(small(), State()):
        for condition in step.before:
            assert condition.holds(state), f"{step.name}: {condition}"
        state = step.made(state)


def test_each_step_says_why_in_a_sentence() -> None:
    for step in plan(small(), State()):
        assert step.reason.endswith("."), step


def test_steps_have_different_names() -> None:
    found = names(plan(small(), State()))
    assert len(set(found)) == len(found)


def test_no_secret_is_in_a_plan() -> None:
    assert "the value of" not in repr([(step.actions, step.reason, step.name) for step in plan(small(), State())])


def test_fencing_comes_before_everything_that_would_be_fenced() -> None:
    loads = [action for step in plan(small(), State()) for action in step.actions if isinstance(action, Load)]
    assert loads[0].configuration.fencing
    assert loads[0].configuration.resources == ()
    assert loads[-1].configuration == small().deployment.clusters[0].configuration


def test_a_service_comes_in_when_its_tables_are_there() -> None:
    steps = list(plan(small(), State()))
    order = [
        "control: wait for database",
        "node1: schema keystone for keystone",
        "node1: keystone: tables",
        "control: bring in keystone",
        "control: wait for keystone",
        "control: bring in congress",
    ]
    positions = [position(steps, name) for name in order]
    assert positions == sorted(positions)


def test_an_address_waits_for_its_proxy() -> None:
    loads = [action for step in plan(small(), State()) for action in step.actions if isinstance(action, Load)]
    assert {resource.id for resource in loads[1].configuration.resources} == {
        "haproxy-clone",
        "vip-api",
        "vip-database",
    }


def test_a_changed_file_is_written_and_read_on_one_node_after_the_other() -> None:
    wanted = changed("max_connections: 1024", "max_connections: 2048")
    steps = list(plan(wanted, installed()))
    assert names(steps) == [
        "node1: write a file",
        "node2: write a file",
        "node3: write a file",
        "node1: restart: galera",
        "node2: restart: galera",
        "node3: restart: galera",
    ]
    (restart, *_) = (action for action in steps[3].actions if isinstance(action, Script))
    assert "--resource=galera-clone --node=node1" in restart.text


def test_a_restart_that_was_interrupted_is_done_again() -> None:
    wanted = changed("max_connections: 1024", "max_connections: 2048")
    steps = list(plan(wanted, installed()))
    state = after(steps[:4], installed())
    assert names(plan(wanted, state)) == ["node2: restart: galera", "node3: restart: galera"]


def test_the_next_node_restarts_only_when_the_one_before_works() -> None:
    wanted = changed("max_connections: 1024", "max_connections: 2048")
    state = after(list(plan(wanted, installed()))[:4], installed())
    broken = replace(state, working=state.working - {Instance("control", "database", "node1")})
    assert names(plan(wanted, broken)) == [
        "control: wait for database where it has read its files",
        "node2: restart: galera",
        "node3: restart: galera",
    ]


def test_a_new_node_begins_with_its_files_and_is_not_restarted() -> None:
    steps = names(plan(four(), installed()))
    assert not [step for step in steps if "restart: galera" in step]
    assert not [step for step in steps if step.startswith("node4: restart")]


def test_the_proxy_reads_again_without_losing_anybody() -> None:
    wanted = changed("api: {address: 10.0.0.100}", "api: {address: 10.0.0.99}")
    steps = list(plan(wanted, installed()))
    (reading,) = (step for step in steps if step.name == "node2: read its files again: haproxy")
    assert UnitAction("node2", "reload-or-restart", "haproxy") in reading.actions


def test_a_service_that_is_not_wanted_goes_with_its_files() -> None:
    wanted = changed("      congress:\n", "")
    steps = list(plan(wanted, installed()))
    *_, load_ = (action for step in steps for action in step.actions if isinstance(action, Load))
    assert load_.rest == "removed"
    assert "congress-api-clone" not in {resource.id for resource in load_.configuration.resources}
    final = after(steps, installed())
    assert "/etc/congress/congress.conf" not in final.node("node1").files
    (removal,) = (name for name in names(steps) if name.startswith("node1: remove"))
    assert position(steps, "control: take out what is not wanted") < position(steps, removal)
    assert list(plan(wanted, final)) == []


def with_fourth(text: str) -> str:
    return (
        text.replace("fencing:\n", "  node4:\n    addresses: {internal: 10.0.0.14}\nfencing:\n", 1)
        .replace(
            "# Addresses that",
            "  power-node4:\n    agent: fence_ipmilan\n    hosts: [node4]\n"
            "    parameters: {ip: 10.0.0.214, username: admin, lanplus: 1, password: {secret: power}}\n"
            "# Addresses that",
        )
        .replace("nodes: [node1, node2, node3]", "nodes: [node1, node2, node3, node4]")
    )


def four() -> Desired:
    return desired(compose(parse(with_fourth(EXAMPLE.read_text())), services()), secret)


def test_members_know_of_a_new_one_before_it_starts() -> None:
    steps = list(plan(four(), installed()))
    reloads = [position(steps, f"node{number}: let corosync read its files") for number in (1, 2, 3)]
    assert max(reloads) < position(steps, "node4: start the cluster manager")
    assert list(plan(four(), after(steps, installed()))) == []


def test_a_member_that_leaves_hands_over_before_it_stops_and_is_forgotten_last() -> None:
    grown = after(plan(four(), installed()), installed())
    steps = list(plan(small(), grown))
    order = [
        "node4: hand over",
        "node4: stop the cluster manager",
        "node4: forget the configuration",
        "node1: let corosync read its files",
        "control: forget node4",
    ]
    positions = [position(steps, name) for name in order]
    assert positions == sorted(positions)
    assert list(plan(small(), after(steps, grown))) == []


def test_a_member_that_is_off_is_forgotten_without_a_word_to_it() -> None:
    grown = after(plan(four(), installed()), installed())
    cluster = grown.cluster("control")
    dead = replace(
        grown.with_cluster("control", replace(cluster, online=cluster.online - {"node4"})),
        nodes={name: node for name, node in grown.nodes.items() if name != "node4"},
    )
    assert "node4" not in {step.name.split(":")[0] for step in plan(small(), dead)}


def test_a_former_member_keeps_no_configuration_and_no_keys() -> None:
    grown = after(plan(four(), installed()), installed())
    (step,) = (step for step in plan(small(), grown) if step.name == "node4: forget the configuration")
    removed = {action.path for action in step.actions if isinstance(action, Remove)}
    assert removed == {"/etc/corosync/corosync.conf", "/etc/corosync/authkey", "/etc/pacemaker/authkey"}
    assert step.actions[-1] == Script("node4", FORGET)
    ended = step.made(grown)
    assert not ended.node("node4").keeps
    assert not removed & set(ended.node("node4").files)


def test_a_newcomer_does_not_bring_the_configuration_of_another_cluster() -> None:
    state = installed()
    used = state.with_node("node4", replace(state.node("node4"), keeps=True))
    steps = list(plan(four(), used))
    assert position(steps, "node4: forget the configuration") < position(steps, "node4: start the cluster manager")
    assert "node4: forget the configuration" not in names(plan(four(), state))


def test_a_cluster_that_starts_again_as_a_whole_keeps_its_configuration() -> None:
    state = installed()
    for name in ("node1", "node2", "node3"):
        state = Runs(name, MANAGER, wanted=False).made(state)
    assert all(state.node(name).keeps for name in ("node1", "node2", "node3"))
    # Nobody is there to ask who is a member.
    asleep = state.with_cluster("control", ClusterState())
    steps = names(plan(small(), asleep))
    assert "node1: start the cluster manager" in steps
    assert not [name for name in steps if "forget" in name]


def test_the_last_member_cannot_hand_over() -> None:
    state = installed()
    cluster = state.cluster("control")
    alone = state.with_cluster(
        "control", replace(cluster, known=cluster.known | {"old"}, online=frozenset({"old"}), quorate=True)
    )
    with pytest.raises(PlanError, match="old is to leave, and none of the members that stay is online"):
        list(plan(small(), alone))


def test_every_prefix_of_growing_and_shrinking_is_continued() -> None:
    grown = after(plan(four(), installed()), installed())
    for wanted, start in ((four(), installed()), (small(), grown)):
        steps = list(plan(wanted, start))
        state = start
        for number, step in enumerate(steps):
            assert names(plan(wanted, state)) == names(steps[number:])
            state = step.made(state)


TWO_CLUSTERS = """\
name: cloud
architecture: segregated
networks: {internal: {cidr: 10.0.0.0/24}}
nodes:
  a1: {addresses: {internal: 10.0.0.11}}
  a2: {addresses: {internal: 10.0.0.12}}
  a3: {addresses: {internal: 10.0.0.13}}
  b1: {addresses: {internal: 10.0.0.21}}
  b2: {addresses: {internal: 10.0.0.22}}
  b3: {addresses: {internal: 10.0.0.23}}
virtual_ips:
  api: {address: 10.0.0.100}
secrets:
  default: {generated: 32}
clusters:
  a: {nodes: [a1, a2, a3], services: {loadbalancer: , memcached: }}
  b: {nodes: [b1, b2, b3], services: {messaging: }}
"""


def two(text: str) -> Desired:
    return desired(compose(parse(text), services()), secret)


def test_a_service_that_moves_is_there_before_it_goes_from_where_it_was() -> None:
    moved = TWO_CLUSTERS.replace(", memcached: ", "").replace("messaging: ", "messaging: , memcached: ")
    state = after(plan(two(TWO_CLUSTERS), State()))
    steps = list(plan(two(moved), state))
    order = ["b: bring in memcached", "b: wait for memcached", "a: take out what is not wanted"]
    assert [name for name in names(steps) if name in order or "remove" in name][:4] == [*order, "a1: remove 2 files"]
    for number, step in enumerate(steps):
        assert names(plan(two(moved), state)) == names(steps[number:])
        state = step.made(state)


def test_an_address_that_moves_goes_before_it_comes() -> None:
    moved = TWO_CLUSTERS.replace("loadbalancer: , memcached: ", "memcached: ").replace(
        "messaging: ", "messaging: , loadbalancer: "
    )
    state = after(plan(two(TWO_CLUSTERS), State()))
    steps = names(plan(two(moved), state))
    assert steps.index("a: take out what is not wanted") < steps.index("b: bring in loadbalancer")


def test_a_new_key_between_members_stops_all_of_them_in_maintenance() -> None:
    renewed = desired(small().deployment, lambda name: secret(name) + (" renewed" if "corosync" in name else ""))
    steps = list(plan(renewed, installed()))
    assert names(steps) == [
        "node1: write a file",
        "node2: write a file",
        "node3: write a file",
        "control: begin maintenance",
        "node1: stop the cluster manager",
        "node2: stop the cluster manager",
        "node3: stop the cluster manager",
        "node1: start the cluster manager",
        "node2: start the cluster manager",
        "node3: start the cluster manager",
        "control: members meet",
        "control: end maintenance",
    ]
    state = installed()
    for number, step in enumerate(steps):
        assert names(plan(renewed, state)) == names(steps[number:])
        state = step.made(state)


def test_a_new_password_of_a_service_reaches_the_database_before_the_service() -> None:
    renewed = desired(
        small().deployment, lambda name: secret(name) + (" renewed" if name == "keystone-database" else "")
    )
    state = installed()
    # The account cannot log in with the new one: that step is not done.
    state = replace(state, done=frozenset(step for step in state.done if step.name != "schema keystone for keystone"))
    steps = list(plan(renewed, state))
    assert position(steps, "node1: schema keystone for keystone") < position(steps, "node1: restart: keystone")


def test_a_unit_that_would_start_at_boot_is_left_to_pacemaker() -> None:
    state = installed()
    node = state.node("node2")
    drifted = state.with_node("node2", replace(node, at_boot=node.at_boot | {"haproxy"}))
    assert names(plan(small(), drifted)) == ["node2: leave units to Pacemaker"]


def test_a_file_that_somebody_edited_is_put_right_and_nobody_restarts() -> None:
    state = installed()
    node = state.node("node1")
    path = "/etc/memcached.conf"
    edited = {**node.files, path: node.files[path]._replace(digest="other")}
    drifted = state.with_node("node1", replace(node, files=edited))
    (step,) = plan(small(), drifted)
    assert [action.file.path for action in step.actions if isinstance(action, Write)] == [path]


def test_a_member_in_standby_is_left_there_and_nothing_is_expected_of_it() -> None:
    standby = Standby("control", "node2", wanted=True).made(installed())
    assert list(plan(small(), standby)) == []


def test_what_does_not_run_on_a_member_in_standby_is_not_restarted_there() -> None:
    standby = Standby("control", "node2", wanted=True).made(installed())
    steps = list(plan(changed("max_connections: 1024", "max_connections: 2048"), standby))
    assert names(steps)[-3:] == [
        "node1: restart: galera",
        "node2: note what galera will read",
        "node3: restart: galera",
    ]


def test_the_database_runs_on_while_it_learns_of_a_new_node() -> None:
    steps = names(plan(four(), installed()))
    first = steps.index("control: begin maintenance")
    assert steps[first : first + 3] == [
        "control: begin maintenance",
        "control: load what changed",
        "control: end maintenance",
    ]


def test_services_that_need_each_other_are_refused() -> None:
    deployment: Deployment = small().deployment
    (cluster,) = deployment.clusters
    circle = tuple(
        replace(placed, after=("congress",)) if placed.service == "database" else placed for placed in cluster.services
    )
    broken = replace(deployment, clusters=(replace(cluster, services=circle),))
    with pytest.raises(PlanError, match="services need each other in a circle: "):
        list(plan(desired(broken, secret), State()))
