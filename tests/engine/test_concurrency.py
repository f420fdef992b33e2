"""Readers see committed states only, however many there are and whatever is being written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from congress.engine.workspace import Workspace

READERS = 100
UPDATES = 1_000
PATIENCE = 30.0
"""Seconds after which a test that waits gives up."""

RULES = {
    "p": [
        # every committed state has each token in exactly one of the two halls
        "error(x) :- d:left(x, n), d:right(x, m)",
        "error(x) :- d:token(x), not d:left(id=x), not d:right(id=x)",
        "both(n, m) :- d:left(a, n), d:right(b, m)",
        "total(count(x)) :- here(x)",
        "here(x) :- d:left(x, n)",
        "here(x) :- d:right(x, n)",
    ],
}
TOKENS = 10


def world() -> Workspace:
    workspace = Workspace()
    with workspace.transaction() as tx:
        tx.set_datasource("d", {"left": ("id", "state"), "right": ("id", "state"), "token": ("id",)})
        tx.insert_rows("d", "token", [(i,) for i in range(TOKENS)])
        tx.insert_rows("d", "left", [(i, 0) for i in range(TOKENS)])
        tx.create_policy("p")
        tx.insert_rules("p", RULES["p"])
    return workspace


def move_everything(workspace: Workspace, state: int) -> None:
    """One update: all tokens change the hall, and carry the update's number."""
    here, there = ("left", "right") if state % 2 else ("right", "left")
    with workspace.transaction() as tx:
        tx.replace_rows("d", there, [(i, state) for i in range(TOKENS)])
        tx.replace_rows("d", here, [])


def watching(check: Callable[[], int], readers: int, write: Callable[[], None]) -> list[int]:
    """Run the check in many threads until the writing is done; answers how often each looked. Raises what it raises."""
    done, began = threading.Event(), threading.Barrier(readers + 1)
    looks, errors = [0] * readers, []

    def read(number: int) -> None:
        began.wait(PATIENCE)
        latest = 0
        try:
            while not done.is_set() or not looks[number]:
                state = check()
                assert state >= latest, "a reader went back in time"
                latest = state
                looks[number] += 1
        except BaseException as error:
            errors.append(error)
            done.set()

    threads = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(readers)]
    for thread in threads:
        thread.start()
    began.wait(PATIENCE)
    try:
        write()
    finally:
        done.set()
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads)
    return looks


def test_100_readers_see_only_committed_states_during_1000_updates() -> None:
    workspace = world()

    def check() -> int:
        everything = workspace.query("p", "all(x, n) :- here(x), d:left(x, n)")
        assert len(everything) in (0, TOKENS), "half of an update"
        assert len({answer.partition(" :- ")[0].split(", ")[1] for answer in everything}) <= 1, "rows of two updates"
        assert workspace.query("p", "d:left(x, n), d:right(y, m)") == ()
        assert workspace.query("p", "both(n, m)") == ()
        assert workspace.rows("p", "error") == []
        assert workspace.rows("p", "total") == [(TOKENS,)]
        return 0

    def write() -> None:
        for state in range(1, UPDATES + 1):
            move_everything(workspace, state)

    began = time.monotonic()
    looks = watching(check, READERS, write)
    assert min(looks) >= 1
    assert time.monotonic() - began < PATIENCE


def test_a_reader_never_goes_back_to_an_earlier_state() -> None:
    workspace = world()

    def check() -> int:
        rows = workspace.rows("d", "left") or workspace.rows("d", "right")
        states = {cells[1] for cells in rows}
        assert len(states) <= 1, "rows of different updates"
        state = next(iter(states), 0)
        assert isinstance(state, int)
        return state

    def write() -> None:
        for state in range(2, UPDATES, 2):
            with workspace.transaction() as tx:
                tx.replace_rows("d", "left", [(i, state) for i in range(TOKENS)])

    assert sum(watching(check, 10, write)) >= 10


def test_changes_of_rules_are_seen_whole() -> None:
    workspace = world()
    with workspace.transaction() as tx:
        tx.insert_rules("p", ["a(x) :- d:token(x)", "b(x) :- a(x)"])

    def check() -> int:
        assert len(workspace.query("p", "a(x), b(x)")) == TOKENS
        return 0

    def write() -> None:
        for turn in range(100):
            old, new = ("d:token(x)", "here(x)") if turn % 2 == 0 else ("here(x)", "d:token(x)")
            with workspace.transaction() as tx:
                tx.delete_rules("p", [f"a(x) :- {old}"])
                tx.insert_rules("p", [f"a(x) :- {new}"])

    watching(check, 20, write)


def test_simulations_are_invisible_to_others() -> None:
    workspace = world()

    def check() -> int:
        assert workspace.rows("p", "error") == []
        assert workspace.rows("p", "total") == [(TOKENS,)]
        return 0

    def write() -> None:
        for i in range(100):
            found = workspace.simulate("p", "error(x)", f"d:right+({i % TOKENS}, 5) d:token+(77)", "p", delta=True)
            assert found.result == (f"error+({i % TOKENS})", "error+(77)")

    watching(check, 20, write)


def test_writers_do_not_lose_each_others_updates() -> None:
    workspace = world()

    def write(writer: int) -> None:
        for i in range(100):
            with workspace.transaction() as tx:
                tx.insert_rows("d", "right", [(1000 + writer * 100 + i, writer)])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(workspace.rows("d", "right")) == 800
    assert workspace.rows("p", "total") == [(TOKENS + 800,)]
