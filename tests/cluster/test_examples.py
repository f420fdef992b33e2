"""The examples are good ones, and have all services."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from congress.cluster.checks.check import Subject
from congress.cluster.checks.registry import findings
from congress.cluster.compose import compose
from congress.cluster.model.loading import load
from congress.cluster.services.contract import Refused
from congress.cluster.services.registry import services

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
ALTERNATIVES = {"keepalived"}


def subject(example: Path) -> Subject:
    described = load(example)
    return Subject(described, compose(described, services()), services())


ACCEPTED = {"keepalived": {"CL071"}}
"""What an example shows though it is unwise."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_no_check_finds_anything(example: Path) -> None:
    accepted = ACCEPTED.get(example.stem, set())
    found = findings(subject(example))
    assert [str(finding) for finding in found if finding.check.code not in accepted] == []
    assert {finding.check.code for finding in found} == accepted


@pytest.mark.parametrize("name", ["collapsed", "segregated"])
def test_they_have_every_service_that_can_be_had(name: str) -> None:
    (example,) = (path for path in EXAMPLES if path.stem == name)
    found = {placed.service for _, placed in subject(example).placed()}
    wanted = {service for service, had in services().items() if not issubclass(had, Refused)} - ALTERNATIVES
    assert wanted - found == (set() if name == "collapsed" else {"clustermanager"})


def test_init_writes_the_small_one() -> None:
    (small,) = (path for path in EXAMPLES if path.stem == "small")
    assert files("congress.cluster.model").joinpath("example.yaml").read_text() == small.read_text()
