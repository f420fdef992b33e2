"""Steps, and the actions that they consist of; a runner of steps needs to know these few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from congress.cluster.pacemaker.resources import Configuration
from congress.cluster.plan.conditions import Condition
from congress.cluster.plan.state import State
from congress.cluster.services.contract import File

Verb: TypeAlias = Literal["start", "stop", "restart", "reload-or-restart", "enable", "disable", "daemon-reload"]


@dataclass(frozen=True, slots=True)
class Install:
    node: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Put a file in place in one go; marks of secrets are filled on the way."""

    node: str
    file: File


@dataclass(frozen=True, slots=True)
class Remove:
    node: str
    path: str


@dataclass(frozen=True, slots=True)
class UnitAction:
    node: str
    verb: Verb
    unit: str


@dataclass(frozen=True, slots=True)
class Script:
    """Commands for `sh`, as a user; with marks of secrets, which never get into an argument of a command."""

    node: str
    text: str
    user: str = "root"
    timeout: float = 300.0


@dataclass(frozen=True, slots=True)
class Load:
    """Put a configuration into a running cluster, through one of its nodes. `rest`: what becomes of resources and
    constraints that are not in it."""

    node: str
    cluster: str
    configuration: Configuration
    rest: Literal["removed", "kept"] = "removed"


@dataclass(frozen=True, slots=True)
class Note:
    """Remember on the node which version of its files a reader has read."""

    node: str
    reader: str
    version: str


Action: TypeAlias = Install | Write | Remove | UnitAction | Script | Load | Note


@dataclass(frozen=True, slots=True)
class Step:
    """`name`: unique in a plan; `reason`: the sentence that says why it is done; `before`: what it presumes; `after`:
    what holds when it is done, within so many seconds. A step without actions waits."""

    name: str
    reason: str
    actions: tuple[Action, ...]
    before: tuple[Condition, ...]
    after: tuple[Condition, ...]
    within: float = 60.0

    def made(self, state: State) -> State:
        """What the state is when the step has succeeded."""
        for condition in self.after:
            state = condition.made(state)
        return state

    def is_done(self, state: State) -> bool:
        return all(condition.holds(state) for condition in self.after)
