"""The faults, and what is promised for each. A new one is one entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, permutations, product

from congress.cluster.lab.faults.scene import Scene
from congress.cluster.verify.events import Event, Kind

PROCESS = {"address": 8.0, "keystone": 3.0, "congress": 3.0, "login": 15.0, "database": 15.0}
"""Seconds without service after the death of a process. A login writes to the database, which may need longer."""
NODE = {"address": 8.0, "keystone": 15.0, "congress": 15.0, "login": 15.0, "database": 15.0}
"""The same after the death of a node, which is fenced before anything of it is started elsewhere."""
SITE = {"address": 180.0, "keystone": 180.0, "congress": 180.0, "login": 180.0, "database": 180.0}
"""The same while no majority has power, and until a cold start has ended after it is back."""
Course = tuple[tuple[Event, ...], ...]
"""Moments, one after the other; the cluster comes to rest between them."""


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault at its place. `do`: breaks it. `then`: what follows later, after so many seconds. `courses`: the same for
    the simulator, several where nobody knows who is back first. `cut`: the node whose side must serve no writes."""

    told: str
    do: Callable[[], None]
    courses: tuple[Course, ...]
    cut: str | None = None
    then: Callable[[], None] | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`aim`: where it happens in a cluster at rest. `promise`: probe -> seconds."""

    name: str
    title: str
    promise: Mapping[str, float]
    aim: Callable[[Scene], Blow]
    needs: tuple[str, ...] = ()
    """Resources without which it makes no sense."""


def _off(scene: Scene, node: str) -> Blow:
    return Blow(
        f"the power of {node} goes",
        lambda: scene.laboratory.ask("off", node),
        (_lost_and_back(node),),
    )


def _lost_and_back(node: str) -> Course:
    return ((Event(Kind.CRASH, node),), (Event(Kind.BACK, node),))


def _cut(scene: Scene) -> Blow:
    node = scene.holder(scene.address())
    return Blow(
        f"{node} is cut off from all networks",
        lambda: scene.laboratory.ask("cut", node),
        (_lost_and_back(node),),
        cut=node,
    )


def _kill(scene: Scene, resource: str, node: str) -> Blow:
    event = scene.killed(resource, node)
    return Blow(f"{resource} on {node} is killed", lambda: scene.kill(resource, node), (((event,),),))


def _both(one: Blow, other: Blow) -> Blow:
    def do() -> None:
        one.do()
        other.do()

    courses = tuple(
        ((*first[0], *second[0]), *first[1:], *second[1:]) for first in one.courses for second in other.courses
    )
    return Blow(f"{one.told}, and {other.told}", do, courses)


def _power_cut(scene: Scene, gone: tuple[str, ...], seconds: float, cut: str | None = None) -> Blow:
    """Several nodes lose their power at one time, which comes back for all of them."""

    def do() -> None:
        for node in gone:
            scene.laboratory.ask("off", node)

    def back() -> None:
        for node in gone:
            scene.laboratory.ask("on", node)

    crash = tuple(Event(Kind.CRASH, node) for node in gone)
    told = f"the power of {' and '.join(gone)} goes, and comes back after {seconds:g} s"
    courses = tuple((crash, *arrival) for arrival in _arrivals(gone, len(scene.cluster.nodes)))
    return Blow(told, do, courses, cut=cut, then=back, after=seconds)


def _arrivals(gone: tuple[str, ...], members: int) -> Iterator[Course]:
    """The orders in which nodes may come back: all at one time, or first so many that there is quorum."""
    yield (tuple(Event(Kind.BACK, node) for node in gone),)
    needed = members // 2 + 1 - (members - len(gone))
    for early in combinations(gone, needed):
        late = [node for node in gone if node not in early]
        for order in permutations(late):
            yield tuple(Event(Kind.BACK, node) for node in early), *((Event(Kind.BACK, node),) for node in order)


def _two_off(scene: Scene) -> Blow:
    stays = scene.holder(scene.address())
    return _power_cut(scene, scene.others(stays), 20.0, cut=stays)


def _off_unfenced(scene: Scene) -> Blow:
    node = scene.holder(scene.address())

    def do() -> None:
        for name in scene.laboratory.nodes:
            scene.laboratory.ask("deaf", name)
        scene.laboratory.ask("off", node)

    def back() -> None:
        for name in scene.laboratory.nodes:
            scene.laboratory.ask("hearing", name)

    return Blow(
        f"the power of {node} goes while nobody reaches the power switch",
        do,
        tuple(_without_switch(scene, node)),
        then=back,
        after=15.0,
    )


def _without_switch(scene: Scene, node: str) -> Iterator[Course]:
    """What a node's loss leads to while nobody reaches the switch: its fencing waits, which changes no end, but a
    device that ran there starts nowhere else, and may return to no node but that one. The same happens to a device
    that another node asks for its health just then, or it starts at the next node when the switch is back; nobody knows
    of which that is so."""
    survivors = scene.others(node)
    ran = {device.id: tuple(scene.seen.roles.get(device.id, {})) for device in scene.cluster.configuration.fencing}
    lost = [device for device, nodes in ran.items() if node in nodes]
    rest = [device for device, nodes in ran.items() if nodes and node not in nodes]
    waiting = tuple(Event(Kind.START, other, device) for device in lost for other in survivors)
    ends = (
        ((), *(tuple(Event(Kind.START, each, device) for each in nodes) for nodes in (survivors, ran[device])))
        for device in rest
    )
    for chosen in product(*ends):
        failed = (*waiting, *chain.from_iterable(chosen))
        course: Course = (failed, (Event(Kind.CRASH, node),), (Event(Kind.BACK, node),))
        yield tuple(moment for moment in course if moment)


def _address_node(scene: Scene) -> str:
    return scene.holder(scene.address())


def faults() -> tuple[Fault, ...]:
    """All of them, from small to large."""
    return (
        Fault(
            "haproxy",
            "proxy killed",
            PROCESS,
            lambda scene: _kill(scene, "haproxy", _address_node(scene)),
            ("haproxy",),
        ),
        Fault("keystone", "keystone killed", PROCESS, lambda s: _kill(s, "keystone", _address_node(s)), ("keystone",)),
        Fault(
            "engine", "engine killed", PROCESS, lambda s: _kill(s, "congress-api", _address_node(s)), ("congress-api",)
        ),
        Fault(
            "driver-node",
            "driver node killed",
            PROCESS,
            lambda s: _kill(s, "congress-datasource", s.holder("congress-datasource")),
            ("congress-datasource",),
        ),
        Fault("database", "writer killed", PROCESS, lambda scene: _kill(scene, "galera", scene.writer()), ("galera",)),
        Fault(
            "messaging",
            "broker killed",
            PROCESS,
            lambda s: _kill(s, "rabbitmq", s.holder("rabbitmq")),
            ("rabbitmq",),
        ),
        Fault("node-off", "node with the address off", NODE, lambda scene: _off(scene, _address_node(scene))),
        Fault("writer-off", "node with the writer off", NODE, lambda s: _off(s, s.writer()), ("galera",)),
        Fault("cut", "node with the address cut off", NODE, _cut),
        Fault(
            "proxy-and-writer",
            "proxy and writer killed",
            {**PROCESS, "keystone": 15.0, "congress": 15.0},
            lambda s: _both(_kill(s, "haproxy", _address_node(s)), _kill(s, "galera", s.writer())),
            ("haproxy", "galera"),
        ),
        Fault(
            "node-and-keystone",
            "node off, keystone of another killed",
            NODE,
            lambda s: _both(_off(s, _address_node(s)), _kill(s, "keystone", s.others(_address_node(s))[0])),
            ("keystone",),
        ),
        Fault(
            "unfenced",
            "node off, power switch away for 15 s",
            {**NODE, "address": 30.0, "keystone": 30.0, "congress": 30.0, "login": 30.0, "database": 30.0},
            _off_unfenced,
        ),
        Fault("two-off", "two nodes off for 20 s", SITE, _two_off),
        Fault("site-off", "all nodes off for 10 s", SITE, lambda s: _power_cut(s, s.others(), 10.0)),
    )
