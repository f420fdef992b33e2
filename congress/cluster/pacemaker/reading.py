"""What Pacemaker's tools say in XML (`crm_mon`, `crm_simulate` with `--output-as=xml`) as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, ParseError, fromstring

from congress.errors import CongressError

ACTIVE = frozenset(("Started", "Promoted", "Unpromoted"))
STOPPED = "Stopped"


class UnreadableStatus(CongressError):
    """What a tool said is not the XML that it should be."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """`unclean`: it has to be fenced before anything else may use what it held."""

    name: str
    online: bool
    unclean: bool = False
    pending: bool = False
    standby: bool = False
    maintenance: bool = False
    remote: bool = False

    @property
    def works(self) -> bool:
        """Whether it may run anything now."""
        return self.online and not (self.unclean or self.pending or self.standby)

    @property
    def condition(self) -> str:
        if self.unclean:
            return "unclean"
        if not self.online:
            return "offline"
        for name in ("pending", "standby", "maintenance"):
            if getattr(self, name):
                return name
        return "online"


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """One instance of a primitive on one node. `name` has the number of a globally unique one, `scale:0`."""

    resource: str
    node: str
    role: str
    name: str
    failed: bool = False
    blocked: bool = False

    @property
    def active(self) -> bool:
        return self.role in ACTIVE


@dataclass(frozen=True, slots=True)
class Status:
    """A cluster at one moment. Instances that are stopped everywhere are not in `instances`."""

    nodes: Mapping[str, NodeStatus]
    instances: tuple[Instance, ...]

    def active_on(self, resource: str) -> tuple[str, ...]:
        """The nodes where the cluster believes the resource to run, lost nodes too, in order."""
        return tuple(sorted(i.node for i in self.instances if i.resource == resource and i.active))

    def live(self) -> Iterator[Instance]:
        """What runs on nodes that are there."""
        return (each for each in self._there() if each.active)

    def busy(self) -> frozenset[str]:
        """The nodes that are there and not empty: what is still being stopped there, or demoted, has processes."""
        return frozenset(each.node for each in self._there() if each.role != STOPPED)

    def _there(self) -> Iterator[Instance]:
        for instance in self.instances:
            node = self.nodes.get(instance.node)
            if node is not None and node.online and not node.unclean:
                yield instance


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a transition does, `operation` as in Pacemaker (start, stop, promote, demote, monitor, notify); or
    it fences `node`."""

    kind: Literal["action", "fence"]
    operation: str
    node: str
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What one call of `crm_simulate` did: 0 and no errors when the transition could be carried out."""

    code: int
    errors: tuple[str, ...]
    before: Status
    steps: tuple[Step, ...]
    after: Status


def parsed(text: str) -> Element:
    try:
        return fromstring(text)  # noqa: S314 - Pacemaker's own tools wrote it
    except ParseError as error:
        raise UnreadableStatus(f"no XML from Pacemaker's tool ({error}): {text[:200]!r}; is it installed?") from error


def simulated(text: str, code: int) -> Simulated:
    """The output of `crm_simulate -S --output-as=xml`."""
    root = parsed(text)
    before = root.find("cluster_status")
    after = root.find("revised_cluster_status")
    said = tuple(error.text or "" for error in root.iterfind("status/errors/error"))
    if before is None or after is None:
        raise UnreadableStatus(f"crm_simulate says no status: {'; '.join(said) or text[-300:]}")
    return Simulated(code, said, status(before), tuple(_steps(root)), status(after))


def status(element: Element) -> Status:
    """An element that has `nodes` and `resources` below it."""
    nodes = {node.name: node for node in map(_node, element.iterfind("nodes/node"))}
    return Status(nodes, tuple(sorted(_instances(element.find("resources")))))


def plain(name: str) -> str:
    """A resource's id without the number of the instance."""
    return name.partition(":")[0]


def _node(element: Element) -> NodeStatus:
    def flag(name: str) -> bool:
        return element.get(name) == "true"

    return NodeStatus(
        element.get("name", ""),
        online=flag("online"),
        unclean=flag("unclean"),
        pending=flag("pending"),
        standby=flag("standby") or flag("standby_onfail"),
        maintenance=flag("maintenance"),
        remote=element.get("type") == "remote",
    )


def _instances(resources: Element | None) -> Iterator[Instance]:
    for element in resources.iter("resource") if resources is not None else ():
        name = element.get("id", "")
        for node in element.iterfind("node"):
            yield Instance(
                resource=plain(name),
                node=node.get("name", ""),
                role=element.get("role", ""),
                name=name,
                failed=element.get("failed") == "true",
                blocked=element.get("blocked") == "true",
            )


def _steps(root: Element) -> Iterator[Step]:
    for element in root.iterfind("transition/*"):
        if element.tag == "fencing_action":
            yield Step("fence", element.get("op", ""), element.get("target", ""))
        elif element.tag == "rsc_action":
            resource = plain(element.get("resource", ""))
            yield Step("action", element.get("op", ""), element.get("node", ""), resource)
