"""Proofs of clusters as small as they can be, by Pacemaker's own scheduler."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from congress.cluster.pacemaker.resources import Configuration, Order, Primitive
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.page import page
from congress.cluster.verify.proof import Proof, prove
from congress.cluster.verify.report import as_json, text
from congress.cluster.verify.scenarios import title
from congress.cluster.verify.simulator import DoesNotStart
from tests.cluster.pacemaker.configurations import NODES, fence, galera, service, single, with_address

WAITS = with_address(single("volume"), constraints=(Order("haproxy-clone", "volume"),))


PAIR = ("n1", "n2")
"""Two nodes, of which each has quorum alone by a quorum device: the fewest pairs of failures."""


def proof(
    configuration: Configuration, directory: Path | None = None, *, double: bool = True, every_pair: bool = False
) -> Proof:
    expected = replace(expectations(configuration), quorum_device=configuration.nodes == PAIR)
    return prove("control", expected, jobs=1, directory=directory, double=double, every_pair=every_pair)


@pytest.fixture(scope="module")
def broken() -> Proof:
    return proof(WAITS, double=False)


def test_an_address_beside_a_proxy_survives_every_failure_and_every_two() -> None:
    found = proof(with_address(nodes=PAIR))
    assert [(title(verdict.failing), verdict.findings) for verdict in found.broken] == []
    assert found.coverage.same > 0


def test_pairs_that_were_left_out_would_have_been_answered_alike() -> None:
    apart = Configuration(
        nodes=PAIR,
        resources=(single("web"), single("volume")),
        fencing=tuple(fence(node) for node in PAIR),
        properties={"stonith-enabled": "true", "no-quorum-policy": "stop"},
    )
    chosen, every = proof(apart), proof(apart, every_pair=True)
    assert chosen.coverage.apart > 0
    assert len(every.verdicts) > len(chosen.verdicts)
    assert [title(verdict.failing) for verdict in (*chosen.broken, *every.broken)] == []


def test_promotions_happen_and_are_restored() -> None:
    order = Order("galera-clone", "web-clone", first_action="promote")
    found = proof(with_address(galera(), service("web"), constraints=(order,)), double=False)
    assert [(title(verdict.failing), verdict.findings) for verdict in found.broken] == []
    assert sum(instance.role == "Promoted" for instance in found.base.instances) == 3


def test_a_part_without_quorum_that_cannot_stop_is_found(broken: Proof) -> None:
    shortest = broken.shortest("I6")
    assert shortest is not None
    assert title(shortest.failing) == "n1 is lost and n2 is lost"
    assert {finding.code for finding in shortest.findings} == {"I4", "I6"}


def test_the_report_shows_the_scenario_step_by_step(broken: Proof) -> None:
    said = text([broken], ())
    assert "I6  BROKEN by" in said
    assert "1. n1 is lost and n2 is lost (no quorum is left)" in said
    assert said.rstrip().splitlines()[-1].startswith("NOT PROVEN")
    assert json.loads(json.dumps(as_json([broken], ())))["holds"] is False


def test_the_page_is_whole_and_has_pictures(broken: Proof) -> None:
    document = page("<cloud>", [broken], ())
    assert "<cloud>" not in document
    assert "<script" not in document
    assert "http" not in document.replace("http://www.w3.org/2000/svg", "")
    begin, end = document.index("<svg"), document.index("</svg>") + len("</svg>")
    picture = ElementTree.fromstring(document[begin:end])  # noqa: S314 - our own
    assert picture.tag.endswith("svg")


def test_nothing_is_tried_twice(tmp_path: Path) -> None:
    first = proof(with_address(), tmp_path, double=False)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text() + '["half a li')
    second = proof(with_address(), tmp_path, double=False)
    assert (first.cached, second.cached) == (0, len(first.verdicts))
    assert first.verdicts == second.verdicts


def test_another_configuration_is_tried_anew(tmp_path: Path) -> None:
    proof(with_address(nodes=PAIR), tmp_path, double=False)
    assert proof(with_address(service("web"), nodes=PAIR), tmp_path, double=False).cached == 0


def test_two_processes_find_what_one_finds() -> None:
    one = proof(with_address(), double=False)
    two = prove("control", expectations(with_address()), jobs=2, double=False)
    assert [(v.scenario, v.findings) for v in one.verdicts] == [(v.scenario, v.findings) for v in two.verdicts]


def test_a_configuration_that_starts_nothing_is_no_proof_of_anything() -> None:
    with pytest.raises(DoesNotStart):
        proof(Configuration(nodes=NODES, resources=(Primitive("web", "systemd:web"),)))
