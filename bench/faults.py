"""Breaks a whole deployment again and again, and prints what was promised beside what clients saw.

    python -m bench.faults --runs 5            # all of it
    python -m bench.faults --only broker site  # the faults whose names contain these

Needs root (namespaces) and the servers of `requirements/servers.sh`. Times are those of a machine on which everything,
the clients too, shares the cores.
"""

from __future__ import annotations

import argparse
import signal
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psutil
import requests

from bench import load
from demo.ha.haproxy import API_PORT
from demo.ha.machines import Process
from demo.ha.site import BROKERS, ENGINES
from tests.ha import faults
from tests.ha.faults import Fault, until
from tests.ha.history import Event
from tests.ha.place import Place, place
from tests.ha.tap import Tap
from tests.ha.verdict import judge
from tests.ha.workload import Workload

HOLD = 8.0


@dataclass
class Measured:
    """The figures of one kind of fault: name of the figure -> one value for each run; `wrong`: what judges found."""

    fault: str
    promise: str
    figures: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, **values: float) -> None:
        for name, value in values.items():
            self.figures.setdefault(name.replace("_", " "), []).append(value)

    def line(self) -> str:
        shown = "; ".join(
            f"{name} {statistics.median(values):.3g} (worst {max(values):.3g})" for name, values in self.figures.items()
        )
        runs = max((len(values) for values in self.figures.values()), default=0)
        return f"| {self.fault} | {self.promise} | {shown} | {runs} | {len(self.wrong) or 'nothing'} |"


class Bench:
    """A site with clients, and everything that watches them."""

    def __init__(self, site: Place, tap: Tap) -> None:
        self.place, self.tap = site, tap
        self._replicas = {name: node.url for name, node in site.site.nodes.items() if name in ENGINES}

    @contextmanager
    def work(self, measured: Measured) -> Iterator[Workload]:
        """Clients at work while the block runs; afterwards all is judged, and what is wrong noted."""
        work = Workload(
            self.place.site.proxy.url, self._replicas, journal=str(self.place.journal), pauses=(0.05, 0.1, 0.05)
        )
        work.prepare()
        work.start()
        try:
            _settle(work)
            yield work
            _settle(work)
        finally:
            work.stop()
        verdict = judge(self.place, work, self.tap, 90.0)
        measured.wrong += verdict.problems
        for problem in verdict.problems[:5]:
            print(f"  WRONG after {measured.fault}: {problem[:400]}", flush=True)
        measured.add(right_s=verdict.seconds)
        work.remove()

    def hold(self, seconds: float = HOLD) -> None:
        """Let it be broken for a while."""
        threading.Event().wait(seconds)


def _settle(work: Workload) -> None:
    since = time.monotonic()

    def enough() -> bool:
        done = [event for event in work.history if event.outcome == "ok" and event.began >= since]
        return all(sum(event.kind == kind for event in done) >= 10 for kind in ("rule", "rows", "read"))

    until("clients succeed", enough)


def _through_proxy(work: Workload, since: float) -> list[Event]:
    return [event for event in work.history if event.through == work.proxy and event.ended >= since]


def _lost(events: list[Event]) -> dict[str, float]:
    reads = [event for event in events if event.kind == "read"]
    return {
        "failed": float(sum(event.outcome == "unknown" for event in reads)),
        "slowest_read_s": max((event.ended - event.began for event in reads), default=0.0),
    }


# -- what is measured ------------------------------------------------------------------------------------------------


def engine_killed(bench: Bench, measured: Measured, run: int) -> None:
    """Whom the clients' cookies point at is killed, sooner or later in the runs."""
    victim = ENGINES[run % len(ENGINES)]
    with bench.work(measured) as work:
        began = time.monotonic()
        bench.place.site.nodes[victim].process.kill()
        bench.hold()
        events = _through_proxy(work, began)
        measured.add(**_lost(events), writes_stopped_s=work.history.outage("rule", began))
        faults.await_works(bench.place, victim)


def engine_frozen(bench: Bench, measured: Measured, run: int) -> None:
    victim = ENGINES[run % len(ENGINES)]
    with bench.work(measured) as work:
        process, began = bench.place.site.nodes[victim].process, time.monotonic()
        process.pause()
        until("out of rotation", lambda: bench.place.site.proxy.states().get(victim, "").startswith("DOWN"), 60.0)
        measured.add(out_of_rotation_s=time.monotonic() - began)
        bench.hold(4.0)
        measured.add(**_lost(_through_proxy(work, began)))
        process.resume()
        faults.await_works(bench.place, victim)


