"""A description that is wrong is told with file, line, field and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cluster.errors import DescriptionError
from congress.cluster.model.loading import load, parse
from tests.cluster.stand_ins import DESCRIPTION


def refusal(text: str) -> list[str]:
    with pytest.raises(DescriptionError) as raised:
        parse(text)
    return [str(problem) for problem in raised.value.problems]


def changed(old: str, new: str) -> list[str]:
    assert old in DESCRIPTION
    return refusal(DESCRIPTION.replace(old, new, 1))


def test_a_good_description() -> None:
    description = parse(DESCRIPTION).description
    assert description.name == "cloud"
    assert [str(node.addresses["internal"]) for node in description.nodes.values()][-1] == "10.0.0.13"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match="cluster.yaml:1: the whole file: it cannot be read"):
        load(tmp_path / "cluster.yaml")


def test_a_missing_field_says_what_it_is_for() -> None:
    assert changed("name: cloud\n", "") == [
        "cluster.yaml:1: name: it is missing; add `name: ...` (The name of the control plane)"
    ]


def test_a_misspelt_field_is_told_with_the_nearest_one() -> None:
    assert changed("virtual_ips:", "virtual-ips:") == [
        "cluster.yaml:14: virtual-ips: there is no such field; write `virtual_ips`, or remove it"
    ]
    assert changed("host: rack2", "hots: rack2") == [
        "cluster.yaml:7: nodes.node2.hots: there is no such field; write `host`, or remove it"
    ]


def test_a_word_that_is_none_of_the_known() -> None:
    assert changed("collapsed", "flat") == [
        "cluster.yaml:2: architecture: 'flat' is not one of its words; write 'collapsed', 'segregated' or 'mixed'"
    ]


def test_what_is_no_address() -> None:
    (problem,) = changed("10.0.0.12}", "10.0.0.300}")
    assert problem.startswith("cluster.yaml:7: nodes.node2.addresses.internal: '10.0.0.300'")
    assert problem.endswith("write an address, as 10.0.0.11")


def test_an_address_outside_of_its_network() -> None:
    assert changed("10.0.0.12}", "10.0.1.12}") == [
        "cluster.yaml:7: nodes.node2.addresses.internal: 10.0.1.12 is not in 10.0.0.0/24; "
        "write an address of 10.0.0.0/24"
    ]


def test_a_network_with_bits_after_the_prefix() -> None:
    (problem,) = changed("10.0.0.0/24", "10.0.0.1/24")
    assert problem.startswith("cluster.yaml:4: networks.internal.cidr: '10.0.0.1/24'")
    assert problem.endswith("write a range of addresses, as 10.0.0.0/24; the bits after the prefix are 0")


def test_names_that_are_none() -> None:
    (problem,) = changed("  node2: {", "  Node_2: {")
    assert problem.startswith("cluster.yaml:7: nodes.Node_2: 'Node_2' is not a name as it is used here")


def test_a_secret_has_one_source() -> None:
    assert changed("{generated: 32}", "{generated: 32, file: x}") == [
        "cluster.yaml:18: secrets.default: a secret comes from one source; write one of environment, file and generated"
    ]


def test_names_that_name_nothing() -> None:
    assert changed("nodes: [node1, node2, node3]\n    services", "nodes: [node1, node2, nod3]\n    services") == [
        "cluster.yaml:23: clusters.control.nodes[2]: there is no node 'nod3'; write 'node3'",
        "cluster.yaml:8: nodes.node3: it is in no cluster; add it to a cluster's `nodes`, or remove it",
    ]


def test_a_node_is_in_one_cluster() -> None:
    problems = refusal(DESCRIPTION + "  other: {nodes: [node1], services: {agent: }}\n")
    assert problems == [
        "cluster.yaml:31: clusters.other.nodes[0]: 'node1' is already a member of 'control'; "
        "let each node be in one cluster, once"
    ]


def test_who_is_alone_is_no_remote_node() -> None:
    text = DESCRIPTION.replace("host: rack3}", "host: rack3, remote: true}").replace(
        "node2, node3]\n    ", "node2]\n    "
    )
    text = text.replace("hosts: [node1, node2]", "hosts: [node1, node2, node3]")
    assert refusal(text + "  other: {nodes: [node3], alone: true, services: {agent: }}\n") == [
        "cluster.yaml:31: clusters.other.nodes[0]: 'node3' is to be a cluster by itself, and cannot be remote there; "
        "write `remote: false` for it"
    ]


def test_a_device_has_to_switch_the_nodes_that_name_it() -> None:
    text = DESCRIPTION.replace("host: rack3}", "host: rack3, fencing: [[power]]}").replace(
        "hosts: [node1, node2, node3]", "hosts: [node1, node2]"
    )
    assert refusal(text) == [
        "cluster.yaml:8: nodes.node3.fencing[0][0]: the device 'power' does not switch 'node3'; "
        "add 'node3' to fencing.power.hosts"
    ]


def test_all_problems_are_told_at_once() -> None:
    text = DESCRIPTION.replace("collapsed", "flat").replace("host: rack1", "hots: rack1").replace("10.0.0.100", "here")
    assert [problem.split(":")[1] for problem in refusal(text)] == ["2", "6", "15"]


def test_a_list_is_a_list_and_a_mapping_a_mapping() -> None:
    (problem,) = changed("nodes: [node1, node2, node3]\n    services", "nodes: node1\n    services")
    assert problem == "cluster.yaml:23: clusters.control.nodes: 'node1' is no list; write [node1]"
    (problem,) = refusal(DESCRIPTION + "tls: on\n")
    assert problem == "cluster.yaml:31: tls: True is no mapping; write `key: value` lines, further to the right"
