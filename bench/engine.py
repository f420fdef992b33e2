"""The engine's benchmark: `python -m bench.engine [--sizes 10000,100000,1000000] [--runs 3] [--only w1,w4,w6]`.

Every workload runs in a process of its own through the public façade (`congress.engine.workspace`). Figures are
medians over the runs; CPU seconds, or microseconds of wall time where the name says so. Ratios are reference /
ours: above 1, ours is better.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from bench import measure, workloads
from bench.reference import REFERENCE
from congress.datalog.core import TableId
from congress.engine.workspace import Limits, TableChange, Workspace

Figures = dict[str, float]
ROOMY = Limits(rows=50_000_000, seconds=600)


def _workspace(watch: Callable[[TableId], bool], source: str, columns: dict[str, tuple[str, ...]]) -> Workspace:
    workspace = Workspace(watch=watch, limits=ROOMY)
    with workspace.transaction() as change:
        change.create_policy("p")
        change.set_datasource(source, columns)
    return workspace


def _apply(workspace: Workspace, source: str, changes: list[workloads.Change]) -> tuple[TableChange, ...]:
    with workspace.transaction() as change:
        for table, sign, row in changes:
            if sign > 0:
                change.insert_rows(source, table, (row,))  # type: ignore[arg-type]
            else:
                change.delete_rows(source, table, (row,))  # type: ignore[arg-type]
    return change.changes()


def _load(workspace: Workspace, source: str, tables: workloads.Tables) -> None:
    with workspace.transaction() as change:
        for table, rows in tables.items():
            change.replace_rows(source, table, rows)  # type: ignore[arg-type]


def _settle() -> float:
    """Collect garbage, give free memory back, and answer the resident bytes."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    return measure.resident()


def _microseconds(figures: Figures, name: str, times: Iterable[float]) -> None:
    times = list(times)
    figures[f"{name} p50 us"] = measure.percentile(times, 0.5) * 1e6
    figures[f"{name} p99 us"] = measure.percentile(times, 0.99) * 1e6


def w1(size: int) -> Figures:
    """W1, W2, W3, W5 and the re-sent snapshot."""
    figures: Figures = {}
    data = workloads.cloud(size)
    gc.collect()
    gc.freeze()
    base = _settle()
    workspace = _workspace(lambda table: table.name == "error", "cloud", workloads.CLOUD_COLUMNS)
    with measure.Clock() as clock:
        _load(workspace, "cloud", data.tables)
    figures["load"] = clock.cpu
    names = [data.rng.choice(data.servers) for _ in range(2000)]
    figures["query pushed down us"] = _pushed_down(workspace, data.tables, names)
    with measure.Clock() as whole, workspace.transaction() as change, measure.Clock() as clock:
        change.insert_rules("p", [workloads.CLOUD_RULE])
    figures["evaluate"] = clock.cpu
    figures["prepare for changes"] = whole.cpu - clock.cpu
    figures["load + evaluate + prepare"] = figures["load"] + whole.cpu
    figures["error rows"] = len(workspace.rows("p", "error"))
    figures["engine MB"] = (_settle() - base) / 1e6
    figures["engine bytes per row"] = (_settle() - base) / sum(map(len, data.tables.values()))
    asked = [f'error("{name}")' for name in names]
    times, _ = measure.each(lambda text: workspace.query("p", text), asked)
    figures["query text us"] = measure.percentile(times, 0.5) * 1e6
    times, _ = measure.each(lambda name: workspace.holds("p", "error", (name,)), names)
    figures["query kept us"] = measure.percentile(times, 0.5) * 1e6
    _changes(workspace, data, figures)
    return figures


def _pushed_down(workspace: Workspace, tables: workloads.Tables, names: list[str]) -> float:
    """The point query on a table that is not kept: the same rule under another head, the bound cell pushed down."""
    with workspace.transaction() as change:
        change.insert_rules("p", [workloads.CLOUD_RULE.replace("error(", "asked(")])
    workspace.holds("p", "asked", (names[0],))
    times, _ = measure.each(lambda name: workspace.holds("p", "asked", (name,)), names)
    return measure.percentile(times, 0.5) * 1e6