def _driver(bench: Bench, measured: Measured, break_: Callable[[Process], None]) -> None:
    with bench.work(measured):
        victim = faults.active_driver(bench.place)
        before, began = max(epoch for epoch, _node in bench.tap.heard), time.monotonic()
        break_(bench.place.site.nodes[victim].process)
        until("a new epoch publishes", lambda: any(epoch > before for epoch, _node in bench.tap.heard), 60.0)
        measured.add(new_epoch_s=time.monotonic() - began)
        if bench.place.site.nodes[victim].process.running:
            bench.place.site.nodes[victim].process.resume()
        faults.await_works(bench.place, victim)


def driver_killed(bench: Bench, measured: Measured, _run: int) -> None:
    """The standby shares the kernel, and sees that the process has ended."""
    _driver(bench, measured, Process.kill)


def driver_frozen(bench: Bench, measured: Measured, _run: int) -> None:
    """As if the host were gone: only time tells the standby."""
    _driver(bench, measured, Process.pause)


class Flow:
    """Pushes ever higher numbers, several at a time, and watches when the engines show a higher one than before."""

    _names = count(1)

    def __init__(self, url: str, replicas: Mapping[str, str], pushers: int = 4) -> None:
        self._name, self._url = f"flow_{next(self._names)}", url
        config = {"description": "numbers", "columns": "number"}
        self._ask("POST", "data-sources", {"name": self._name, "driver": "push", "config": config})
        rule = {"rule": f"seen(x) :- {self._name}:data(x)"}
        self._ask("POST", "policies", {"name": f"of_{self._name}", "rules": [rule]})
        self._numbers, self._stopping = count(1), threading.Event()
        self.arrivals: dict[str, list[float]] = {name: [] for name in replicas}
        self._threads = [threading.Thread(target=self._push, daemon=True) for _pusher in range(pushers)]
        self._threads += [threading.Thread(target=self._watch, args=each, daemon=True) for each in replicas.items()]
        for thread in self._threads:
            thread.start()

    def _ask(self, method: str, path: str, body: Any = None) -> None:
        requests.request(method, f"{self._url}/v1/{path}", json=body, timeout=30).raise_for_status()

    def _push(self) -> None:
        session = requests.Session()
        while not self._stopping.wait(0.2):
            with suppress(requests.RequestException):
                rows = [[next(self._numbers)]]
                session.put(f"{self._url}/v1/data-sources/{self._name}/tables/data/rows", json=rows, timeout=10)

    def _watch(self, name: str, replica: str) -> None:
        session, newest = requests.Session(), 0
        while not self._stopping.wait(0.05):
            try:
                rows = session.get(f"{replica}/v1/policies/of_{self._name}/tables/seen/rows", timeout=5).json()[
                    "results"
                ]
            except (requests.RequestException, ValueError, KeyError):
                continue
            number = max((int(row["data"][0]) for row in rows), default=0)
            if number > newest:
                newest = number
                self.arrivals[name].append(time.monotonic())

    def gap(self, since: float) -> float:
        """The longest time in which an engine showed nothing new."""
        now = time.monotonic()
        gaps = [0.0]
        for arrivals in self.arrivals.values():
            times = [since, *(at for at in arrivals if at >= since), now]
            gaps += [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
        return max(gaps)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(15)
        self._ask("DELETE", f"policies/of_{self._name}")
        self._ask("DELETE", f"data-sources/{self._name}")


def _broker(bench: Bench, measured: Measured, fault: Fault, hold: float) -> None:
    with bench.work(measured) as work:
        flow = Flow(work.proxy, work.replicas)
        bench.hold(3.0)
        before = flow.gap(time.monotonic() - 2.0)
        fault.aim(bench.place)
        began = time.monotonic()
        fault.inject(bench.place)
        bench.hold(hold)
        measured.add(updates_stopped_s=flow.gap(began), without_a_fault_s=before)
        fault.lift(bench.place)
        fault.await_back(bench.place)
        flow.stop()


def broker_killed(bench: Bench, measured: Measured, run: int) -> None:
    _broker(bench, measured, faults.ended(BROKERS[run % len(BROKERS)], "killed"), 10.0)


def broker_isolated(bench: Bench, measured: Measured, run: int) -> None:
    _broker(bench, measured, faults.isolated(BROKERS[run % len(BROKERS)]), 30.0)


def writer_killed(bench: Bench, measured: Measured, _run: int) -> None:
    with bench.work(measured) as work:
        victim, began = faults.writing_database(bench.place), time.monotonic()
        bench.place.site.databases[victim].process.kill()
        bench.hold(10.0)
        measured.add(writes_stopped_s=work.history.outage("rule", began))
        faults.await_works(bench.place, victim)


def proxy_restarted(bench: Bench, measured: Measured, _run: int) -> None:
    proxy = bench.place.site.proxy
    with bench.work(measured):
        stopping = threading.Event()
        refused: list[float] = []

        def probe() -> None:
            while not stopping.wait(0.01):
                try:
                    socket.create_connection((proxy.machine.address, API_PORT), timeout=1.0).close()
                except OSError:
                    refused.append(time.monotonic())

        thread = threading.Thread(target=probe, daemon=True)
        thread.start()
        proxy.process.stop(5.0)
        proxy.start()
        bench.hold(1.0)
        stopping.set()
        thread.join(5)
        measured.add(refused_s=refused[-1] - refused[0] if refused else 0.0)


def site_restarted(bench: Bench, measured: Measured, _run: int) -> None:
    with bench.work(measured):
        bench.place.site.kill()
        began = time.monotonic()
        bench.place.site.restart()
        measured.add(back_s=time.monotonic() - began)


Measure = Callable[[Bench, Measured, int], None]
FAULTS: Mapping[str, tuple[str, Measure]] = {
    "engine killed": (
        "no failed request for clients that retry idempotent requests once; at most 2 s of raised latency; 0 lost "
        "writes",
        engine_killed,
    ),
    "engine frozen": ("out of rotation within 5 s", engine_frozen),
    "driver node killed beside the standby": (
        "new epoch publishing within lease (10 s) + 2 s; no gap unnoticed",
        driver_killed,
    ),
    "driver node silent": ("new epoch publishing within lease (10 s) + 2 s; no gap unnoticed", driver_frozen),
    "broker killed": ("updates flow again within 2 s, 0 lost", broker_killed),
    "broker isolated": ("updates flow again within 10 s, 0 lost", broker_isolated),
    "Galera writer killed": ("writes succeed again within 5 s, 0 acknowledged writes lost", writer_killed),
    "HAProxy restarted": ("connections refused less than 1 s", proxy_restarted),
    "whole site killed and started": ("everything back by itself, nothing lost", site_restarted),
}


# -- size and scale --------------------------------------------------------------------------------------------------


def million(bench: Bench, rows: int, runs: int) -> Measured:
    """One table with so many rows; an engine is started and must show them."""
    measured = Measured(f"{rows:,} rows reach a started engine", "less than 30 s, less than 1.5 GB")
    url, name = bench.place.site.proxy.url, "million"
    config = {"description": "rows", "columns": "id,owner,status"}
    requests.post(f"{url}/v1/data-sources", json={"name": name, "driver": "push", "config": config}, timeout=60)
    requests.post(f"{url}/v1/policies", json={"name": "of_million"}, timeout=60).raise_for_status()
    rule = {"rule": f'error(id) :- {name}:data(id, o, "ERROR")'}
    requests.post(f"{url}/v1/policies/of_million/rules", json=rule, timeout=60).raise_for_status()
    body = [
        [f"server-{number}", f"owner-{number % 1000}", "ACTIVE" if number % 1000 else "ERROR"] for number in range(rows)
    ]
    began = time.monotonic()
    pushed = requests.put(f"{url}/v1/data-sources/{name}/tables/data/rows", json=body, timeout=600)
    took = time.monotonic() - began
    print(
        f"  pushing {rows:,} rows is answered {pushed.status_code} after {took:.1f} s: {pushed.text[:300]}", flush=True
    )
    pushed.raise_for_status()
    nodes = bench.place.site.nodes
    until("the engines that run have them", lambda: _error_rows(nodes[ENGINES[0]].url) == -(-rows // 1000), 300.0)
    print(f"  the engines that run have them after {time.monotonic() - began:.1f} s", flush=True)
    node = nodes[ENGINES[-1]]
    for _run in range(runs):
        node.process.stop()
        began = time.monotonic()
        node.start()
        until("the rows are there", lambda: _error_rows(node.url) == -(-rows // 1000), 300.0)
        memory = int(_status_of(node.process.pid)["VmHWM"].split()[0]) / 2**20
        measured.add(seconds=time.monotonic() - began, peak_GB=memory)
    return measured


def _error_rows(url: str) -> int:
    answer = requests.get(f"{url}/v1/policies/of_million/tables/error/rows", timeout=20)
    return len(answer.json()["results"]) if answer.ok else -1


def _status_of(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/status") as file:
        return {name: value.strip() for name, _colon, value in (line.partition(":") for line in file)}


def reads(bench: Bench, runs: int, seconds: float = 8.0, connections: int = 24) -> Measured:
    """Readings of ten rows through the proxy, with all engines and with one; what each part of it cost."""
    measured = Measured("reads of 3 engines behind HAProxy", "at least twice those of one")
    url = bench.place.site.proxy.url
    rules = [{"rule": f"p({number})"} for number in range(10)]
    requests.post(f"{url}/v1/policies", json={"name": "reading", "rules": rules}, timeout=60).raise_for_status()
    for _run in range(runs):
        three = _rate(bench.place, seconds, connections)
        for name in ENGINES[1:]:
            bench.place.site.nodes[name].process.stop()
        until("one engine is left", lambda: _ups(bench.place) == 1, 30.0)
        one = _rate(bench.place, seconds, connections)
        for name in ENGINES[1:]:
            faults.await_works(bench.place, name)
        until("all engines are up", lambda: _ups(bench.place) == 3, 60.0)
        figures = {f"{name} with 3": value for name, value in three.items()}
        figures |= {f"{name} with 1": value for name, value in one.items()}
        measured.add(**figures, ratio=three["per_s"] / one["per_s"])
    return measured


def _ups(site: Place) -> int:
    states = site.site.proxy.states()
    return sum(states.get(name, "").startswith("UP") for name in ENGINES)


def _rate(place: Place, seconds: float, connections: int) -> dict[str, float]:
    """Answers a second; the share of the machine that worked; microseconds of processors that an answer cost engines,
    proxy and client."""
    site = place.site
    nodes = [site.nodes[name].process for name in ENGINES]
    parts = {
        "engines": [psutil.Process(node.pid) for node in nodes if node.running],
        "proxy": [psutil.Process(site.proxy.process.pid), *psutil.Process(site.proxy.process.pid).children(True)],
        "client": [psutil.Process()],
    }
    spent = {name: _spent(processes) for name, processes in parts.items()}
    psutil.cpu_percent()
    asked = load.request("GET", "/v1/policies/reading/tables/p/rows")
    address = (site.proxy.machine.address, API_PORT)
    site.proxy.forget_clients()
    sources = place.network.clients(connections)  # the proxy tells clients without cookies apart by their addresses
    outcome = load.run(address, lambda _number: asked, connections=connections, seconds=seconds, sources=sources)
    busy = psutil.cpu_percent()
    assert not outcome.failures, f"{outcome.failures} reads failed"
    answers = len(outcome.latencies)
    costs = {f"us_of_{name}": (_spent(parts[name]) - before) / answers * 1e6 for name, before in spent.items()}
    return {"per_s": answers / outcome.seconds, "busy_percent": busy, **costs}


def _spent(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


# -- the program -------------------------------------------------------------------------------------------------------


def _chosen(name: str, only: list[str] | None) -> bool:
    return not only or any(each.lower() in name.lower() for each in only)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each fault")
    parser.add_argument("--only", nargs="*", help="parts of the names of what is measured; also `rows` and `reads`")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large table")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the site is taken down then, too
    results: list[Measured] = []

    def tell(text: str) -> None:
        print(text, flush=True)

    settings = f"[api]\nmax_body_size = 200000000\n[datasources]\npushed_rows = {options.rows}\n"
    with place(settings, tell) as site, Tap(site.transport_url) as tap:
        bench = Bench(site, tap)
        for name, (promise, measure) in FAULTS.items():
            if not _chosen(name, options.only):
                continue
            measured = Measured(name, promise)
            results.append(measured)
            for run in range(options.runs):
                _attempt(lambda: measure(bench, measured, run), measured)  # noqa: B023
            tell(measured.line())
        if _chosen("reads", options.only):
            results.append(reads(bench, options.runs))
            tell(results[-1].line())
        if _chosen("rows", options.only):
            results.append(million(bench, options.rows, options.runs))
            tell(results[-1].line())
    tell("\n| fault | promise | measured: median (worst) | runs | found wrong afterwards |\n|---|---|---|---|---|")
    for measured in results:
        tell(measured.line())
    return sum(len(measured.wrong) for measured in results)


def _attempt(measure: Callable[[], Any], measured: Measured) -> None:
    try:
        measure()
    except Exception as error:  # what a fault left behind is worth more than an end of the program
        measured.wrong.append(f"{type(error).__name__}: {error}")
        print(f"  NOT FINISHED {measured.fault}: {type(error).__name__}: {str(error)[:600]}", flush=True)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
