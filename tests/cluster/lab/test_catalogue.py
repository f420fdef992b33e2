"""What is done to a cluster, and what the scheduler is told of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from congress.cluster.lab.faults.catalogue import Blow, faults
from congress.cluster.verify.events import Event, Kind

NODES = ("a", "b", "c")


class Imagined:
    """A scene in which a has the address, and what is asked of the switch is only noted."""

    cluster = SimpleNamespace(
        nodes=[SimpleNamespace(name=name) for name in NODES],
        configuration=SimpleNamespace(fencing=[SimpleNamespace(id=f"fence-{name}") for name in NODES[:2]]),
    )
    seen = SimpleNamespace(roles={"fence-a": {"a": "Started"}, "fence-b": {"b": "Started"}})

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.laboratory = SimpleNamespace(ask=lambda *words: self.asked.append(words), nodes=NODES)

    def address(self) -> str:
        return "vip-api"

    def holder(self, resource: str) -> str:
        return "a"

    def others(self, *nodes: str) -> tuple[str, ...]:
        return tuple(name for name in NODES if name not in nodes)

    def killed(self, resource: str, node: str) -> Event:
        return Event(Kind.MONITOR, node, resource)

    def kill(self, resource: str, node: str) -> None:
        self.asked.append(("kill", resource, node))


def _blow(name: str, scene: Any) -> Blow:
    (fault,) = (fault for fault in faults() if fault.name == name)
    return fault.aim(scene)


def _told(blow: Blow) -> list[str]:
    return ["; ".join(" and ".join(map(str, moment)) for moment in course) for course in blow.courses]


def test_power_of_a_site_comes_back_in_any_order_that_gives_quorum() -> None:
    scene = Imagined()
    blow = _blow("site-off", scene)
    lost = "a is lost and b is lost and c is lost"

    assert _told(blow) == [
        f"{lost}; a comes back and b comes back and c comes back",
        f"{lost}; a comes back and b comes back; c comes back",
        f"{lost}; a comes back and c comes back; b comes back",
        f"{lost}; b comes back and c comes back; a comes back",
    ]
    blow.do()
    assert blow.then is not None
    blow.then()
    assert scene.asked == [("off", name) for name in NODES] + [("on", name) for name in NODES]


def test_of_two_that_come_back_either_may_be_first_and_the_third_takes_no_writes_meanwhile() -> None:
    blow = _blow("two-off", Imagined())

    assert blow.cut == "a"
    assert _told(blow) == [
        "b is lost and c is lost; b comes back and c comes back",
        "b is lost and c is lost; b comes back; c comes back",
        "b is lost and c is lost; c comes back; b comes back",
    ]


def test_two_faults_at_one_time_are_one_moment() -> None:
    scene = Imagined()
    blow = _blow("node-and-keystone", scene)

    assert _told(blow) == ["a is lost and keystone fails on b; a comes back"]
    blow.do()
    assert scene.asked == [("off", "a"), ("kill", "keystone", "b")]


def test_a_device_of_a_lost_node_starts_nowhere_while_nobody_reaches_the_switch_and_any_other_may_fail_there() -> None:
    scene = Imagined()
    blow = _blow("unfenced", scene)

    def banned(device: str, *nodes: str) -> str:
        return " and ".join(f"{device} fails on {node} and cannot be started there again" for node in nodes)

    assert _told(blow) == [
        f"{banned('fence-a', 'b', 'c')}; a is lost; a comes back",
        f"{banned('fence-a', 'b', 'c')} and {banned('fence-b', 'b', 'c')}; a is lost; a comes back",
        f"{banned('fence-a', 'b', 'c')} and {banned('fence-b', 'b')}; a is lost; a comes back",
    ]
    blow.do()
    assert blow.then is not None
    blow.then()
    assert scene.asked == [*(("deaf", name) for name in NODES), ("off", "a"), *(("hearing", name) for name in NODES)]
