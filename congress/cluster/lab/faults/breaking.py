"""One fault, from a cluster at rest to a cluster at rest, with what clients saw in between."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.lab.clients.observation import Outage, outage
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.faults.catalogue import Blow, Fault
from congress.cluster.lab.faults.predicting import closest, predicted
from congress.cluster.lab.faults.scene import Scene
from congress.cluster.lab.faults.working import Clients, Kept
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.watching import POLL, View, at_rest, await_, view
from congress.cluster.services.contract import Mode
from congress.cluster.vault import Vault

UNDISTURBED = 3.0
"""Seconds of service before and after a fault."""
RECOVERED = 300.0


@dataclass(frozen=True, slots=True)
class Result:
    """One run. `began`: seconds since 1970; `load`: processes that wanted a processor then, of this machine.
    `redundant`: seconds until everything was there as before; None: it did not come to that. `otherwise`: how the end
    differs from the prediction. `minority`: writes that a side without a majority took. `discarded`: why nothing was
    broken, so that the run says nothing."""

    cluster: str
    fault: str
    began: float
    load: float
    told: str = ""
    outages: Mapping[str, Outage] = field(default_factory=dict)
    redundant: float | None = None
    otherwise: tuple[str, ...] = ()
    kept: Mapping[str, Kept] = field(default_factory=dict)
    minority: int = 0
    problem: str = ""
    discarded: str = ""

    def broken(self, promise: Mapping[str, float]) -> tuple[str, ...]:
        """The promises that were not kept, as sentences. `promise`: probe -> seconds from the first error to the last;
        no single outage may be longer either, of which late answers are a part."""
        seen = [(self.outages[probe], seconds) for probe, seconds in promise.items() if probe in self.outages]
        late = [
            f"{each.probe} had errors for {each.span:.1f} s, and the longest outage was {each.longest:.1f} s, "
            f"promised are {seconds:g} s"
            for each, seconds in seen
            if max(each.span, each.longest) > seconds
        ]
        lost = [f"{probe}: {kept}" for probe, kept in self.kept.items() if kept.lost != 0]
        more = [f"the side without a majority took {self.minority} writes"] if self.minority else []
        return (*late, *lost, *more, *([self.problem] if self.problem else []))


def scene_of(laboratory: Laboratory, deployment: Deployment, cluster: Cluster) -> Scene:
    """The cluster at rest, its old failures forgotten. Raises LaboratoryError."""
    first = view(laboratory, cluster)
    if first is None:
        raise LaboratoryError(f"no node of {cluster.name} has quorum; see `congress-cluster lab status`")
    laboratory.run(first.asked, "crm_resource --cleanup", timeout=60.0)

    def now() -> Scene:
        _rest(laboratory, cluster)
        seen = view(laboratory, cluster)
        assert seen is not None
        return Scene(laboratory, deployment, cluster, seen)

    # Who begins with less than everything learns nothing about a fault.
    await_(lambda: _everybody(scene := now()) and _healthy(scene), RECOVERED, f"everything in {cluster.name} works")
    return now()


def _everybody(scene: Scene) -> bool:
    members = {node.name for node in scene.cluster.nodes if not node.remote}
    return members <= scene.seen.online and not scene.seen.failed


def applies(fault: Fault, laboratory: Laboratory, cluster: Cluster) -> bool:
    """Whether a cluster has what the fault is about. Raises LaboratoryError when the cluster has no quorum."""
    seen = view(laboratory, cluster)
    if seen is None:
        raise LaboratoryError(f"no node of {cluster.name} has quorum; see `congress-cluster lab status`")
    return all(seen.roles.get(resource) for resource in fault.needs)


def broken(fault: Fault, laboratory: Laboratory, deployment: Deployment, vault: Vault, cluster: Cluster) -> Result:
    """Break it once. Only a run in which nothing was broken is discarded; its result says why."""
    began, load = time.time(), os.getloadavg()[0]
    with Clients(laboratory, deployment, vault) as clients:
        try:
            # Who is to be hit, as the writer, is known by its clients.
            scene = scene_of(laboratory, deployment, cluster)
            await_(lambda: bool(clients.probes), 60.0, "clients are served")
            time.sleep(UNDISTURBED)
            blow = fault.aim(scene)
            expected = predicted(laboratory, cluster, scene.seen, blow.courses)
            began = time.time()
            blow.do()
        except LaboratoryError as error:
            return Result(cluster.name, fault.name, began, load, discarded=str(error))
        redundant, taken, problem = _struck(scene, blow, began)
        time.sleep(UNDISTURBED)
        ended, attempts = time.time(), clients.attempts()
    now = view(laboratory, cluster)
    return Result(
        cluster.name,
        fault.name,
        began,
        load,
        blow.told,
        {name: outage(name, attempts, began, ended) for name in sorted({each.probe for each in attempts})},
        redundant,
        closest(expected, now.roles if now is not None else {}),
        clients.kept(),
        taken,
        "; ".join(each for each in (problem, clients.lone_messages() if redundant is not None else "") if each),
    )


def _struck(scene: Scene, blow: Blow, began: float) -> tuple[float | None, int, str]:
    """What follows a blow: after how long all was there again, how many writes a minority took, what is missing."""
    writes = _Writes(scene, blow)
    writes.start()
    later = threading.Timer(blow.after, blow.then) if blow.then is not None else None
    if later is not None:
        later.start()
    try:
        redundant, problem = _recovered(scene, blow, began)
        _rest(scene.laboratory, scene.cluster)
    except LaboratoryError as error:
        return None, writes.stop(), str(error)
    finally:
        if later is not None:
            later.join()
    return redundant, writes.stop(), problem


def _recovered(scene: Scene, blow: Blow, began: float) -> tuple[float | None, str]:
    """When everything was there as before, after the moment; or what is missing."""

    def whole() -> bool:
        seen = view(scene.laboratory, scene.cluster)
        return seen is not None and _missing(scene.seen, seen) == "" and _healthy(scene)

    # A monitor may need its interval to notice at all, and until then nothing is missing.
    _noticed(scene, blow)
    try:
        await_(whole, RECOVERED, "everything is there as before")
    except LaboratoryError as error:
        seen = view(scene.laboratory, scene.cluster)
        return None, f"{error}: {_missing(scene.seen, seen) if seen is not None else 'no quorum'}"
    return time.time() - began, ""


def _noticed(scene: Scene, blow: Blow, seconds: float = 20.0) -> None:
    """Wait until the cluster shows that something happened, or it is over already."""

    def shows() -> bool:
        seen = view(scene.laboratory, scene.cluster)
        return (
            seen is None or bool(seen.failed) or _missing(scene.seen, seen) != "" or not at_rest(scene.laboratory, seen)
        )

    deadline = time.monotonic() + seconds
    while not shows() and time.monotonic() < deadline:
        time.sleep(POLL / 2)


def _missing(before: View, seen: View) -> str:
    """What is not as it was, wherever it runs; empty when nothing."""
    away = sorted(before.online - seen.online)
    if away:
        return f"{', '.join(away)} not online"
    if seen.failed:
        return f"{', '.join(seen.failed)} failed"
    less = [
        resource
        for resource, nodes in before.roles.items()
        if Counter(nodes.values()) != Counter(seen.roles.get(resource, {}).values())
    ]
    return f"{', '.join(less)} not complete" if less else ""


def _healthy(scene: Scene) -> bool:
    """Whether every service passes its own test, on all of its nodes. Those that may take long are asked last, since
    asking them keeps from work whoever is still starting."""
    tests: dict[float, list[tuple[str, str, float]]] = {}
    for placed in scene.cluster.services:
        health = placed.declaration.health
        if health is not None and placed.mode is not Mode.ACTIVE_PASSIVE:
            tests.setdefault(health.timeout, []).extend((node, health.command, health.timeout) for node in placed.nodes)

    def passes(test: tuple[str, str, float]) -> bool:
        try:
            return scene.laboratory.run(*test).returncode == 0
        except LaboratoryError:
            return False

    with ThreadPoolExecutor(4) as threads:
        return all(all(threads.map(passes, tests[limit])) for limit in sorted(tests))


def _rest(laboratory: Laboratory, cluster: Cluster, seconds: float = 400.0) -> None:
    def resting() -> bool:
        seen = view(laboratory, cluster)
        return seen is not None and at_rest(laboratory, seen)

    await_(resting, seconds, f"{cluster.name} is at rest")


class _Writes:
    """Somebody who writes to the database of the side without a majority, from within."""

    def __init__(self, scene: Scene, blow: Blow) -> None:
        self._scene, self._node, self._seconds = scene, blow.cut, blow.after or float("inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.taken = 0

    def start(self) -> None:
        if self._node is not None and self._scene.has("galera"):
            self._thread.start()

    def stop(self) -> int:
        """How many were taken."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(30.0)
        return self.taken

    def _work(self) -> None:
        assert self._node is not None
        number, power, began = -1, True, time.monotonic()
        # What comes back later ends the minority.
        while power and time.monotonic() - began < self._seconds - MARGIN and not self._ended.is_set():
            statement = f"INSERT INTO lab.written (number) VALUES ({number})"  # noqa: S608
            try:
                told = self._scene.laboratory.run(self._node, f'timeout 5 mariadb -e "{statement}"', timeout=8.0)
            except LaboratoryError:
                return
            self.taken += told.returncode == 0
            number -= 1
            # The node that was cut off is switched off soon; afterwards it is no minority any more.
            power = number > -MANY and self._scene.laboratory.ask("power")[self._node] == "on"
            self._ended.wait(0.5)


MANY, MARGIN = 60, 8.0
