"""What a dashboard asks for over many violations: `python -m bench.dashboard [--violations 100000] [--runs 20]`.

A server of its own (over SQLite, or over the database that `--database` names) gets as many rows as make so many
violations, every tenth of which is closed again. Then each question is asked several times over loopback, on one
connection, and the median and the longest answer and the CPU time of the server are printed in milliseconds. Nothing
is asked beforehand to warm anything up; "after a change" is after other rows each time.
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
from functools import partial
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


class Question(NamedTuple):
    """One request; `changes` rows come or go before each time that it is asked."""

    name: str
    path: str
    verb: str = "GET"
    body: Any = None
    changes: int = 0


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

    def measure(self, question: Question, runs: int, cpu: Callable[[], float], prepare: Callable[[], None]) -> Figures:
        """Ask the same several times, each time after `prepare`. `cpu`: the server's seconds of CPU so far."""
        times, spent = [], 0.0
        for _run in range(runs):
            prepare()
            before, began = cpu(), time.perf_counter()
            answer = self._session.request(question.verb, self._url + question.path, json=question.body, timeout=600)
            times.append((time.perf_counter() - began) * 1000)
            spent += cpu() - before
        found = answer.json().get("results", [None])
        return Figures(question.name, len(found), statistics.median(times), max(times), spent * 1000 / runs)


def fill(asking: Asking, violations: int) -> float:
    """Make so many violations; answers how many seconds that took until the last one was recorded."""
    columns = {"description": "of the benchmark", "columns": "host,state"}
    asking.ask("POST", "/v1/data-sources", {"name": "hosts", "driver": "push", "config": columns})
    rules = [{"rule": 'error(h) :- hosts:data(host=h, state="down"), not excused(h)'}, {"rule": 'excused("spare")'}]
    rules.append({"rule": 'warning(h) :- hosts:data(host=h, state="odd")'})
    rules.append({"rule": "found(h, s) :- hosts:data(host=h, state=s), not excused(h)"})
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


def questions(asking: Asking, violations: int) -> Iterator[Question]:
    """Everything that is asked."""
    yield from _lists(asking, violations)
    yield from _pages(violations)
    yield from _rows("/v1/policies/up/tables/error/rows", "rows", violations, 1)
    yield from _rows("/v1/policies/up/tables/found/rows", "computed rows", violations, 2)
    yield from _rows("/v1/data-sources/hosts/tables/data/rows", "datasource's rows", violations, 2)
    yield Question("50 rows explained", "/v1/policies/up/tables/error/rows?limit=50&explain=true", changes=1)


def _lists(asking: Asking, violations: int) -> Iterator[Question]:
    first = asking.ask("GET", "/v1/violations?limit=1")["results"][0]
    middle, early = str(violations // 2), str(violations // 20)
    at = quote(first["opened"]["at"])
    listed = "/v1/violations?limit=50"
    for name, path in (
        ("first page", listed),
        ("page in the middle", f"{listed}&marker={middle}"),
        ("one of the last pages", f"{listed}&marker={early}"),
        ("a page of 1000", "/v1/violations?limit=1000"),
        ("open", f"{listed}&state=open"),
        ("closed", f"{listed}&state=closed"),
        ("open, page in the middle", f"{listed}&state=open&marker={middle}"),
        ("of a policy", f"{listed}&policy=up"),
        ("of a policy that has none", f"{listed}&policy=none"),
        ("of a table with few", f"{listed}&policy=up&table=warning"),
        ("of a row", f"{listed}&policy=up&table=error&row={quote(json.dumps(['host-000011']))}"),
        ("with a text that many have", f"{listed}&text=host-00"),
        ("with a text that one has", f"{listed}&text=host-000011"),
        ("with a text that none has", f"{listed}&text=nowhere"),
        ("open at a time", f"{listed}&open_at={at}"),
        ("opened since a time", f"{listed}&opened_since={at}"),
        ("closed since a time", f"{listed}&closed_since={at}"),
        ("since an event", f"{listed}&since_event={violations}"),
        ("since a revision", f"{listed}&since_revision=10000"),
        ("one with its explanation", f"/v1/violations/{early}"),
        ("100 events from the beginning", "/v1/events?after=0&limit=100"),
        ("1000 events from the middle", f"/v1/events?after={middle}&limit=1000"),
    ):
        yield Question(name, path)


def _pages(violations: int) -> Iterator[Question]:
    """What else the pages of the dashboard ask for."""
    yield Question("overview: policies", "/v1/policies?limit=1000")
    yield Question("overview: curve of a policy", "/v1/policies/up/history?since=2020-01-01T00:00:00Z&limit=2000")
    yield Question("overview: count", "/v1/policies/up/tables/error/rows?limit=1")
    yield Question("overview: count after a change", "/v1/policies/up/tables/error/rows?limit=1", changes=1)
    yield Question("overview: datasources", "/v1/data-sources?limit=1000")
    yield Question("overview: replicas", "/v1/system/status")
    yield Question("policy: rules", "/v1/policies/up/rules?limit=1000")
    yield Question("policy: tables", "/v1/policies/up/tables?limit=1000")
    explain = "/v1/policies/up/tables/error/explain"
    yield Question("why", explain, "POST", {"row": [f"host-{violations // 2 + 1:06d}"]})
    yield Question("why not", explain, "POST", {"row": ["host-000010"]})
    yield Question("datasource: state", "/v1/data-sources/hosts/status")
    yield Question("datasource: schema", "/v1/data-sources/hosts/schema")
    yield Question("live: long poll", "/v1/events?after=0&limit=50&policy=up")


def _rows(path: str, name: str, violations: int, width: int) -> Iterator[Question]:
    """A table as the dashboard shows it: at rest, after changes of one row and of 1000."""
    listed = f"{path}?limit=100"

    def after(number: int) -> str:
        return f"{listed}&marker={quote(json.dumps([f'host-{number:06d}', 'down'][:width]))}"

    yield Question(f"{name}, first page", listed)
    yield Question(f"{name}, page in the middle", after(violations // 2))
    yield Question(f"{name}, last page", after(violations - 100))
    yield Question(f"{name}, with a column", f"{listed}&column.0=host-000011")
    yield Question(f"{name}, with a text that one has", f"{listed}&text=host-000011")
    yield Question(f"{name}, with a text that many have", f"{listed}&text=0")
    yield Question(f"{name}, after a change", after(violations // 2), changes=1)
    yield Question(f"{name}, with a text after a change", f"{listed}&text=0011", changes=1)
    yield Question(f"{name}, after a change of 1000", listed, changes=1000)


class Changes:
    """Rows that come and go in the table that all others follow."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._there = False

    def __call__(self, number: int) -> None:
        """Let so many rows come, or those that came last go."""
        if number:
            rows = [[f"host-{place * 7:06d}-more", "down"] for place in range(number)]
            change = {"delete" if self._there else "insert": rows}
            self._asking.ask("PATCH", "/v1/data-sources/hosts/tables/data/rows", change)
            self._there = not self._there


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
        changes = Changes(asking)
        for question in questions(asking, chosen.violations):
            found = asking.measure(question, chosen.runs, server.cpu, partial(changes, question.changes))
            slow += found.longest > LIMIT_MS
            print(
                f"| {found.question} | {found.found} | {found.median:.1f} | {found.longest:.1f} | {found.cpu:.1f} |",
                flush=True,
            )
    print(f"\n{slow} questions took longer than {LIMIT_MS:.0f} ms at least once")
    sys.exit(bool(slow))


if __name__ == "__main__":
    main()
