from __future__ import annotations

from pathlib import Path

import pytest

from congress.cluster.lab.clients.observation import Outage
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.faults import report, results
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import faults
from congress.cluster.lab.faults.predicting import closest, differences
from congress.cluster.lab.faults.working import Kept

NOON = 1_750_000_000.0


def _result(
    span: float = 1.0,
    lost: int | None = 0,
    otherwise: tuple[str, ...] = (),
    minority: int = 0,
    gaps: tuple[float, ...] = (),
) -> Result:
    seen = {"keystone": Outage("keystone", 50, 5, 1, span, 0.5, 0.5 + span, "refused", "reset", gaps or (span,))}
    kept = {"database": Kept(100, lost)}
    return Result("control", "keystone", NOON, 1.5, "keystone on a is killed", seen, 12.0, otherwise, kept, minority)


DISCARDED = Result("control", "keystone", NOON, 40.0, discarded="after 300 s it is still not at rest")


def _broken(result: Result) -> tuple[str, ...]:
    return result.broken(report.FAULTS[result.fault].promise)


def test_every_fault_that_was_promised_for_is_in_the_catalogue() -> None:
    names = [fault.name for fault in faults()]

    assert len(set(names)) == len(names)
    assert {"haproxy", "keystone", "engine", "driver-node", "database", "messaging", "node-off", "cut"} <= set(names)
    assert {"two-off", "site-off", "node-and-keystone"} <= set(names)


def test_a_promise_that_was_kept_is_not_broken() -> None:
    assert _broken(_result(span=2.9)) == ()
    assert "1.0 / 3 (1.0)" in report.row(_result())


def test_a_service_with_errors_for_longer_than_promised_is_a_broken_promise() -> None:
    assert _broken(_result(span=3.1)) == (
        "keystone had errors for 3.1 s, and the longest outage was 3.1 s, promised are 3 s",
    )
    assert "3.1 / 3 ! (3.1)" in report.row(_result(span=3.1))


def test_calm_between_errors_does_not_keep_a_promise() -> None:
    flapping = _result(span=238.0, gaps=(1.0, 2.0))

    assert _broken(flapping) == ("keystone had errors for 238.0 s, and the longest outage was 2.0 s, promised are 3 s",)
    assert "238.0 / 3 ! (2.0)" in report.row(flapping)
    assert (
        "    keystone was away 2 times (1.0 s, 2.0 s); errors 5, late answers 1, last error: reset"
        in report.details(flapping)
    )


def test_an_outage_without_errors_is_judged_too() -> None:
    assert (
        "keystone had errors for 0.0 s, and the longest outage was 9.0 s" in _broken(_result(span=0.0, gaps=(9.0,)))[0]
    )


def test_a_lost_write_is_a_broken_promise_and_so_is_one_that_nobody_can_look_for() -> None:
    assert _broken(_result(lost=1)) == ("database: 1 of 100 lost",)
    assert _broken(_result(lost=None)) == ("database: cannot be asked",)


def test_a_write_without_a_majority_is_a_broken_promise() -> None:
    assert _broken(_result(minority=2)) == ("the side without a majority took 2 writes",)


def test_an_end_that_nobody_predicted_is_told() -> None:
    told = "vip-api: predicted Started on b, found Started on c"

    assert report.details(_result(otherwise=(told,)))[-1] == f"    NOT AS PREDICTED {told}"
    assert not report.good([_result(otherwise=(told,))])


def test_what_differs_from_a_prediction_is_named_with_its_places() -> None:
    expected = {"galera": {"a": "Promoted", "b": "Promoted"}, "vip-api": {"a": "Started"}}
    found = {"galera": {"a": "Promoted", "b": "Unpromoted"}, "vip-api": {"a": "Started"}}

    assert differences(expected, expected) == ()
    assert differences(expected, found) == (
        "galera: predicted Promoted on a, Promoted on b, found Promoted on a, Unpromoted on b",
    )


def test_where_nobody_knows_who_is_back_first_each_order_is_predicted() -> None:
    ends = ({"vip-api": {"a": "Started"}}, {"vip-api": {"b": "Started"}})

    assert closest(ends, {"vip-api": {"b": "Started"}}) == ()
    assert closest(ends, {"vip-api": {"c": "Started"}}) == ("vip-api: predicted Started on a, found Started on c",)


def test_repeated_faults_are_summed_up_by_median_and_largest() -> None:
    lines = report.summary([_result(span=1.0), _result(span=2.0), _result(span=5.0)]).splitlines()

    assert "2.0 to 5.0 / 3 ! (5.0)" in lines[1]
    assert lines[-1].startswith("3 runs, 0 more were discarded: 1 with a broken promise, 0 with another end")
    assert lines[-1].endswith("0 of 300 lost")


def test_a_run_that_is_discarded_is_told_with_its_reason_and_proves_nothing() -> None:
    assert report.good([DISCARDED, _result()])
    assert not report.good([DISCARDED])
    assert report.details(DISCARDED) == (
        "    DISCARDED, since nothing was broken: after 300 s it is still not at rest",
    )


def test_a_page_says_when_how_often_under_which_load_and_what_does_not_count() -> None:
    page = report.page([_result(), _result(span=4.0), DISCARDED])

    assert "2 runs from 2025-06-15 15:06 to 2025-06-15 15:06 UTC" in page
    assert "load of the machine when they began: 1.5 to 1.5" in page
    assert "| keystone killed | 2 | - | 2.5 to 4.0 / 3 ! (4.0) |" in page
    assert (
        "- keystone killed: keystone had errors for 4.0 s, and the longest outage was 4.0 s, promised are 3 s" in page
    )
    assert page.endswith(
        "Discarded, since nothing was broken:\n\n- keystone killed: after 300 s it is still not at rest\n"
    )


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    every = (_result(otherwise=("x",), minority=1), DISCARDED, _result(lost=None, gaps=(1.0, 2.0)))
    results.write(tmp_path / "results.json", every)

    assert results.read(tmp_path / "results.json") == every


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')

    with pytest.raises(LaboratoryError, match="has no results of faults"):
        results.read(tmp_path / "other.json")
