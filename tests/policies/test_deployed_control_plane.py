"""The policy over clusters, over what congress-cluster deploys: whole it has nothing to report, and each failure what
was lost. Pacemaker's scheduler says what becomes of the clusters."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.cluster.compose import compose
from congress.cluster.model.loading import load
from congress.cluster.services.registry import services
from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.simulator import Simulator, State
from congress.datasources.pacemaker import (
    CONFIGURATION_COMMAND,
    CONFIGURATION_FILE,
    STATUS_COMMAND,
    STATUS_FILE,
    PacemakerDriver,
)
from tests.policies.clouds import workspace_with

EXAMPLES = Path(__file__).parents[2] / "examples"
POLICY = "ControlPlaneCluster"


class Control:
    """The cluster of an example that has congress."""

    def __init__(self, example: str, directory: Path) -> None:
        deployment = compose(load(EXAMPLES / f"{example}.yaml"), services())
        (self.cluster,) = (
            each for each in deployment.clusters if any(placed.service == "congress" for placed in each.services)
        )
        self.simulator = Simulator(self.cluster.configuration, directory)
        self.started = self.simulator.cold_start()[0]
        self._directory = directory

    def found(self, state: State) -> tuple[set[Any], set[Any]]:
        """Errors and warnings, without the name of the cluster."""
        cib = self._directory / "state.xml"
        # A simulated cluster has nobody who coordinates it.
        cib.write_text(state.text.replace("<cib ", '<cib dc-uuid="1" ', 1))
        for command, file in ((STATUS_COMMAND, STATUS_FILE), (CONFIGURATION_COMMAND, CONFIGURATION_FILE)):
            env = {**os.environ, "CIB_file": str(cib)}
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=env)  # noqa: S603
            (self._directory / file).write_text(done.stdout)
        driver = PacemakerDriver("pacemaker", {"clusters": f"c={self._directory}"})
        workspace = workspace_with(POLICY, {})
        with workspace.transaction() as change:
            for group in driver.groups():
                for table, rows in driver.fetch(group).items():
                    change.replace_rows("pacemaker", table, rows)
        errors, warnings = ({row[1:] for row in workspace.rows(POLICY, table)} for table in ("error", "warning"))
        return errors, warnings

    def after(self, *events: Event) -> tuple[set[Any], set[Any]]:
        return self.found(self.simulator.after(self.started, events)[0])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    yield Control("small", tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("example", ["small", "collapsed", "segregated"])
def test_nothing_is_wrong_with_an_example_that_has_come_up(example: str, tmp_path: Path) -> None:
    control = Control(example, tmp_path)
    assert control.found(control.started) == (set(), set())


def test_what_becomes_of_one_node_is_all_there_is_to_report(small: Control) -> None:
    lost = {("node2", "is lost")}
    assert small.after(Event(Kind.CRASH, "node2")) == (lost, set())
    assert small.after(Event(Kind.LEAVE, "node2")) == (lost, set())
    assert small.after(Event(Kind.STANDBY, "node2")) == (set(), {("node2", "is in standby")})
    maintained = ("node2", "is in maintenance, what it runs is not recovered")
    assert small.after(Event(Kind.NODE_MAINTENANCE, "node2")) == (set(), {maintained})


def test_a_node_that_cannot_be_fenced_keeps_what_it_has(small: Control) -> None:
    errors, _ = small.after(Event(Kind.STUCK, "node2"))
    assert ("node2", "has to be fenced, until then nothing of it is taken over") in errors


def test_a_failed_instance_is_reported_when_it_does_not_come_back(small: Control) -> None:
    failure = ("node2", "haproxy", "haproxy", 2000)
    assert small.after(Event(Kind.MONITOR, *failure)) == (set(), set())
    redundancy = ("haproxy", "has lost its redundancy, it does not work on node2")
    assert small.after(Event(Kind.START, *failure)) == ({redundancy}, set())


def test_a_node_without_the_others_is_without_quorum_and_alone(small: Control) -> None:
    errors, warnings = small.after(Event(Kind.CRASH, "node1"), Event(Kind.CRASH, "node2"))
    assert {
        ("c", "has no quorum, so it may not act"),
        ("node3", "is the only member that is usable, nothing stands by"),
        ("node1", "is lost"),
        ("node2", "is lost"),
    } <= errors
    assert {what for _, what in errors if "redundancy" in what or "nowhere" in what} == set()
    assert warnings == set()
