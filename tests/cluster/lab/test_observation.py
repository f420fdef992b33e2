from __future__ import annotations

from pathlib import Path

from congress.cluster.lab.clients.observation import Attempt, outage, read


def _attempts(*times: tuple[float, float, bool]) -> list[Attempt]:
    return [Attempt("api", began, ended, served, "" if served else "refused") for began, ended, served in times]


def test_downtime_is_from_the_begin_of_the_first_error_to_the_end_of_the_last() -> None:
    seen = _attempts((0.0, 0.1, True), (1.0, 1.2, False), (2.0, 2.1, True), (3.0, 3.5, False), (4.0, 4.1, True))

    found = outage("api", seen, since=0.5, until=10.0)

    assert (found.requests, found.errors, found.first_error) == (4, 2, "refused")
    assert (found.first, found.last) == (0.5, 3.0)
    assert found.span == found.longest == 2.5


def test_errors_when_a_node_goes_and_when_it_comes_back_are_two_outages_and_one_span() -> None:
    seen = _attempts((1.0, 1.5, False), (2.0, 2.1, True), (3.0, 4.0, False), (5.0, 5.1, True), (60.0, 62.0, False))

    found = outage("api", seen, since=0.5, until=99.0)

    assert found.gaps == (3.0, 2.0)
    assert (found.longest, found.span) == (3.0, 61.0)


def test_an_answer_that_comes_late_is_no_error_but_part_of_an_outage() -> None:
    found = outage("api", _attempts((0.0, 0.1, True), (1.0, 3.0, True), (3.0, 3.1, False)), since=0.0, until=10.0)

    assert (found.errors, found.late) == (1, 1)
    assert (round(found.span, 1), found.longest) == (0.1, 2.1)


def test_a_late_answer_long_after_the_last_error_does_not_lengthen_the_time_with_errors() -> None:
    found = outage("api", _attempts((0.0, 2.0, False), (40.0, 42.5, True)), since=0.0, until=50.0)

    assert (found.span, found.gaps) == (2.0, (2.0, 2.5))


def test_answers_that_are_a_little_slow_are_not_late() -> None:
    assert outage("api", _attempts((0.0, 0.9, True)), since=0.0, until=10.0).longest == 0.0


def test_a_request_that_was_on_its_way_counts() -> None:
    assert outage("api", _attempts((0.0, 5.0, False)), since=1.0, until=10.0).errors == 1


def test_errors_of_before_and_after_do_not_count() -> None:
    seen = _attempts((0.0, 0.1, False), (2.0, 2.5, False), (20.0, 20.1, False))

    found = outage("api", seen, since=1.0, until=10.0)

    assert (found.errors, found.span) == (1, 0.5)


def test_a_line_that_is_half_written_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "attempts").write_text(Attempt("api", 1.0, 2.0, True, "7").line() + '["api", 3.0')

    assert list(read(tmp_path / "attempts")) == [Attempt("api", 1.0, 2.0, True, "7")]
