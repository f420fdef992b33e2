"""Descriptions that are wrong, each in one way: `tests/cluster/wrong`. All start from three machines with a proxy and a
database; `description` is merged into that (null takes away), `deployment` changes what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pytest
import yaml

from congress.cluster.checks.check import Subject
from congress.cluster.checks.registry import findings
from congress.cluster.compose import compose
from congress.cluster.deployment import Cluster, Deployment, Placed
from congress.cluster.model.loading import Described, parse
from congress.cluster.pacemaker.cib import cib_text
from congress.cluster.pacemaker.resources import Clone, Location, Order, Primitive, Resource
from congress.cluster.services.registry import services
from congress.cluster.verify.expectations import expectations_of
from congress.cluster.verify.page import page
from congress.cluster.verify.proof import prove
from congress.cluster.verify.report import text
from congress.cluster.verify.scenarios import title
from congress.cluster.verify.tools import tool_checks

ROOT = Path(__file__).parents[2]
WRONG = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(Path(__file__).parent.glob("wrong/*.yaml"))}
SMALLER: Mapping[str, Any] = {
    "clusters": {"control": {"services": {"messaging": None, "memcached": None, "keystone": None, "congress": None}}}
}


def merged(old: Any, change: Any) -> Any:
    """RFC 7396, but for a service that has no settings, whose value is null too."""
    if not isinstance(change, dict):
        return change
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def described(change: Mapping[str, Any]) -> Described:
    good = yaml.safe_load((ROOT / "examples/small.yaml").read_text())
    return parse(yaml.safe_dump(merged(merged(good, SMALLER), change), sort_keys=False))


def changed(deployment: Deployment, change: Mapping[str, Any]) -> Deployment:
    (cluster,) = deployment.clusters
    old = cluster.configuration
    constraints = [c for c in old.constraints if c.id not in change.get("drop", ())]
    constraints += [Order(**order) for order in change.get("order", ())]
    constraints += [Location(**location) for location in change.get("location", ())]
    configuration = replace(
        old,
        constraints=tuple(constraints),
        properties={**old.properties, **change.get("property", {})},
        resources=tuple(_resource(resource, change) for resource in old.resources),
    )
    placed = tuple(_placed(one, change) for one in cluster.services)
    cluster = replace(cluster, configuration=configuration, services=placed)
    return replace(deployment, clusters=(cluster,))


def _resource(resource: Resource, change: Mapping[str, Any]) -> Resource:
    if not isinstance(resource, Clone):
        return resource
    primitive = resource.primitive
    if primitive.id in change.get("unwatched", ()):
        primitive = _unwatched(primitive)
    return replace(resource, primitive=primitive, **change.get("clone", {}).get(resource.id, {}))


def _unwatched(primitive: Primitive) -> Primitive:
    return replace(primitive, operations=tuple(op for op in primitive.operations if op.name != "monitor"))


def _placed(placed: Placed, change: Mapping[str, Any]) -> Placed:
    listeners = []
    for listener in placed.declaration.listeners:
        values = dict(change.get("listener", {}).get(listener.name, {}))
        if "http" in values:
            listener = replace(listener, check=replace(listener.check, http=values.pop("http")))
        listeners.append(replace(listener, **values))
    resources = tuple(_resource(resource, change) for resource in placed.declaration.resources)
    declaration = replace(placed.declaration, listeners=tuple(listeners), resources=resources)
    return replace(placed, declaration=declaration)


def subject(wrong: Mapping[str, Any]) -> Subject:
    description = described(wrong.get("description", {}))
    deployment = changed(compose(description, services()), wrong.get("deployment", {}))
    return Subject(description, deployment, services())


def only(deployment: Deployment) -> Cluster:
    (cluster,) = deployment.clusters
    return cluster


def test_what_the_wrong_ones_start_from_is_right() -> None:
    whole = subject({})
    assert [str(finding) for finding in findings(whole) if finding.check.code != "CL044"] == []
    proof = prove("control", expectations_of(whole.deployment, only(whole.deployment)), jobs=1, double=False)
    assert [(title(verdict.failing), verdict.findings) for verdict in proof.broken] == []


@pytest.mark.parametrize("name", [name for name, wrong in WRONG.items() if "check" in wrong["caught"]])
def test_a_check_catches(name: str) -> None:
    wrong = WRONG[name]
    found = {finding.check.code for finding in findings(subject(wrong))}
    assert wrong["caught"]["check"] in found, wrong["note"]


@pytest.mark.parametrize("name", [name for name, wrong in WRONG.items() if "invariant" in wrong["caught"]])
def test_the_proof_shows_the_scenario_that_breaks(name: str) -> None:
    wrong = WRONG[name]
    caught = wrong["caught"]
    deployment = subject(wrong).deployment
    proof = prove("control", expectations_of(deployment, only(deployment)), jobs=1, double=False)
    shortest = proof.shortest(caught["invariant"])
    assert shortest is not None, wrong["note"]
    assert title(shortest.failing) == caught["scenario"]
    said = text([proof], ())
    assert f": {title(shortest.failing)}" in said
    shown = page(name, [proof], ())
    for finding in shortest.findings:
        assert f"    {finding.code} is broken: {finding.what}" in said.splitlines()
        assert escape(finding.what) in shown
    assert escape(title(shortest.failing)) in shown


@pytest.mark.parametrize("name", [name for name, wrong in WRONG.items() if "tool" in wrong["caught"]])
def test_a_tool_refuses(name: str) -> None:
    configuration = only(subject(WRONG[name]).deployment).configuration
    (check,) = tool_checks({"clusters/control/cib.xml": cib_text(configuration)})
    assert (check.tool, check.accepted) == (WRONG[name]["caught"]["tool"], False)


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 12
