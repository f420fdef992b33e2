"""What can happen to a cluster, as `crm_simulate` is told.

An event is told by arguments (`crm_simulate --help`, "Injection Options") or, where there are none, by a change of
the state file: https://clusterlabs.org/projects/pacemaker/doc/ has the format.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element

from congress.cluster.verify.states import (
    begins_anew,
    forget_failures,
    never_again,
    restore,
    set_attribute,
    set_property,
    without_fencing,
)

NOT_RUNNING, ERROR = 7, 1


class Kind(Enum):
    """Each with the sentence that tells it, of `{resource}` and `{node}`."""

    CRASH = "{node} is lost"
    STUCK = "{node} is lost and its fencing does not succeed"
    FENCING_WORKS = "fencing works again"
    LEAVE = "{node} leaves"
    STANDBY = "{node} is put into standby"
    BACK = "{node} comes back"
    MAINTENANCE = "the cluster is put into maintenance"
    NODE_MAINTENANCE = "{node} is put into maintenance"
    RESUME = "standby and maintenance end"
    MONITOR = "{resource} fails on {node}"
    STOP = "{resource} fails on {node} and cannot be stopped"
    START = "{resource} fails on {node} and cannot be started there again"
    PROMOTE = "{resource} fails on {node} and cannot be promoted there again"
    LATER = "enough time passes for the failure of {resource} to be forgotten"
    COLD = "all nodes start"


RESOURCE_KINDS = frozenset((Kind.MONITOR, Kind.STOP, Kind.START, Kind.PROMOTE))
TOLD = frozenset((Kind.CRASH, Kind.MONITOR, Kind.STOP, Kind.PROMOTE, Kind.COLD))
"""What arguments say, and no change of the state."""


@dataclass(frozen=True, slots=True)
class Event:
    """`interval`: of the monitor that notices, in milliseconds; `instance`: the resource with the number it has."""

    kind: Kind
    node: str = ""
    resource: str = ""
    instance: str = ""
    interval: int = 0

    def __str__(self) -> str:
        return self.kind.value.format(node=self.node, resource=self.resource)

    @property
    def lost(self) -> bool:
        """Whether the node is gone without a word."""
        return self.kind in (Kind.CRASH, Kind.STUCK)

    def arguments(self) -> tuple[str, ...]:
        """For `crm_simulate`."""
        match self.kind:
            case Kind.CRASH | Kind.STUCK:
                return ("-f", self.node)
            case Kind.LEAVE:
                return ("-d", self.node)
            case Kind.BACK:
                return ("-u", self.node)
            case Kind.MONITOR:
                return ("-i", self._result("monitor", self.interval, NOT_RUNNING))
            case Kind.STOP:
                fails = ("-F", self._result("stop", 0, ERROR))
                return ("-i", self._result("monitor", self.interval, ERROR), *fails)
            case Kind.START:
                return ("-i", self._result("start", 0, ERROR))
            case Kind.PROMOTE:
                fails = ("-F", self._result("promote", 0, ERROR))
                return ("-i", self._result("monitor", self.interval, NOT_RUNNING), *fails)
            case _:
                return ()

    def edit(self, state: Element, original: Element) -> None:
        """Change a `<cib>` where there is no argument. `original`: the `<configuration>` of undisturbed times."""
        match self.kind:
            case Kind.STANDBY:
                set_attribute(state, self.node, "standby")
            case Kind.NODE_MAINTENANCE:
                set_attribute(state, self.node, "maintenance")
            case Kind.MAINTENANCE:
                set_property(state, "maintenance-mode")
            case Kind.LATER:
                forget_failures(state, self.instance or self.resource)
            case Kind.START:
                never_again(state, self.node, self.instance or self.resource)
            case Kind.STUCK:
                without_fencing(state)
            case Kind.BACK:
                begins_anew(state, self.node)
            case Kind.RESUME | Kind.FENCING_WORKS | Kind.LEAVE:
                restore(state, original)
            case _:
                pass

    def _result(self, operation: str, interval: int, code: int) -> str:
        return f"{self.instance or self.resource}_{operation}_{interval}@{self.node}={code}"
