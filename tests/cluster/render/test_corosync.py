"""Who is in a cluster, and what Corosync says about the file that says so."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from congress.cluster.compose import compose
from congress.cluster.deployment import Cluster
from congress.cluster.model.loading import parse
from congress.cluster.render import corosync
from congress.cluster.secrets import filled
from tests.cluster.stand_ins import DESCRIPTION, SERVICES, WITH_COMPUTES


def cluster(text: str = DESCRIPTION) -> Cluster:
    return compose(parse(text), SERVICES).clusters[0]


def test_corosync_accepts_it(tmp_path: Path) -> None:
    key, file = tmp_path / "authkey", tmp_path / "corosync.conf"
    key.write_text(filled(corosync.files(cluster())[0].content, lambda _: "0123456789abcdef"))
    text = corosync.configuration(cluster())
    file.write_text(
        text.replace("totem {", f"totem {{\n    keyfile: {key}", 1).replace("to_stderr: no", "to_stderr: yes")
    )
    # It wants to find itself among the nodes, by name and address.
    as_node = "hostname node1; ip link set lo up; ip address add 10.0.0.11 dev lo; exec corosync -t -c"
    command = ["unshare", "--net", "--uts", "sh", "-c", f"{as_node} {file}"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_remote_nodes_are_no_members() -> None:
    assert list(corosync.ids(cluster(WITH_COMPUTES))) == ["node1", "node2", "node3"]


def test_a_member_keeps_its_number_when_another_leaves() -> None:
    whole = cluster()
    first, _, third = whole.nodes
    assert corosync.ids(replace(whole, nodes=(first, third))) == {"node1": 1, "node3": 3}


def test_members_without_a_number_get_the_free_ones() -> None:
    whole = cluster()
    nodes = tuple(replace(node, id=number) for node, number in zip(whole.nodes, (0, 1, 0), strict=True))
    assert corosync.ids(replace(whole, nodes=nodes)) == {"node1": 2, "node2": 1, "node3": 3}


def test_two_networks_are_two_links() -> None:
    whole = cluster()
    nodes = tuple(replace(node, addresses={**node.addresses, "cluster": f"10.9.0.{node.id}"}) for node in whole.nodes)
    text = corosync.configuration(replace(whole, nodes=nodes))
    assert "ring0_addr: 10.9.0.2\n        ring1_addr: 10.0.0.12\n" in text


def test_a_third_vote_comes_from_a_device() -> None:
    assert "host: arbiter" in corosync.configuration(replace(cluster(), quorum_device="arbiter"))


def test_the_token_is_in_milliseconds() -> None:
    assert "    token: 1500\n" in corosync.configuration(replace(cluster(), token=1.5))
