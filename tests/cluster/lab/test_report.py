from __future__ import annotations

import json

from congress.cluster.lab.clients.observation import Outage
from congress.cluster.lab.faults import report
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import Fault, faults
from congress.cluster.lab.faults.predicting import differences
from congress.cluster.lab.faults.working import Kept


def _fault(name: str) -> Fault:
    return next(fault for fault in faults() if fault.name == name)


def _result(down: float = 1.0, lost: int | None = 0, otherwise: tuple[str, ...] = (), minority: int = 0) -> Result:
    seen = {"keystone": Outage("keystone", 50, 5, down, down, 0.1)}
    kept = {"database": Kept(100, lost)}
    return Result(_fault("keystone"), "keystone on a is killed", seen, 12.0, otherwise, kept, minority)


def test_every_fault_that_was_promised_for_is_in_the_catalogue() -> None:
    names = [fault.name for fault in faults()]

    assert len(set(names)) == len(names)
    assert {"haproxy", "keystone", "engine", "driver-node", "database", "messaging", "node-off", "cut"} <= set(names)


def test_a_promise_that_was_kept_is_not_broken() -> None:
    assert _result(down=2.9).broken == ()
    assert "1.0 / 3" in report.row(_result())


def test_a_service_that_was_away_for_longer_than_promised_is_a_broken_promise() -> None:
    assert _result(down=3.1).broken == ("keystone was away for 3.1 s, promised are 3 s",)
    assert "3.1 / 3 !" in report.row(_result(down=3.1))


def test_a_lost_write_is_a_broken_promise_and_so_is_one_that_nobody_can_look_for() -> None:
    assert _result(lost=1).broken == ("database: 1 of 100 lost",)
    assert _result(lost=None).broken == ("database: cannot be asked",)


def test_a_write_without_a_majority_is_a_broken_promise() -> None:
    assert _result(minority=2).broken == ("the side without a majority took 2 writes",)


def test_an_end_that_nobody_predicted_is_told() -> None:
    told = "vip-api: predicted Started on b, found Started on c"

    assert report.details(_result(otherwise=(told,)))[-1] == f"    NOT AS PREDICTED {told}"
    assert json.loads(report.to_json([_result(otherwise=(told,))]))[0]["not_as_predicted"] == [told]


def test_what_differs_from_a_prediction_is_named_with_its_places() -> None:
    expected = {"galera": {"a": "Promoted", "b": "Promoted"}, "vip-api": {"a": "Started"}}
    found = {"galera": {"a": "Promoted", "b": "Unpromoted"}, "vip-api": {"a": "Started"}}

    assert differences(expected, expected) == ()
    assert differences(expected, found) == (
        "galera: predicted Promoted on a, Promoted on b, found Promoted on a, Unpromoted on b",
    )


def test_repeated_faults_are_summed_up_by_median_and_longest() -> None:
    lines = report.summary([_result(down=1.0), _result(down=2.0), _result(down=5.0)]).splitlines()

    assert "2.0 (5.0)" in lines[0]
    assert lines[-1].startswith("3 faults: 1 with a broken promise, 0 with another end than predicted")
