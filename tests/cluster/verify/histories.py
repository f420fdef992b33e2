"""Moments of imagined clusters, for what judges them."""

from __future__ import annotations

from congress.cluster.pacemaker.reading import Instance, NodeStatus, Simulated, Status, Step
from congress.cluster.verify.events import Event
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.simulator import Moment
from congress.cluster.verify.trial import Trial
from tests.cluster.pacemaker.configurations import NODES, service, with_address

CONFIGURATION = with_address(service("web"))


def status(*lost: str, **where: str) -> Status:
    """`where`: resource -> the nodes it runs on, with blanks; underscores are hyphens. `lost` nodes are unclean."""
    nodes = {name: NodeStatus(name, online=name not in lost, unclean=name in lost) for name in NODES}
    instances = [
        Instance(name.replace("_", "-"), node, "Started", name.replace("_", "-"))
        for name, places in where.items()
        for node in places.split()
    ]
    return Status(nodes, tuple(sorted(instances)))


def fenced(node: str, **where: str) -> Status:
    """The same, with a node that is certainly off."""
    whole = status(**where)
    return Status({**whole.nodes, node: NodeStatus(node, online=False)}, whole.instances)


GOOD = status(haproxy="n1 n2 n3", web="n1 n2 n3", vip_api="n1")


def do(*words: str) -> tuple[Step, ...]:
    """Steps from `start vip-api n2` or `fence n1`."""
    found = []
    for text in words:
        operation, *rest = text.split()
        if operation == "fence":
            found.append(Step("fence", "reboot", rest[0]))
        else:
            found.append(Step("action", operation, rest[1], rest[0]))
    return tuple(found)


def trial(
    steps: tuple[Step, ...],
    end: Status,
    *events: Event,
    quorate: bool = True,
    settled: bool = True,
    code: int = 0,
    before: tuple[Event, ...] = (),
) -> Trial:
    """One transition from undisturbed times."""
    errors = ("An invalid transition was produced",) if code else ()
    moment = Moment(events, quorate, GOOD, (Simulated(code, errors, GOOD, steps, end),), settled)
    return Trial(expectations(CONFIGURATION), GOOD, before, moment)
