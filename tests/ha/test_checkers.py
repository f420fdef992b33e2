"""The checkers find what they are there to find: each is shown a history that is right and some that are not."""

from __future__ import annotations

from tests.ha import checkers
from tests.ha.checkers import Done, Recorded
from tests.ha.history import Event, History


def rule(number, outcome="ok", client="w", revision=None, ended=0.0):
    return Event(client, "rule", ended, ended, outcome, number=number, revision=revision)


def rows(numbers, outcome="ok"):
    return Event("p", "rows", 0.0, 0.0, outcome, numbers=tuple(numbers))


def read(revision, numbers=(), minimum=None, client="w"):
    return Event(client, "read", 0.0, 0.0, "ok", revision=revision, numbers=tuple(numbers), minimum=minimum)


def test_an_acknowledged_write_that_is_gone_is_found():
    events = [rule(1), rule(2), rule(3, "unknown")]
    assert checkers.writes(events, {1, 2}) == checkers.writes(events, {1, 2, 3}) == []
    assert checkers.writes(events, {1, 3}) == ["w was told that 2 is stored (revision None); it is gone"]


def test_a_refused_write_that_is_there_is_found():
    assert checkers.writes([rule(1, "refused")], set()) == []
    assert len(checkers.writes([rule(1, "refused")], {1})) == 1


def test_rows_are_those_of_the_last_push_or_of_one_nobody_knows_about():
    events = [rows([1]), rows([1, 2]), rows([1, 2, 3], "unknown"), rows([4], "refused")]
    assert checkers.pushes(events, [1, 2]) == checkers.pushes(events, [1, 2, 3]) == []
    assert checkers.pushes(events, [1]) and checkers.pushes(events, [4])


def test_a_replica_that_shows_something_else_is_found():
    oracle = {"error": frozenset({(1,)})}
    assert checkers.replicas({"api1": {"error": frozenset({(1,)})}}, oracle) == []
    assert checkers.replicas({"api1": {"error": frozenset({(2,)})}}, oracle)
    assert checkers.replicas({"api1": {}}, oracle)


def test_time_that_goes_backwards_in_a_session_is_found():
    assert checkers.sessions([read(3), read(3), read(2, client="other"), read(4)]) == []
    assert len(checkers.sessions([read(3), read(2)])) == 1


def test_a_reading_that_misses_what_its_client_wrote_is_found():
    assert checkers.sessions([rule(7, revision=5), read(5, [7], minimum=5)]) == []
    assert len(checkers.sessions([rule(7, revision=5), read(6, [], minimum=5)])) == 1
    assert len(checkers.sessions([read(4, [], minimum=5)])) == 1


def test_an_action_that_was_left_out_or_done_twice_is_found():
    assert checkers.actions([Done("a", 1, 1), Done("b", 2, 2)], {"a": 1, "b": 1}) == []
    assert checkers.actions([Done("a", 1, 1), Done("a", 2, 2)], {"a": 1})
    assert checkers.actions([], {"a": 1})
    assert checkers.actions([Done("a", 1, 1)], {})
    assert checkers.actions([Done("a", 2, 2), Done("b", 1, 1)], {"a": 1, "b": 1})


def test_two_publishers_under_one_epoch_are_found():
    assert checkers.publishers([(1, "a"), (1, "a"), (2, "b")]) == []
    assert checkers.publishers([(1, "a"), (1, "b")])


def test_entries_of_the_change_log_that_are_missing_or_doubled_are_found():
    right = [Recorded("a", 1, True), Recorded("a", 2, False), Recorded("b", 1, True)]
    assert checkers.change_log(right, {"b"}, {"a": 2, "b": 1}) == []
    assert checkers.change_log(right, {"a", "b"})
    assert checkers.change_log(right, {"b", "c"})
    assert checkers.change_log(right, {"b"}, {"a": 4})
    assert checkers.change_log([*right, Recorded("b", 2, True)], {"b"})
    assert checkers.change_log([*right, Recorded("b", 3, False)], set())


def test_the_longest_time_without_success_counts_from_the_fault_on():
    history = History()
    for ended in (0.0, 1.0, 1.5, 4.0, 4.2):
        history.add(rule(1, ended=ended))
    history.add(rule(1, "unknown", ended=3.0))
    assert history.gap("rule", 1.5) == 2.5
    assert round(history.gap("rule", 4.0), 3) == 0.2


def test_an_outage_lasts_from_the_first_request_in_vain_to_the_first_success_of_the_same_client():
    history = History()
    for client, began, ended, outcome in (
        ("a", 0.0, 3.0, "unknown"), ("b", 1.0, 1.5, "ok"), ("a", 3.5, 4.0, "ok"), ("a", 9.0, 9.5, "ok"),
    ):  # fmt: skip
        history.add(Event(client, "rule", began, ended, outcome))
    assert history.outage("rule", 0.0) == 4.0
    assert history.outage("rule", 5.0) == 0.5
