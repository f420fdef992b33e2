"""The configuration as Pacemaker's XML."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from congress.cluster.pacemaker.cib import cib, cib_text, duration
from congress.cluster.pacemaker.resources import (
    Clone,
    Colocation,
    Configuration,
    FencingLevel,
    Group,
    Location,
    Operation,
    Order,
    Primitive,
)
from tests.cluster.pacemaker.configurations import NODES, fence, galera, operations, service, single, with_address


def everything() -> Configuration:
    """Each kind of resource and constraint once."""
    base = with_address(
        galera(),
        Clone("rabbitmq-clone", single("rabbitmq"), ordered=True, notify=True),
        Clone("scale-clone", Primitive("scale", "ocf:neutron:NeutronScale"), clone_max=3, globally_unique=True),
        service("keystone"),
        single("volume"),
        Group("mount", (single("fs"), single("nfs"))),
        Primitive("comp1", "ocf:pacemaker:remote", {"reconnect_interval": "60"}, operations(20.0)),
        service("compute"),
        constraints=(
            Order("galera-clone", "keystone-clone", first_action="promote"),
            Order("keystone-clone", "volume", kind="Optional"),
            Order("compute-clone", "volume", require_all=False),
            Colocation("mount", "galera-clone", with_role="Promoted"),
            Colocation("volume", "mount", -200),
            Location("compute-clone", 0, attribute=("role", "compute"), discovery="exclusive"),
        ),
    )
    return Configuration(
        nodes=base.nodes,
        resources=base.resources,
        constraints=base.constraints,
        fencing=(*base.fencing, Primitive("fence-comp1", "stonith:fence_apc", {"pcmk_host_list": "comp1"})),
        levels=(FencingLevel("comp1", 1, ("fence-comp1", "fence-n1")),),
        properties=base.properties,
        resource_defaults=base.resource_defaults,
        attributes={"comp1": {"role": "compute"}, "n1": {"role": "controller"}},
    )


@pytest.mark.parametrize("configuration", [with_address(), everything()], ids=["small", "everything"])
def test_pacemaker_accepts_what_is_generated(configuration: Configuration, tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    # Nodes that were never seen would be fenced first, about which crm_verify warns.
    properties = {**configuration.properties, "startup-fencing": "false"}
    path.write_text(cib_text(replace(configuration, properties=properties)))
    command = ["crm_verify", "-x", str(path), "-VVV"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    harmless = ("Blind faith", "Support for require-all", "Warnings found")
    assert [line for line in done.stderr.splitlines() if not any(text in line for text in harmless)] == []


def test_nodes_have_the_numbers_of_their_order() -> None:
    nodes = cib(with_address()).findall("configuration/nodes/node")
    assert [(node.get("id"), node.get("uname")) for node in nodes] == [("1", "n1"), ("2", "n2"), ("3", "n3")]


def test_a_remote_node_has_its_attributes_and_its_kind() -> None:
    remote = cib(everything()).find("configuration/nodes/node[@uname='comp1']")
    assert remote is not None
    assert remote.get("type") == "remote"
    assert remote.find("instance_attributes/nvpair[@name='role']") is not None


def test_what_waits_for_a_promotion_is_started_not_promoted() -> None:
    order = cib(everything()).find("configuration/constraints/rsc_order[@first='galera-clone']")
    assert order is not None
    assert (order.get("first-action"), order.get("then-action")) == ("promote", "start")


def test_an_attribute_chooses_nodes_by_a_rule() -> None:
    location = cib(everything()).find("configuration/constraints/rsc_location[@rsc='compute-clone']")
    assert location is not None
    assert location.get("score") is None
    expression = location.find("rule/expression")
    assert expression is not None
    assert (expression.get("attribute"), expression.get("value")) == ("role", "compute")


def test_times_are_whole_seconds_or_milliseconds() -> None:
    assert [duration(time) for time in (0, 10, 0.5, 1.25)] == ["0s", "10s", "500ms", "1250ms"]


def test_the_same_configuration_gives_the_same_text() -> None:
    assert cib_text(everything()) == cib_text(everything())


def test_a_device_needs_no_operations() -> None:
    device = Primitive("fence-x", "stonith:fence_xvm")
    root = cib(Configuration(nodes=NODES, fencing=(device, fence("n1"))))
    primitive = root.find("configuration/resources/primitive[@id='fence-x']")
    assert primitive is not None
    assert dict(primitive.attrib) == {"id": "fence-x", "class": "stonith", "type": "fence_xvm"}
    assert primitive.find("operations") is None


def test_a_role_and_what_to_do_on_failure_are_kept() -> None:
    blocked = Operation("promote", 300.0, on_fail="block")
    root = cib(Configuration(nodes=NODES, resources=(Primitive("db", "ocf:x:db", operations=(blocked,)),)))
    operation = root.find("configuration/resources/primitive/operations/op")
    assert operation is not None
    assert (operation.get("on-fail"), operation.get("timeout")) == ("block", "300s")
