"""What must be true of a history whatever was broken: each function answers what is wrong, in words; nothing is good.

The letters are those of the promises in docs/high-availability.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.ha.history import Event

Rows = frozenset[tuple[object, ...]]


def writes(events: Iterable[Event], final: Collection[int]) -> list[str]:
    """(a) Every acknowledged number is there in the end, and none that was refused."""
    wrong = []
    for event in events:
        if event.kind != "rule":
            continue
        if event.outcome == "ok" and event.number not in final:
            wrong.append(
                f"{event.client} was told that {event.number} is stored (revision {event.revision}); it is gone"
            )
        if event.outcome == "refused" and event.number in final:
            wrong.append(f"{event.client} was told {event.status} for {event.number}; it is there")
    return wrong


def pushes(events: Iterable[Event], final: Collection[int]) -> list[str]:
    """(a) The rows in the end are those of the last acknowledged push, or of one of unknown outcome after it.

    There must be one pushing client. Push number n shows the numbers in `numbers`.
    """
    pushed = [event for event in events if event.kind == "rows"]
    acknowledged = [index for index, event in enumerate(pushed) if event.outcome == "ok"]
    if not acknowledged:
        return []
    possible = [pushed[acknowledged[-1]], *(e for e in pushed[acknowledged[-1] + 1 :] if e.outcome == "unknown")]
    if set(final) in [set(event.numbers) for event in possible]:
        return []
    return [f"the rows in the end are {sorted(final)}; the last acknowledged push was {sorted(possible[0].numbers)}"]


def replicas(shown: Mapping[str, Mapping[str, Rows]], oracle: Mapping[str, Rows]) -> list[str]:
    """(b) Every replica shows what a naive evaluation of the final facts shows. `shown`: replica -> table -> rows."""
    wrong = []
    for replica, tables in shown.items():
        for table, rows in oracle.items():
            found = tables.get(table, frozenset())
            if found != rows:
                missing, more = sorted(rows - found, key=repr)[:5], sorted(found - rows, key=repr)[:5]
                wrong.append(f"{replica} shows of {table} not {missing}, but {more}")
    return wrong


def sessions(events: Iterable[Event]) -> list[str]:
    """(c) Within a session revisions never fall; a reading that asked for a revision shows every write up to it."""
    wrong = []
    latest: dict[str, int] = {}
    written: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in events:
        if event.outcome != "ok" or event.revision is None:
            continue
        if event.revision < latest.get(event.client, 0):
            wrong.append(
                f"{event.client} saw revision {latest[event.client]} and then {event.revision} through {event.through}"
            )
        latest[event.client] = max(latest.get(event.client, 0), event.revision)
        if event.kind == "rule":
            written[event.client].append((event.revision, event.number))
        if event.kind == "read" and event.minimum is not None:
            if event.revision < event.minimum:
                wrong.append(f"{event.client} asked for revision {event.minimum} and was shown {event.revision}")
            owed = [number for revision, number in written[event.client] if revision <= event.minimum]
            unseen = [number for number in owed if number not in event.numbers]
            if unseen:
                wrong.append(f"{event.client} read at revision {event.revision} and missed its own {unseen[:5]}")
    return wrong


class Done(NamedTuple):
    """A line of the acting driver's journal: which row was acted on, by which process, under which epoch."""

    row: str
    process: int
    epoch: int


def actions(journal: Sequence[Done], entered: Mapping[str, int]) -> list[str]:
    """(d) Each entry was acted on once: as often as its row entered. `entered`: row -> times, in the change log."""
    wrong = []
    times = Counter(done.row for done in journal)
    for row, expected in entered.items():
        if times[row] != expected:
            wrong.append(f"{row} entered {expected} times and was acted on {times[row]} times")
    wrong += [f"{row} was acted on and never entered" for row in times if row not in entered]
    highest = 0
    for done in journal:
        if done.epoch < highest:
            wrong.append(f"{done.row} was acted on under epoch {done.epoch} after epoch {highest} had begun to act")
        highest = max(highest, done.epoch)
    return wrong


def publishers(heard: Iterable[tuple[int, str]]) -> list[str]:
    """(e) One node published under each epoch. `heard`: (epoch, node) of every publication on the bus."""
    nodes: dict[int, set[str]] = defaultdict(set)
    for epoch, node in heard:
        nodes[epoch].add(node)
    return [f"epoch {epoch} was published under by {sorted(names)}" for epoch, names in nodes.items() if len(names) > 1]


class Recorded(NamedTuple):
    """An entry of the change log."""

    row: str
    number: int
    entered: bool


def change_log(
    log: Iterable[Recorded], present: Collection[str], changes: Mapping[str, int] | None = None
) -> list[str]:
    """(f) Per row the entries are numbered 1, 2, ... and alternate, and the last one says what is so now.

    `changes`: row -> how often it really entered or left, where that is known exactly.
    """
    wrong = []
    rows: dict[str, list[Recorded]] = defaultdict(list)
    for entry in log:
        rows[entry.row].append(entry)
    for row, entries in rows.items():
        entries.sort(key=lambda entry: entry.number)
        if [entry.number for entry in entries] != list(range(1, len(entries) + 1)):
            wrong.append(f"{row} is numbered {[entry.number for entry in entries]}")
        if [entry.entered for entry in entries] != [index % 2 == 0 for index in range(len(entries))]:
            wrong.append(f"{row} entered twice without leaving, or left twice: {[entry.entered for entry in entries]}")
        if entries[-1].entered != (row in present):
            wrong.append(f"{row} {'entered' if entries[-1].entered else 'left'} last, and is not so now")
    wrong += [f"{row} is there and was never recorded" for row in present if row not in rows]
    for row, expected in (changes or {}).items():
        if len(rows.get(row, ())) != expected:
            wrong.append(f"{row} changed {expected} times and was recorded {len(rows.get(row, ()))} times")
    return wrong
