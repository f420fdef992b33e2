"""What Pacemaker's scheduler says that becomes of the cluster as it is now: the simulator, fed with the live state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from congress.cluster.deployment import Cluster
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.watching import View
from congress.cluster.pacemaker.cib import FEATURES
from congress.cluster.pacemaker.reading import parsed
from congress.cluster.verify.events import Event
from congress.cluster.verify.simulator import Simulator, State, scratch
from congress.cluster.verify.trial import Roles, roles

FEATURE_SET = "crm_feature_set"


def predicted(
    laboratory: Laboratory, cluster: Cluster, seen: View, courses: Sequence[Sequence[Sequence[Event]]]
) -> tuple[Roles, ...]:
    """Resource -> node -> role, at the end of each course of events, the cluster coming to rest between its moments.

    Raises LaboratoryError when the state cannot be read."""
    told = laboratory.run(seen.asked, "cibadmin --query", timeout=10.0)
    if told.returncode:
        raise LaboratoryError(f"{seen.asked} does not tell the state of the cluster: {told.stderr.strip()}")
    now = State(_readable(told.stdout), seen.status, "", frozenset(), quorate=True)
    with scratch() as directory:
        simulator = Simulator(cluster.configuration, Path(directory), quorum_device=cluster.quorum_device is not None)
        return tuple(roles(_end(simulator, now, course).status) for course in courses)


def _end(simulator: Simulator, state: State, course: Sequence[Sequence[Event]]) -> State:
    for events in course:
        state, _ = simulator.after(state, events)
    return state


def closest(ends: Sequence[Roles], found: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """How what was found differs from the predicted end that is most like it; nothing when it is one of them."""
    return min((differences(each, found) for each in ends), key=len)


def differences(expected: Roles, found: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """For people: what runs elsewhere, or otherwise, than was predicted."""
    return tuple(
        f"{resource}: predicted {_places(expected.get(resource, {}))}, found {_places(found.get(resource, {}))}"
        for resource in sorted({*expected, *found})
        if dict(expected.get(resource, {})) != dict(found.get(resource, {}))
    )


def _places(nodes: Mapping[str, str]) -> str:
    return ", ".join(f"{role} on {node}" for node, role in sorted(nodes.items())) or "nowhere"


def _readable(cib: str) -> str:
    """The simulator cannot inject events into states of a newer feature set than this."""
    return cib.replace(f'{FEATURE_SET}="{parsed(cib).get(FEATURE_SET)}"', f'{FEATURE_SET}="{FEATURES}"', 1)
