"""What is concluded about pairs of failures that are not tried alone: the same as Pacemaker says when it is asked."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from congress.cluster.pacemaker.resources import (
    INFINITY,
    Colocation,
    Configuration,
    Constraint,
    Location,
    Order,
    Resource,
)
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.proof import Proof, prove
from congress.cluster.verify.scenarios import title
from tests.cluster.pacemaker.configurations import fence, service, single

PAIR = ("n1", "n2")
"""Two nodes, of which each has quorum alone by a quorum device: the fewest pairs of failures."""


def cluster(resources: tuple[Resource, ...], *constraints: Constraint) -> Configuration:
    return Configuration(
        nodes=PAIR,
        resources=resources,
        constraints=constraints,
        fencing=tuple(fence(node) for node in PAIR),
        properties={"stonith-enabled": "true", "no-quorum-policy": "stop"},
    )


RIGHT = cluster(
    (service("base"), service("top"), service("beside"), single("volume")),
    Order("base-clone", "top-clone"),
    Colocation("top-clone", "base-clone"),
    Order("top-clone", "volume", kind="Optional"),
)
"""Two services, one on top of the other, one beside them, and a single one."""

WRONG = cluster((service("base"), service("beside"), single("volume")), Location("volume", -INFINITY, "n2"))
"""What is single may be on one node only, so that it is gone with that node, whatever else happens."""


LONG = [pytest.mark.long, pytest.mark.timeout(900)]


def proof(configuration: Configuration, *, every_pair: bool) -> Proof:
    expected = replace(expectations(configuration), quorum_device=True)
    return prove("control", expected, jobs=1, every_pair=every_pair)


def broken(found: Proof) -> set[str]:
    return {finding.code for verdict in found.broken for finding in verdict.findings}


@pytest.mark.parametrize("configuration", [pytest.param(RIGHT, marks=LONG), WRONG], ids=["right", "wrong"])
def test_nothing_is_concluded_that_pacemaker_does_not_say(configuration: Configuration) -> None:
    chosen, every = proof(configuration, every_pair=False), proof(configuration, every_pair=True)
    assert min(asdict(chosen.coverage).values()) > 0
    assert chosen.coverage.pairs == every.coverage.pairs
    assert broken(chosen) == broken(every)
    asked = {verdict.scenario: verdict.findings for verdict in every.verdicts}
    differ = [
        title(verdict.scenario)
        for verdict in chosen.verdicts
        if verdict.scenario in asked and verdict.findings != asked[verdict.scenario]
    ]
    assert differ == []
    alone = {verdict.scenario[0][0] for verdict in chosen.broken if sum(map(len, verdict.failing)) == 1}
    tried = {verdict.scenario for verdict in chosen.broken}
    unnoticed = [
        title(verdict.scenario)
        for verdict in every.broken
        if verdict.scenario not in tried and not any(event in alone for moment in verdict.scenario for event in moment)
    ]
    assert unnoticed == []
