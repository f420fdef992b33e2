"""What was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from oslo_config import cfg

State = Literal["well", "attention", "wrong"]
STATUS: dict[State, int] = {"well": 0, "attention": 1, "wrong": 2}
"""State -> exit status of a report in which it is the worst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a part; `advice` is empty when there is nothing to do."""

    part: str
    state: State
    said: str
    advice: str = ""


Look = Callable[[cfg.ConfigOpts], Iterator[Finding]]
"""Looks at one part; it raises nothing that may be expected, and waits for nobody longer than some seconds."""


def look_at(part: str, look: Look, conf: cfg.ConfigOpts, mask: Callable[[str], str]) -> Iterator[Finding]:
    """What `look` finds, without secrets; a part that cannot be looked at is wrong, and does not hide the others."""
    try:
        for found in look(conf):
            yield Finding(found.part, found.state, mask(found.said), mask(found.advice))
    except Exception as error:
        said = mask(f"it cannot be looked at: {type(error).__name__}: {error}".splitlines()[0])
        yield Finding(part, "wrong", said, "mend what the message says; else report it with a debug bundle")


def worst(findings: Sequence[Finding]) -> State:
    """How the whole is: as its worst part."""
    return max((each.state for each in findings), key=STATUS.__getitem__, default="well")


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """For programs: `verdict` and `findings`."""
    return {"verdict": worst(findings), "findings": [asdict(each) for each in findings]}


def as_text(findings: Sequence[Finding]) -> str:
    """For people: the worst state of each line in capitals, the advice below it."""
    lines = []
    for each in findings:
        state = each.state if each.state == "well" else each.state.upper()
        lines.append(f"{each.part:<14}{state:<10} {each.said}")
        if each.advice:
            lines.append(f"{'':<25}do: {each.advice}")
    return "\n".join(lines)
