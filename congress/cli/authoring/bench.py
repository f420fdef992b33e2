"""`congress bench`: what each rule costs, and why."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from congress.authoring.schemas import Schemas
from congress.cli.authoring.command import Command, Result
from congress.cli.authoring.given import policy_option, world, world_options
from congress.cli.authoring.progress import tracked
from congress.engine.profiling import Step
from congress.engine.workspace import Profile

WIDTH = 110


def _options(parser: ArgumentParser) -> None:
    world_options(parser)
    policy_option(parser)
    parser.add_argument("--top", type=int, metavar="N", help="show only the N rules that take longest")


def _run(given: Namespace) -> Result:
    found = world(given)
    began = time.perf_counter()
    workspace = found.workspace(watch=lambda _table: True)
    loaded = time.perf_counter() - began
    names = [found.asked(given.policy)] if given.policy else [each.name for each in found.project.policies]
    rules = [rule for name in names for rule in workspace.rules(name) if not rule.unsafe]
    profiles = sorted(
        [workspace.profile(rule, found.limits) for rule in tracked(rules, "measuring")],
        key=lambda each: -each.seconds,
    )[: given.top]
    rows = sum(len(each) for tables in found.rows.values() for each in tables.values())
    lines = [line for each in profiles for line in _told(each, found.schemas)]
    lines.append(f"{len(rules)} rules over {rows} rows; everything from scratch: {loaded * 1000:.1f} ms")
    data = {"rules": [_data(each, found.schemas) for each in profiles], "rows": rows, "seconds": round(loaded, 6)}
    return Result("\n".join(lines), data)


def _told(profile: Profile, schemas: Schemas) -> Sequence[str]:
    text = profile.rule.text
    shown = text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
    head = f"{profile.seconds * 1000:9.3f} ms  {profile.rows:8} rows  {profile.rule.policy}: {shown}"
    return [head, *[f"{'':14}{_way(step, schemas)}: {step.literal}" for step in profile.steps]]


def _way(step: Step, schemas: Schemas) -> str:
    if len(step.by) == step.columns:
        return f"look up 1 of {step.rows}"
    if not step.by:
        return f"walk through {step.rows}"
    return f"index on {', '.join(_names(step, schemas))} of {step.rows}"


def _names(step: Step, schemas: Schemas) -> list[str]:
    columns = schemas.get(step.table.policy, {}).get(step.table.name)
    return [columns[position].name if columns else f"column {position}" for position in step.by]


def _data(profile: Profile, schemas: Schemas) -> dict[str, object]:
    steps = [
        {"literal": step.literal, "table": str(step.table), "index": _names(step, schemas), "rows": step.rows}
        for step in profile.steps
    ]
    rule = profile.rule
    return {
        "policy": rule.policy, "rule": rule.text, "seconds": profile.seconds, "rows": profile.rows, "steps": steps,
    }  # fmt: skip


COMMAND = Command(
    "bench",
    "show what each rule costs: time, rows, indexes",
    _options,
    _run,
    "Each rule is evaluated from scratch over the given rows, the tables that it reads at hand. Below it are its "
    "steps: a table that is walked through, rows found by an index, or a row looked up.",
    {
        "rules": "each with `policy`, `rule`, `seconds`, `rows`, and `steps`: `literal`, `table`, `index`, `rows`",
        "rows": "how many were given",
        "seconds": "of evaluating everything from scratch",
    },
)
