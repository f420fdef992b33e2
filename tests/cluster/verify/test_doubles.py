"""What is concluded about pairs of failures that are not tried alone: the same as Pacemaker says when it is asked."""

from __future__ import annotations

from dataclasses import replace

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
from congress.cluster.verify.scenarios import Scenario, title
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

LATER_ONLY = cluster(
    (service("base"), service("top"), single("volume")),
    Order("base-clone", "top-clone"),
    Location("volume", -INFINITY, "n2"),
)
"""What is single may be on one node only; and what is on top may run where its base does not."""


def proof(configuration: Configuration, *, every_pair: bool) -> Proof:
    expected = replace(expectations(configuration), quorum_device=True)
    return prove("control", expected, jobs=1, every_pair=every_pair)


def broken(found: Proof) -> set[str]:
    return {finding.code for verdict in found.broken for finding in verdict.findings}


@pytest.mark.parametrize("configuration", [RIGHT, LATER_ONLY], ids=["right", "broken by two only"])
def test_nothing_is_concluded_that_pacemaker_does_not_say(configuration: Configuration) -> None:
    chosen, every = proof(configuration, every_pair=False), proof(configuration, every_pair=True)
    assert min(chosen.coverage.alike, chosen.coverage.apart) > 0
    assert chosen.coverage.bunched > 0 or configuration is not RIGHT
    assert chosen.coverage.pairs == every.coverage.pairs
    assert broken(chosen) == broken(every)
    asked = {verdict.scenario: verdict.findings for verdict in every.verdicts}
    differ = [
        title(verdict.scenario)
        for verdict in chosen.verdicts
        if verdict.scenario in asked and verdict.findings != asked[verdict.scenario]
    ]
    assert differ == []
    unfound = [scenario for scenario, findings in asked.items() if findings and not known(scenario, chosen)]
    assert [title(scenario) for scenario in unfound] == []


def known(scenario: Scenario, found: Proof) -> bool:
    """Whether something alike but for the name of the node is among what breaks something."""
    return shape(scenario) in {shape(verdict.scenario) for verdict in found.broken}


def shape(scenario: Scenario) -> object:
    return tuple(tuple(sorted((event.kind.name, event.resource) for event in moment)) for moment in scenario)