def _changes(workspace: Workspace, data: workloads.Cloud, figures: Figures) -> None:
    singles = [data.batch(1) for _ in range(2000)]
    with measure.Clock() as clock:
        times, _ = measure.each(lambda batch: _apply(workspace, "cloud", batch), singles)
    _microseconds(figures, "update", times)
    figures["update cpu us"] = clock.cpu / len(times) * 1e6
    times, _ = measure.each(lambda batch: _apply(workspace, "cloud", batch), [data.batch(100) for _ in range(20)])
    figures["batch of 100"] = measure.percentile(times, 0.5)
    if len(data.live["servers"]) > 50_000:
        with measure.Clock() as clock:
            _apply(workspace, "cloud", data.batch(10_000))
        figures["batch of 10000"] = clock.cpu
    _simulations(workspace, data, figures)
    nets = [str(net) for (net,) in data.tables["public"][:20]]
    flips = [[("public", sign, (net,))] for net in nets for sign in (-1, 1)]
    times, _ = measure.each(lambda batch: _apply(workspace, "cloud", batch), flips)  # type: ignore[arg-type]
    figures["network flip p50 us"] = measure.percentile(times, 0.5) * 1e6
    rows = data.live["ports"]
    cut = max(1, len(rows) // 2000)
    fresh = workloads.again(rows[cut:]) + [
        (workloads.uuid_like(data.rng), *row[1:]) for row in data.rng.sample(rows, cut)
    ]
    with measure.Clock() as clock, workspace.transaction() as change:
        change.replace_rows("cloud", "ports", fresh)  # type: ignore[arg-type]
    figures["snapshot"] = clock.cpu


def _simulations(workspace: Workspace, data: workloads.Cloud, figures: Figures) -> None:
    def text(changes: list[workloads.Change]) -> str:
        return " ".join(
            f"cloud:{table}{'+' if sign > 0 else '-'}({', '.join(json.dumps(cell) for cell in row)})"
            for table, sign, row in changes
        )

    raw = [data.batch(10, keep=False) for _ in range(200)]
    times, _ = measure.each(lambda batch: workspace.what_if("cloud", batch), raw)  # type: ignore[arg-type]
    figures["simulation p50 us"] = measure.percentile(times, 0.5) * 1e6
    pairs = [text(data.batch(2, keep=False)) for _ in range(20)]
    with measure.Clock() as clock:
        measure.each(lambda pair: workspace.simulate("p", "error(x)", pair, "p", delta=True), pairs)
    figures["simulation API us"] = clock.cpu / len(pairs) * 1e6


def w4(kind: str) -> Figures:
    """Transitive closure, then single edges taken out and put back."""
    figures: Figures = {}
    rows = workloads.edges(kind)
    gc.collect()
    gc.freeze()
    base = _settle()
    workspace = _workspace(lambda table: table.name == "tc", "graph", {"edge": ("a", "b")})
    _load(workspace, "graph", {"edge": rows})
    with measure.Clock() as clock, workspace.transaction() as change:
        change.insert_rules("p", workloads.CLOSURE_RULES)
    figures["evaluate"] = clock.cpu
    figures["tc rows"] = len(workspace.rows("p", "tc"))
    figures["engine MB"] = (_settle() - base) / 1e6
    rng = workloads.random.Random(44)
    chosen = rng.sample(rows, 30)
    removals: list[float] = []
    insertions: list[float] = []
    for row in chosen:
        for sign, times in ((-1, removals), (1, insertions)):
            spent, _ = measure.each(lambda batch: _apply(workspace, "graph", batch), [[("edge", sign, row)]])
            times += spent
        if sum(removals) + sum(insertions) > 60:
            break
    figures["delete p50 us"] = measure.percentile(removals, 0.5) * 1e6
    figures["delete max us"] = max(removals) * 1e6
    figures["insert p50 us"] = measure.percentile(insertions, 0.5) * 1e6
    return figures


def w6(size: int) -> Figures:
    """A thousand rules over ten tables, all kept."""
    figures: Figures = {}
    tables, changes = workloads.many_rows(size)
    gc.collect()
    gc.freeze()
    base = _settle()
    workspace = _workspace(lambda table: True, "many", workloads.MANY_COLUMNS)
    with measure.Clock() as clock, workspace.transaction() as change:
        change.insert_rules("p", workloads.many_rules())
    figures["insert 1000 rules"] = clock.cpu
    with measure.Clock() as clock:
        _load(workspace, "many", tables)
    figures["evaluate"] = clock.cpu
    figures["derived rows"] = sum(len(workspace.rows("p", f"r{i}")) for i in range(1000))
    figures["engine MB"] = (_settle() - base) / 1e6
    times, _ = measure.each(lambda batch: _apply(workspace, "many", batch), changes)
    _microseconds(figures, "update", times)
    with measure.Clock() as clock, workspace.transaction() as change:
        change.insert_rules("p", ["extra(x) :- many:t0(x, y, 7), many:t1(y, z, 7)"])
    figures["insert one more rule"] = clock.cpu
    return figures


WORKLOADS: dict[str, Callable[[Any], Figures]] = {"w1": w1, "w4": w4, "w6": w6}


def _in_process(workload: str, size: int | str) -> Figures:
    command = [sys.executable, "-m", "bench.engine", "--child", workload, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own module
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _report(workload: str, size: int | str, runs: list[Figures]) -> None:
    reference = REFERENCE.get((workload, size), {})
    print(f"\n{workload} {size}  (median of {len(runs)})")
    print(f"{'':26}{'ours':>14}{'original':>14}{'ratio':>10}{'prototype':>14}{'ratio':>8}")
    for name in runs[0]:
        ours = statistics.median(run[name] for run in runs)
        original, prototype = reference.get(name, (None, None))
        cells = [_cell(ours, 14), _cell(original, 14), _cell(original and original / ours, 10)]
        cells += [_cell(prototype, 14), _cell(prototype and prototype / ours, 8)]
        print(f"{name:26}{''.join(cells)}", flush=True)


def _cell(value: float | None, width: int) -> str:
    if value is None:
        return " " * width
    return f"{value:>{width},.0f}" if value >= 100 else f"{value:>{width}.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="w1,w4,w6")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        workload, size = options.child
        print(json.dumps(WORKLOADS[workload](int(size) if size.isdigit() else size)))
        return
    only = options.only.split(",")
    plan: list[tuple[str, int | str]] = [("w1", int(size)) for size in options.sizes.split(",")]
    plan += [("w4", kind) for kind in ("tree", "random", "chain")] + [("w6", 10_000)]
    for workload, size in plan:
        if workload in only:
            _report(workload, size, [_in_process(workload, size) for _ in range(options.runs)])


if __name__ == "__main__":
    main()
