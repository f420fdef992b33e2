"""The API's benchmark: `python -m bench.api [--seconds 3] [--connections 1,8,64] [--only rows10,simulate]`.

A server process of its own over a fresh SQLite file, asked over loopback by this process. Beside requests per second
and latencies it tells the CPU time that the server spent on one request, user and system, which other work on the
machine hardly touches; "per core" is what one core would answer at that price.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import load
from bench.measure import percentile

ORIGINAL = {"rows10": "280-370", "simulate": "123"}
"""Requests per second of OpenStack Congress 11 on such a machine, one process."""
_TICKS = os.sysconf("SC_CLK_TCK")
_WARM_UP = 300


class Figures(NamedTuple):
    """One workload at one number of connections; latencies in milliseconds, CPU in microseconds for a request."""

    workload: str
    connections: int
    requests: int
    per_second: float
    p50: float
    p99: float
    cpu: float
    failures: int


class Server(NamedTuple):
    address: tuple[str, int]
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """A server of its own, with these options."""
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        command = [sys.executable, "-m", "congress.cli.server", "--state-dir", directory, "--bind-port", "0"]
        command += options
        with log.open("wb") as file:
            process = subprocess.Popen(command, stdout=file, stderr=file)  # noqa: S603
        try:
            yield Server(_address(log, process), process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _address(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, int]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"serving on http://([\d.]+):(\d+)", log.read_text()):
            return found.group(1), int(found.group(2))
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


def _post(path: str, body: object) -> bytes:
    return load.request("POST", path, json.dumps(body).encode())


def _prepare(server: Server) -> None:
    """Tables of 10 and of 1 000 rows, derived by rules, and what the simulation works on."""
    rules = [f'small("vm-{number}", {number}, "a-name-like-this")' for number in range(10)]
    rules += [f'large("vm-{number}", {number}, "a-name-like-this")' for number in range(1000)]
    rules += ["ten(x, y, z) :- small(x, y, z)", "thousand(x, y, z) :- large(x, y, z)"]
    rules += [f'group("u-{number}", "g-{number % 7}")' for number in range(100)]
    rules += ['error(x) :- small(x, n, z), not group(x, "g-1"), lt(n, 3)']
    body = {"name": "bench", "rules": [{"rule": rule} for rule in rules]}
    made = load.run(server.address, lambda _number: _post("/v1/policies", body), connections=1, seconds=60, most=1)
    made.failures += load.run(
        server.address, lambda _number: _post("/v1/policies", {"name": "growing"}), connections=1, seconds=60, most=1
    ).failures
    if made.failures:
        raise RuntimeError("the policies of the benchmark were refused")


_ROWS10 = load.request("GET", "/v1/policies/bench/tables/ten/rows")
_ROWS1000 = load.request("GET", "/v1/policies/bench/tables/thousand/rows")


def _simulate(number: int) -> bytes:
    """Another sequence each time; clients repeat their queries, not what they ask them about."""
    body = {"query": "error(x)", "sequence": f'small+("vm-{number}", 1, "n")', "action_policy": "action"}
    return _post("/v1/policies/bench?action=simulate&delta=true", body)


def _workloads() -> dict[str, Callable[[int], bytes]]:
    rules = iter(range(10**9))
    return {
        "rows10": lambda _number: _ROWS10,
        "rows1000": lambda _number: _ROWS1000,
        "simulate": _simulate,
        "rule create": lambda _number: _post("/v1/policies/growing/rules", {"rule": f"q({next(rules)})"}),
    }


def measure(server: Server, name: str, make: Callable[[int], bytes], connections: int, seconds: float) -> Figures:
    """One workload at one number of connections, after a warm-up."""
    load.run(server.address, make, connections=connections, seconds=seconds / 2, most=_WARM_UP)
    cpu = server.cpu()
    outcome = load.run(server.address, make, connections=connections, seconds=seconds)
    cpu = server.cpu() - cpu
    asked = len(outcome.latencies)
    p50, p99 = (percentile(outcome.latencies, share) * 1000 for share in (0.5, 0.99))
    return Figures(name, connections, asked, asked / outcome.seconds, p50, p99, cpu / asked * 1e6, outcome.failures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--connections", default="1,8,64")
    parser.add_argument("--only", default="", help="workloads, separated by commas")
    chosen = parser.parse_args()
    wanted = set(filter(None, chosen.only.split(",")))
    print("| workload | connections | requests/s | p50 ms | p99 ms | CPU µs/request | per core | failures | original |")
    print("|---|---|---|---|---|---|---|---|---|")
    with serving() as server:
        _prepare(server)
        for name, make in _workloads().items():
            if wanted and name not in wanted:
                continue
            for connections in map(int, chosen.connections.split(",")):
                print(_line(measure(server, name, make, connections, chosen.seconds)), flush=True)


def _line(found: Figures) -> str:
    return (
        f"| {found.workload} | {found.connections} | {found.per_second:.0f} | {found.p50:.2f} | {found.p99:.2f} "
        f"| {found.cpu:.0f} | {1e6 / found.cpu:.0f} | {found.failures} | {ORIGINAL.get(found.workload, '')} |"
    )


if __name__ == "__main__":
    main()
