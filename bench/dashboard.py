"""What a dashboard asks for over many violations: `python -m bench.dashboard [--violations 100000] [--runs 20]`.

A server of its own (over SQLite, or over the database that `--database` names) gets as many rows as make so many
violations, every tenth of which is closed again. Then each question is asked several times over loopback, on one
connection, and the median and the longest answer and the CPU time of the server are printed in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import requests

from bench.api import serving

LIMIT_MS = 200.0


class Figures(NamedTuple):
    """One question; times in milliseconds, `cpu` of the server for one answer, which other work hardly touches."""

    question: str
    found: int
    median: float
    longest: float
    cpu: float


class Asking:
    """Requests to one server."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._url = f"http://{address[0]}:{address[1]}"
        self._session = requests.Session()

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer's body, or what there is in place of one."""
        answer = self._session.request(verb, self._url + path, json=body, timeout=600)
        if not answer.ok:
            raise RuntimeError(f"{verb} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json() if answer.content else None

    def measure(self, name: str, path: str, runs: int, cpu: Callable[[], float]) -> Figures:
        """Ask the same several times, after once that does not count. `cpu`: the server's seconds of CPU so far."""
        answer = self._session.get(self._url + path, timeout=600)
        times, spent = [], cpu()
        for _run in range(runs):
            began = time.perf_counter()
            answer = self._session.get(self._url + path, timeout=600)
            times.append((time.perf_counter() - began) * 1000)
        spent = (cpu() - spent) * 1000 / runs
        return Figures(name, len(answer.json().get("results", [None])), statistics.median(times), max(times), spent)


def fill(asking: Asking, violations: int) -> float:
    """Make so many violations; answers how many seconds that took until the last one was recorded."""
    columns = {"description": "of the benchmark", "columns": "host,state"}
    asking.ask("POST", "/v1/data-sources", {"name": "hosts", "driver": "push", "config": columns})
    rules = [{"rule": 'error(h) :- hosts:data(host=h, state="down"), not excused(h)'}, {"rule": 'excused("spare")'}]
    rules.append({"rule": 'warning(h) :- hosts:data(host=h, state="odd")'})
    asking.ask("POST", "/v1/policies", {"name": "up", "rules": rules})
    rows = [[f"host-{number:06d}", "odd" if number % 1000 == 0 else "down"] for number in range(violations)]
    began = time.monotonic()
    asking.ask("PUT", "/v1/data-sources/hosts/tables/data/rows", rows)
    _await(asking, violations)
    seconds = time.monotonic() - began
    kept = [row for number, row in enumerate(rows) if number % 10]
    asking.ask("PUT", "/v1/data-sources/hosts/tables/data/rows", kept)
    _await(asking, violations + violations // 10)
    return seconds


def _await(asking: Asking, events: int) -> None:
    while int(asking.ask("GET", "/v1/events")["latest"]) < events:
        time.sleep(0.2)


def questions(asking: Asking, violations: int) -> Iterator[tuple[str, str]]:
    """(what is asked, path)."""
    first = asking.ask("GET", "/v1/violations?limit=1")["results"][0]
    middle, early = str(violations // 2), str(violations // 20)
    at = quote(first["opened"]["at"])
    listed = "/v1/violations?limit=50"
    yield "first page", listed
    yield "page in the middle", f"{listed}&marker={middle}"
    yield "one of the last pages", f"{listed}&marker={early}"
    yield "a page of 1000", "/v1/violations?limit=1000"
    yield "open", f"{listed}&state=open"
    yield "closed", f"{listed}&state=closed"
    yield "open, page in the middle", f"{listed}&state=open&marker={middle}"
    yield "of a policy", f"{listed}&policy=up"
    yield "of a policy that has none", f"{listed}&policy=none"
    yield "of a table with few", f"{listed}&policy=up&table=warning"
    yield "of a row", f"{listed}&policy=up&table=error&row={quote(json.dumps(['host-000011']))}"
    yield "with a text that many have", f"{listed}&text=host-00"
    yield "with a text that one has", f"{listed}&text=host-000011"
    yield "with a text that none has", f"{listed}&text=nowhere"
    yield "open at a time", f"{listed}&open_at={at}"
    yield "opened since a time", f"{listed}&opened_since={at}"
    yield "closed since a time", f"{listed}&closed_since={at}"
    yield "since an event", f"{listed}&since_event={violations}"
    yield "since a revision", f"{listed}&since_revision=10000"
    yield "one with its explanation", f"/v1/violations/{early}"
    yield "100 events from the beginning", "/v1/events?after=0&limit=100"
    yield "1000 events from the middle", f"/v1/events?after={middle}&limit=1000"
    yield "rows, first page", "/v1/policies/up/tables/error/rows?limit=50"
    yield "rows with a filter", "/v1/policies/up/tables/error/rows?limit=50&column.0=host-000011"
    yield "rows with a text", "/v1/policies/up/tables/error/rows?limit=50&text=0011"
    yield "50 rows explained", "/v1/policies/up/tables/error/rows?limit=50&explain=true"


@contextmanager
def configured(database: str) -> Iterator[list[str]]:
    """The server's options for this database; none for the one that it has by itself."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        connection = f"[database]\nconnection = {database}\n" if database else ""
        file.write(f"[DEFAULT]\nauth_strategy = noauth\n{connection}")
        file.flush()
        yield ["--config-file", file.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--violations", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20, help="times that each question is asked")
    parser.add_argument("--database", default="", help="URL of an empty database instead of SQLite")
    chosen = parser.parse_args()
    slow = 0
    with configured(chosen.database) as options, serving(*options) as server:
        asking = Asking(server.address)
        seconds = fill(asking, chosen.violations)
        print(f"{chosen.violations} violations were recorded within {seconds:.1f} s after their data arrived\n")
        print("| question | found | median ms | longest ms | CPU ms |")
        print("|---|---|---|---|---|")
        for name, path in questions(asking, chosen.violations):
            found = asking.measure(name, path, chosen.runs, server.cpu)
            slow += found.median > LIMIT_MS
            print(
                f"| {found.question} | {found.found} | {found.median:.1f} | {found.longest:.1f} | {found.cpu:.1f} |",
                flush=True,
            )
    print(f"\n{slow} questions took longer than {LIMIT_MS:.0f} ms in the median")
    sys.exit(bool(slow))


if __name__ == "__main__":
    main()
