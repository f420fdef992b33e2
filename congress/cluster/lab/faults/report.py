"""Results for people: a table on a screen, beside what was promised and predicted, and the same for a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from congress.cluster.lab.clients.observation import Outage
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import Fault, faults

PROBES = ("address", "keystone", "congress", "login", "database", "bus")
WIDTHS = (36, *(20 for _ in PROBES), 10, 8, 20)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in faults()}
LEGEND = "of each client: seconds from first to last error / promised (longest outage, late answers included)"


def heading() -> str:
    """Over the rows."""
    head = _row(("fault", *PROBES, "redundant", "as said", "acknowledged"))
    return f"{LEGEND}\n{head}\n{'-' * (sum(WIDTHS) + len(WIDTHS))}"


def row(result: Result) -> str:
    """One result."""
    fault = FAULTS[result.fault]
    if result.discarded:
        return _row((fault.title, "discarded"))
    cells = [fault.title, *(_cell([result.outages.get(probe)], fault.promise.get(probe)) for probe in PROBES)]
    cells.append("never" if result.redundant is None else f"{result.redundant:.0f} s")
    cells.append("no" if result.otherwise else "yes")
    cells.append(_lost([result]))
    return _row(cells)


def details(result: Result) -> tuple[str, ...]:
    """What a row does not say: what was done, and everything that is not as it should be."""
    if result.discarded:
        return (f"    DISCARDED, since nothing was broken: {result.discarded}",)
    lines = [f"    {result.told}"]
    for probe in PROBES:
        seen = result.outages.get(probe)
        if seen is not None and len(seen.gaps) > 1:
            gaps = ", ".join(f"{gap:.1f} s" for gap in seen.gaps)
            lines.append(f"    {probe} was away {len(seen.gaps)} times ({gaps}); {_counted(seen)}")
    lines += [f"    BROKEN PROMISE {sentence}" for sentence in result.broken(FAULTS[result.fault].promise)]
    lines += [f"    NOT AS PREDICTED {sentence}" for sentence in result.otherwise]
    return tuple(lines)


def _counted(seen: Outage) -> str:
    return f"errors {seen.errors}, late answers {seen.late}, last error: {seen.last_error or 'none'}"


def good(results: Sequence[Result]) -> bool:
    """Whether every promise was kept, everything ended as predicted, and each fault was really done."""
    done = {result.fault for result in results if not result.discarded}
    return done == {result.fault for result in results} and not any(
        result.broken(FAULTS[result.fault].promise) or result.otherwise for result in results
    )


def summary(results: Sequence[Result]) -> str:
    """The last lines: medians of faults that were repeated, and the count of what was wrong."""
    valid = [result for result in results if not result.discarded]
    lines = [_row(_repeated(fault, same)) for fault, same in _by_fault(valid) if len(same) > 1]
    if lines:
        lines.insert(0, "median / promised (longest outage of all runs)")
    broken = sum(bool(result.broken(FAULTS[result.fault].promise)) for result in valid)
    otherwise = sum(bool(result.otherwise) for result in valid)
    lines.append(
        f"{len(valid)} runs, {len(results) - len(valid)} more were discarded: {broken} with a broken promise, "
        f"{otherwise} with another end than predicted; of writes and messages that were acknowledged, {_lost(valid)}"
    )
    return "\n".join(lines)


def page(results: Sequence[Result]) -> str:
    """The same in Markdown: what was measured, when, how often, and what does not count."""
    return "\n".join(_page(results)) + "\n"


def _page(results: Sequence[Result]) -> Iterator[str]:
    valid = [result for result in results if not result.discarded]
    if not valid:
        yield "Nothing was measured."
        return
    began, ended = (time.strftime("%Y-%m-%d %H:%M", time.gmtime(end([each.began for each in valid]))) for end in ENDS)
    loads = sorted(each.load for each in valid)
    yield (
        f"{len(valid)} runs from {began} to {ended} UTC; load of the machine when they began: {loads[0]:.1f} to "
        f"{loads[-1]:.1f}, median {median(loads):.1f}. For each client: the median of the seconds from its first error "
        "to its last, the largest of them, what is promised, and in brackets the longest outage, late answers included."
    )
    yield ""
    yield f"| fault | runs | {' | '.join(PROBES)} | redundant | as predicted | acknowledged |"
    yield f"|---|---|{'---|' * len(PROBES)}---|---|---|"
    for fault, same in _by_fault(valid):
        promises = [_cell([each.outages.get(probe) for each in same], fault.promise.get(probe)) for probe in PROBES]
        times = [each.redundant for each in same if each.redundant is not None]
        redundant = f"{median(times):.0f} s ({max(times):.0f})" if times else "never"
        said = sum(not each.otherwise for each in same)
        yield (
            f"| {fault.title} | {len(same)} | {' | '.join(promises)} | {redundant} | {said} of {len(same)} | "
            f"{_lost(same)} |"
        )
    yield ""
    wrong = [
        f"- {FAULTS[each.fault].title}: {sentence}"
        for each in valid
        for sentence in (*each.broken(FAULTS[each.fault].promise), *each.otherwise)
    ]
    yield "\n".join(["Not as promised or predicted:", "", *wrong]) if wrong else "All was as promised and predicted."
    discarded = [f"- {FAULTS[each.fault].title}: {each.discarded}" for each in results if each.discarded]
    yield ""
    yield "\n".join(["Discarded, since nothing was broken:", "", *discarded]) if discarded else "No run was discarded."


ENDS: tuple[Callable[[list[float]], float], ...] = (min, max)


def _by_fault(results: Sequence[Result]) -> Iterator[tuple[Fault, list[Result]]]:
    for name, fault in FAULTS.items():
        same = [result for result in results if result.fault == name]
        if same:
            yield fault, same


def _repeated(fault: Fault, same: Sequence[Result]) -> list[str]:
    cells = [f"{fault.title}, {len(same)} times"]
    cells += [_cell([each.outages.get(probe) for each in same], fault.promise.get(probe)) for probe in PROBES]
    times = [each.redundant for each in same if each.redundant is not None]
    said = sum(not each.otherwise for each in same)
    return [*cells, f"{median(times):.0f} s" if times else "never", f"{said} of {len(same)}", _lost(same)]


def _cell(outages: Sequence[Outage | None], promise: float | None) -> str:
    """Median and largest of first to last error, the promise, the longest outage."""
    seen = [each for each in outages if each is not None]
    if not seen:
        return "-"
    spans = [each.span for each in seen]
    told = f"{median(spans):.1f}" + (f" to {max(spans):.1f}" if len(spans) > 1 else "")
    longest = max(each.longest for each in seen)
    promised = "" if promise is None else f" / {promise:g}{'' if max(*spans, longest) <= promise else ' !'}"
    return f"{told}{promised} ({longest:.1f})"


def _lost(results: Sequence[Result]) -> str:
    kept = [each for result in results for each in result.kept.values()]
    unknown = sum(each.lost is None for each in kept)
    told = f"{sum(each.lost or 0 for each in kept)} of {sum(each.acknowledged for each in kept)} lost"
    return f"{told}, {unknown} not asked" if unknown else told


def _row(cells: Sequence[str]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=False)).rstrip()
