"""Results for people, beside what was promised and predicted, and as JSON for machines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from statistics import median

from congress.cluster.lab.faults.breaking import Result

PROBES = ("address", "keystone", "congress", "login", "database", "bus")
WIDTHS = (38, *(14 for _ in PROBES), 11, 9, 20)


def heading() -> str:
    """Over the rows."""
    return _row(("fault", *PROBES, "redundant", "as said", "acknowledged")) + "\n" + "-" * (sum(WIDTHS) + len(WIDTHS))


def row(result: Result) -> str:
    """One result: seconds without service / seconds promised, for each client."""
    cells = [result.fault.title, *(_cell(result, probe) for probe in PROBES)]
    cells.append("never" if result.redundant is None else f"{result.redundant:.0f} s")
    cells.append("no" if result.otherwise else "yes")
    lost = [kept.lost for kept in result.kept.values()]
    total = sum(kept.acknowledged for kept in result.kept.values())
    cells.append("?" if None in lost else f"{sum(n or 0 for n in lost)} of {total} lost")
    return _row(cells)


def details(result: Result) -> tuple[str, ...]:
    """What a row does not say: what was done, and everything that is not as it should be."""
    lines = [f"    {result.told}"]
    for probe in PROBES:
        gaps = result.outages[probe].gaps if probe in result.outages else ()
        if len(gaps) > 1:
            lines.append(f"    {probe} was away {len(gaps)} times: {', '.join(f'{gap:.1f} s' for gap in gaps)}")
    lines += [f"    BROKEN PROMISE {sentence}" for sentence in result.broken]
    lines += [f"    NOT AS PREDICTED {sentence}" for sentence in result.otherwise]
    return tuple(lines)


def summary(results: Sequence[Result]) -> str:
    """The last lines: medians of faults that were repeated, and the count of what was wrong."""
    lines = []
    for name in dict.fromkeys(result.fault.name for result in results):
        same = [result for result in results if result.fault.name == name]
        if len(same) > 1:
            lines.append(_medians(same))
    broken = sum(bool(result.broken) for result in results)
    otherwise = sum(bool(result.otherwise) for result in results)
    lines.append(
        f"{len(results)} faults: {broken} with a broken promise, {otherwise} with another end than predicted, "
        f"{sum(kept.acknowledged for result in results for kept in result.kept.values())} writes and messages "
        f"acknowledged, {sum(kept.lost or 0 for result in results for kept in result.kept.values())} lost"
    )
    return "\n".join(lines)


def to_json(results: Iterable[Result]) -> str:
    """Everything."""
    return json.dumps([_json(result) for result in results], indent=2) + "\n"


def _medians(same: Sequence[Result]) -> str:
    cells = [f"{same[0].fault.title}, {len(same)} times"]
    for probe in PROBES:
        downs = [result.outages[probe].down for result in same if probe in result.outages]
        cells.append(f"{median(downs):.1f} ({max(downs):.1f})" if downs else "-")
    times = [result.redundant for result in same if result.redundant is not None]
    cells.append(f"{median(times):.0f} s" if times else "never")
    return _row((*cells, "median", "(longest)"))


def _cell(result: Result, probe: str) -> str:
    if probe not in result.outages:
        return "-"
    down = result.outages[probe].down
    promise = result.fault.promise.get(probe)
    return f"{down:.1f}" if promise is None else f"{down:.1f} / {promise:g}{'' if down <= promise else ' !'}"


def _row(cells: Sequence[str]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _json(result: Result) -> dict[str, object]:
    return {
        "fault": result.fault.name,
        "told": result.told,
        "promise": dict(result.fault.promise),
        "outages": {name: dataclasses.asdict(each) for name, each in result.outages.items()},
        "redundant": result.redundant,
        "not_as_predicted": list(result.otherwise),
        "broken_promises": list(result.broken),
        "kept": {name: dataclasses.asdict(each) for name, each in result.kept.items()},
        "writes_of_a_minority": result.minority,
    }
