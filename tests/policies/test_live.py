from __future__ import annotations

import threading

from congress.datalog.core import TableId
from congress.engine.workspace import Workspace
from congress.policies.live import Live, watching


def make(remembered: int = 1000, remembered_rows: int = 1000) -> Live:
    live = Live(Workspace(watch=watching(["error"])), remembered, remembered_rows)
    with live.transaction() as change:
        change.create_policy("p")
        change.insert_rules("p", ["error(x) :- q(x)"])
    return live


def insert(live: Live, text: str) -> None:
    with live.transaction() as change:
        change.insert_rules("p", [text])


def test_execute_tables_are_always_watched() -> None:
    watch = watching(["error"])
    assert watch(TableId("any", "error"))
    assert watch(TableId("any", "execute[nova:servers.pause]"))
    assert not watch(TableId("any", "warning"))
    assert watching(["*"])(TableId("any", "whatever"))


def test_changes_are_numbered_in_the_order_of_their_transactions() -> None:
    live = make()
    insert(live, "q(1)")
    insert(live, "q(2)")
    found = live.changes("p", 0)
    assert [(change.sequence, change.inserted) for change in found.changes] == [(1, ((1,),)), (2, ((2,),))]
    assert (found.latest, found.complete) == (2, True)
    assert live.changes("p", 1).changes == found.changes[1:]
    assert live.changes("other", 0) == ([], 2, True)


def test_only_so_many_changes_are_remembered() -> None:
    live = make(remembered=2)
    for number in range(4):
        insert(live, f"q({number})")
    found = live.changes("p", 0)
    assert ([change.sequence for change in found.changes], found.latest) == ([3, 4], 4)
    assert not found.complete
    assert live.changes("p", 2).complete


def test_the_rows_of_all_remembered_changes_are_bounded() -> None:
    live = make(remembered_rows=3)
    with live.transaction() as change:
        change.insert_rules("p", [f"q({number})" for number in range(10)])
    assert [len(change.inserted) for change in live.changes("p", 0).changes] == [10]
    insert(live, "q(10)")
    assert [change.sequence for change in live.changes("p", 0).changes] == [2]


def test_a_failed_transaction_changes_and_records_nothing() -> None:
    live = make()
    try:
        with live.transaction() as change:
            change.insert_rules("p", ["q(1)"])
            raise RuntimeError
    except RuntimeError:
        pass
    assert live.workspace.rows("p", "error") == []
    assert live.changes("p", 0).changes == []


def test_a_reader_can_wait_for_the_next_change() -> None:
    live = make()
    answers = []
    reader = threading.Thread(target=lambda: answers.append(live.changes("p", 0, wait=10)))
    reader.start()
    insert(live, "q(1)")
    reader.join(10)
    assert [change.inserted for change in answers[0].changes] == [((1,),)]


def test_time_moves_rules_that_mention_it() -> None:
    live = make()
    insert(live, "error(x) :- now(x)")
    live.tick("2030-01-01 00:00:00")
    live.tick("2030-01-01 00:00:01")
    last = live.changes("p", 0).changes[-1]
    assert (last.inserted, last.deleted) == ((("2030-01-01 00:00:01",),), (("2030-01-01 00:00:00",),))
