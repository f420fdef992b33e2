"""What the clusters of a laboratory say of themselves, asked of whichever node answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from congress.cluster.deployment import Cluster
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.pacemaker import reading
from congress.cluster.pacemaker.reading import Status

MONITOR = "crm_mon --one-shot --output-as=xml"
POLL = 1.0
IDLE = "S_IDLE"


@dataclass(frozen=True, slots=True)
class View:
    """One node's view. `coordinator`: the node that decides, with quorum; None: there is none."""

    asked: str
    coordinator: str | None
    status: Status

    @property
    def roles(self) -> Mapping[str, Mapping[str, str]]:
        """Resource -> node -> role, of what runs on nodes that are there."""
        found: dict[str, dict[str, str]] = {}
        for instance in self.status.live():
            found.setdefault(instance.resource, {})[instance.node] = instance.role
        return found

    @property
    def online(self) -> frozenset[str]:
        """Members that may run something."""
        return frozenset(name for name, node in self.status.nodes.items() if node.works)

    @property
    def failed(self) -> tuple[str, ...]:
        """Resources that Pacemaker believes failed or could not stop."""
        return tuple(sorted({each.resource for each in self.status.instances if each.failed or each.blocked}))


def view(laboratory: Laboratory, cluster: Cluster, but: Iterable[str] = ()) -> View | None:
    """How a cluster is, as a node with quorum sees it; None when none answers. `but`: nodes that are not asked."""
    without = frozenset(but)
    power = laboratory.ask("power")
    for node in cluster.nodes:
        if node.remote or node.name in without or power.get(node.name) != "on":
            continue
        try:
            told = laboratory.run(node.name, MONITOR, timeout=10.0)
        except LaboratoryError:
            continue
        if told.returncode == 0:
            found = _view(node.name, reading.parsed(told.stdout))
            if found.coordinator is not None:
                return found
    return None


def _view(asked: str, monitor: Element) -> View:
    coordinator = monitor.find("summary/current_dc")
    quorate = coordinator is not None and coordinator.get("with_quorum") == "true"
    name = coordinator.get("name") if coordinator is not None and quorate else None
    return View(asked, name, reading.status(monitor))


def at_rest(laboratory: Laboratory, seen: View) -> bool:
    """Whether the coordinator has nothing to do."""
    if seen.coordinator is None:
        return False
    told = laboratory.run(seen.asked, f"crmadmin --status={seen.coordinator}", timeout=5.0)
    return IDLE in told.stdout


def await_(is_so: Callable[[], bool], seconds: float, what: str, sleep: Callable[[float], None] = time.sleep) -> float:
    """Wait until something is so; answers how long it took. Raises LaboratoryError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise LaboratoryError(f"after {seconds:g} s it is still not so that {what}")
        sleep(POLL)
    return time.monotonic() - began
