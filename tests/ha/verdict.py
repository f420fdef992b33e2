"""What a site shows in the end, and everything that is wrong about it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import requests

from congress.engine.workspace import Workspace
from tests.ha import checkers
from tests.ha.checkers import Done, Recorded, Rows
from tests.ha.place import Place
from tests.ha.probe_driver import marks
from tests.ha.tap import Tap
from tests.ha.workload import MINIMUM, Workload
from tests.waiting import until

_PAGE = 500
NOT_READY_SECONDS = 20.0
"""So long a node may show old rows before it says that it is not ready: `behind_seconds`, and the time until signs of
life have told."""


class Verdict(NamedTuple):
    """`problems`: in words, none is good; `seconds`: how long it took until everything was as it must be."""

    problems: list[str]
    seconds: float


class NotThere(Exception):
    """A replica did not answer what it was asked; the text says which, what and how."""


def judge(place: Place, work: Workload, tap: Tap | None = None, seconds: float = 60.0) -> Verdict:
    """Judge when the clients have stopped; what must become so in the end may take so many seconds."""
    for_good = [f"(c) {each}" for each in checkers.sessions(work.history)]
    if tap is not None:
        for_good += [f"(e) {each}" for each in checkers.publishers(tap.heard)]
    began = time.monotonic()
    wrong_since: float | None = None

    def looked() -> Verdict | None:
        nonlocal wrong_since
        try:
            problems = _now(place, work)
        except (NotThere, requests.RequestException) as error:
            problems = [str(error)]
        now = time.monotonic()
        took = now - began
        # Nobody was found not to be ready, and yet somebody shows other rows than there are.
        wrong = [each for each in problems if each.startswith("(b)")]
        wrong_since = (wrong_since or now) if wrong else None
        if wrong_since is not None and now - wrong_since > NOT_READY_SECONDS:
            return Verdict([*for_good, *problems, f"(b) all have said that they are ready for {took:.0f} s"], took)
        if not problems or took > seconds:
            return Verdict(for_good + problems, took)
        return None

    return until(looked, seconds=float("inf"), every=0.3)  # it ends by itself, and says what is wrong


def _now(place: Place, work: Workload) -> list[str]:
    problems = [f"{name} is not ready: {told}" for name, told in _not_ready(place)]
    if problems:
        return problems
    revision = max((event.revision or 0 for event in work.history), default=0)
    written: set[int] = set()
    shown: dict[str, dict[str, Rows]] = {}
    oracle: dict[str, Rows] = {}
    for name, url in work.replicas.items():
        rules = {policy: _rules(url, policy, revision) for policy in (*work.policies, work.watch)}
        feed = _rows(url, f"data-sources/{work.feed}/tables/data", revision)
        numbers = {row[0] for row in feed}
        problems += [f"(a) {name}: {each}" for each in checkers.pushes(work.history, [int(str(n)) for n in numbers])]
        expected = _oracle(work, rules, feed)
        if oracle and expected != oracle:
            problems.append(f"(b) {name} has other facts than the replicas before")
        oracle = oracle or expected
        shown[name] = {table: _rows(url, f"policies/{work.watch}/tables/{table}", revision) for table in expected}
        written = {int(str(row[0])) for row in expected["written"]}
        problems += [f"(a) {name}: {each}" for each in checkers.writes(work.history, written)]
    problems += [f"(b) {each}" for each in checkers.replicas(shown, oracle)]
    url = next(iter(work.replicas.values()))
    problems += _change_log(url, work, oracle)
    return problems + (_actions(place, url, work) if place.journal.exists() else [])


def _not_ready(place: Place) -> list[tuple[str, Any]]:
    health = {name: node.health("ready") for name, node in place.site.nodes.items()}
    return [(name, told) for name, (status, told) in health.items() if status != 200]


# -- what is shown ---------------------------------------------------------------------------------------------------


def _get(url: str, revision: int = 0) -> Any:
    answer = requests.get(url, headers={MINIMUM: str(revision)}, timeout=20)
    if answer.status_code != 200:
        raise NotThere(f"GET {url} is answered {answer.status_code}: {answer.text[:300]}")
    return answer.json()


def _pages(url: str, revision: int = 0) -> list[Any]:
    found: list[Any] = []
    more = ""
    while True:
        page = _get(f"{url}{'&' if '?' in url else '?'}limit={_PAGE}{more}", revision)
        found += page["results"]
        if "next_marker" not in page:
            return found
        more = "&marker=" + requests.utils.quote(str(page["next_marker"]), safe="")  # type: ignore[attr-defined]


def _rules(url: str, policy: str, revision: int) -> list[str]:
    return [str(each["rule"]) for each in _pages(f"{url}/v1/policies/{policy}/rules", revision)]


def _rows(url: str, table: str, revision: int) -> Rows:
    return frozenset(tuple(each["data"]) for each in _pages(f"{url}/v1/{table}/rows", revision))


def _oracle(work: Workload, rules: dict[str, list[str]], feed: Rows) -> dict[str, Rows]:
    """What a naive evaluation of these rules over these rows shows."""
    workspace = Workspace(executor="naive")
    with workspace.transaction() as change:
        change.set_datasource(work.feed, {"data": ("number",)})
        change.set_datasource("probe", {"marks": ("row",)})
        for policy, texts in rules.items():
            change.create_policy(policy)
            change.insert_rules(policy, texts)
        change.insert_rows(work.feed, "data", [tuple(row) for row in feed])
    return {table: frozenset(tuple(row) for row in workspace.rows(work.watch, table)) for table in ("written", "error")}


# -- the records of what happened --------------------------------------------------------------------------------------


def _change_log(url: str, work: Workload, oracle: dict[str, Rows]) -> list[str]:
    log = [
        Recorded(f"{each['table']}{each['row']}", each["number"], each["change"] == "entered")
        for each in _pages(f"{url}/v1/policies/{work.watch}/history")
        if each["table"] == "error"
    ]
    present = {f"error{list(row)}" for row in oracle["error"]}
    return [f"(f) {each}" for each in checkers.change_log(log, present)]


def _actions(place: Place, url: str, work: Workload) -> list[str]:
    entries = _pages(f"{url}/v1/actions?policy={work.watch}")
    waiting = [entry for entry in entries if entry["state"] in ("pending", "claimed")]
    if waiting:
        return [f"(d) {len(waiting)} actions wait: {waiting[0]}"]
    epochs = {str(entry["args"][0]): int(entry["epoch"] or 0) for entry in entries}
    journal = [
        Done(mark.row, mark.pid, epochs.get(mark.row, 0)) for mark in marks(place.journal) if work.owns(mark.row)
    ]
    return [f"(d) {each}" for each in checkers.actions(journal, _owed(entries, journal))]


def _owed(entries: Iterable[Any], journal: Iterable[Done]) -> dict[str, int]:
    """Row -> how often it must have been acted on: once for each entry that is done; not more often than there are
    entries of unknown outcome beyond that."""
    done = Counter(str(entry["args"][0]) for entry in entries if entry["state"] == "done")
    unknown = Counter(str(entry["args"][0]) for entry in entries if entry["state"] == "unknown")
    happened = Counter(each.row for each in journal)
    return {
        row: min(max(happened[row], done[row]), done[row] + unknown[row])
        for row in {*done, *unknown, *_rows_of(entries)}
    }


def _rows_of(entries: Iterable[Any]) -> set[str]:
    return {str(entry["args"][0]) for entry in entries}
