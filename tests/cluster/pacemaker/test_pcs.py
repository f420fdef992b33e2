"""The configuration as commands."""

from __future__ import annotations

from typing import Any

from congress.cluster.pacemaker.pcs import commands
from congress.cluster.pacemaker.resources import Colocation, Configuration, FencingLevel, Group, Location, Order
from tests.cluster.pacemaker.configurations import NODES, fence, galera, service, single


def only(**parts: Any) -> str:
    (command,) = commands(Configuration(nodes=NODES, **parts))
    return command


def test_a_clone_is_a_resource_that_is_cloned() -> None:
    words = only(resources=(service("haproxy"),))
    assert words.startswith("pcs resource create haproxy systemd:haproxy op monitor interval=10s timeout=20s")
    assert words.endswith("clone haproxy-clone interleave=true")


def test_a_promotable_clone_says_how_many_are_promoted() -> None:
    words = only(resources=(galera(),))
    assert "promote timeout=300s on-fail=block" in words
    assert words.endswith("promotable galera-clone interleave=true ordered=true promoted-max=3")


def test_a_group_is_made_of_resources_that_are_there() -> None:
    made = commands(Configuration(nodes=NODES, resources=(Group("mount", (single("fs"), single("nfs"))),)))
    assert made[-1] == "pcs resource group add mount fs nfs"
    assert len(made) == 3


def test_constraints_have_the_words_of_pcs() -> None:
    promoted = Order("galera-clone", "keystone-clone", first_action="promote", require_all=False)
    assert only(constraints=(promoted,)) == (
        "pcs constraint order promote galera-clone then start keystone-clone kind=Mandatory require-all=false"
        " id=order-galera-clone-keystone-clone"
    )
    assert only(constraints=(Order("haproxy-clone", "keystone-clone", kind="Optional"),)) == (
        "pcs constraint order start haproxy-clone then start keystone-clone kind=Optional symmetrical=false"
        " id=order-haproxy-clone-keystone-clone"
    )
    assert only(constraints=(Colocation("vip", "redis-clone", with_role="Promoted"),)) == (
        "pcs constraint colocation add vip with Promoted redis-clone score=INFINITY id=colocation-vip-redis-clone"
    )
    assert only(constraints=(Location("vip", -1_000_000, "n1"),)) == "pcs constraint location vip avoids n1=INFINITY"
    assert only(constraints=(Location("vip", 100, "n1"),)) == "pcs constraint location vip prefers n1=100"
    assert only(constraints=(Location("nova", 0, attribute=("role", "compute"), discovery="exclusive"),)).endswith(
        "resource-discovery=exclusive score=0 role eq compute"
    )


def test_fencing_has_devices_and_levels() -> None:
    assert only(fencing=(fence("n1"),)).startswith("pcs stonith create fence-n1 fence_ipmilan pcmk_host_list=n1")
    assert only(levels=(FencingLevel("n1", 1, ("a", "b")),)) == "pcs stonith level add 1 n1 a b"


def test_values_with_blanks_are_quoted() -> None:
    assert only(properties={"cluster-name": "two words"}) == "pcs property set 'cluster-name=two words'"
