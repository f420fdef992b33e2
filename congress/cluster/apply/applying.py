"""Carrying out a plan: a step begins when what it presumes is the case, and ends when what it should bring about is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from congress.cluster.apply.doing import do, without_secrets
from congress.cluster.apply.errors import ApplyError
from congress.cluster.apply.observing import Observer
from congress.cluster.apply.runner import Runner
from congress.cluster.plan.conditions import Condition
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.planner import plan
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step

POLL = 1.0


@dataclass(frozen=True, slots=True)
class Applied:
    """A step that succeeded, and the seconds that it took."""

    step: Step
    seconds: float


class Applying:
    """One way to the machines. `absent`: nodes that are given up for now; `clock` and `sleep`: for tests."""

    def __init__(
        self,
        desired: Desired,
        runner: Runner,
        *,
        absent: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.desired, self.runner = desired, runner
        self._observer = Observer(desired, runner, absent)
        self._clock, self._sleep = clock, sleep

    def state(self) -> State:
        """What is now. Raises ApplyError when a node cannot be reached."""
        return self._observer.whole()

    def plan(self) -> tuple[Step, ...]:
        """What would be done now."""
        return tuple(plan(self.desired, self.state()))

    def apply(self) -> Iterator[Applied]:
        """Do it, and tell of each step when it has succeeded. Raises ApplyError at the first one that does not; what
        was done stays, and applying again goes on from there."""
        state = self.state()
        yield from self.carry_out(plan(self.desired, state), state)

    def carry_out(self, steps: Iterable[Step], state: State) -> Iterator[Applied]:
        """Do these steps, which begin at this state."""
        for step in steps:
            began = self._clock()
            state = self._step(step, state)
            yield Applied(step, self._clock() - began)

    def _step(self, step: Step, state: State) -> State:
        # What an earlier step brought about was looked at then; only what is missing is looked at again.
        state, missing = self._look(state, [each for each in step.before if not each.holds(state)])
        if missing:
            raise ApplyError(f"{step.name}: cannot be begun, since it is not so that {_listed(missing)}")
        for action in step.actions:
            done = do(self.runner, action, self.desired.secret)
            if not done:
                told = without_secrets(
                    f"{done.error}\n{done.output}".strip(), self.desired.deployment.secrets, self.desired.secret
                )
                kind = type(action).__name__.lower()
                raise ApplyError(f"{step.name}: {kind} on {action.node} ended with {done.status}: {told[-2000:]}")
        return self._awaited(step, state)

    def _awaited(self, step: Step, state: State) -> State:
        deadline = self._clock() + step.within
        missing = list(step.after)
        while True:
            state, missing = self._look(state, missing)
            if not missing:
                # Some of it may have ceased while the rest was waited for; that is for whoever needs it.
                return step.made(state)
            if self._clock() >= deadline:
                raise ApplyError(
                    f"{step.name}: done, but after {step.within:g} s it is still not so that {_listed(missing)}"
                )
            self._sleep(POLL)

    def _look(self, state: State, conditions: Iterable[Condition]) -> tuple[State, list[Condition]]:
        asked = tuple(conditions)
        state = self._observer.again(state, asked)
        return state, [condition for condition in asked if not condition.holds(state)]


def _listed(conditions: Iterable[Condition]) -> str:
    return "; ".join(str(condition) for condition in conditions)
