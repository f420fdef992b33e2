"""Where a plan stands while it is made."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.plan.conditions import Condition
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Action, Step


class Following:
    """The state after the steps so far."""

    def __init__(self, desired: Desired, state: State) -> None:
        self.desired, self.state = desired, state

    def step(
        self,
        name: str,
        reason: str,
        *,
        actions: tuple[Action, ...] = (),
        before: tuple[Condition, ...] = (),
        after: tuple[Condition, ...],
        within: float = 60.0,
    ) -> Iterator[Step]:
        """The step, unless what it brings about is the case."""
        step = Step(name, reason, actions, before, after, within)
        if not step.is_done(self.state):
            yield step
            self.state = step.made(self.state)
