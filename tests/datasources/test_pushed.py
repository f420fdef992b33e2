"""Drivers whose rows are sent to them."""

import pytest

from congress.datalog.values import Real
from congress.datasources.contract import BadPushedData, UnknownTableGroup
from congress.datasources.doctor import DoctorDriver
from congress.datasources.pushed import FakeDriver, PushDriver
from congress.datasources.runner import DatasourceRunner


def pushed_to(driver, table, objects):
    runner = DatasourceRunner("d", driver, lambda updates: None)
    runner.start()
    runner.push(table, objects)
    return runner.rows(table)


def test_objects_pushed_to_the_fake_datasource_become_rows():
    objects = [{"id": 1, "name": "ä"}, {"id": 2}]
    assert pushed_to(FakeDriver("d", {}), "fake_table", objects) == {(1, "ä"), (2, "None")}


def test_pushing_replaces_what_was_pushed_before():
    published = []
    runner = DatasourceRunner("d", FakeDriver("d", {}), published.extend)
    runner.push("fake_table", [{"id": 1, "name": "a"}])
    runner.push("fake_table", [{"id": 2, "name": "b"}])
    assert runner.rows("fake_table") == {(2, "b")}
    assert [one.kind for one in published] == ["snapshot", "delta"]
    assert runner.status()["number_of_updates"] == "2"


def test_lists_of_cells_pushed_to_push_become_rows():
    driver = PushDriver("d", {"description": "x", "columns": "name, number"})
    assert pushed_to(driver, "data", [["a", 1], ["b", None]]) == {("a", 1), ("b", "None")}
    assert pushed_to(PushDriver("d", {"description": "x"}), "data", [["a"]]) == {("a",)}


def test_rows_have_as_many_cells_as_the_table_has_columns():
    with pytest.raises(BadPushedData, match="2 cells, table 'data' has 1 columns"):
        pushed_to(PushDriver("d", {"description": "x"}), "data", [["a", 1]])


@pytest.mark.parametrize("objects", [["a"], [{"a": 1}], [[["nested"]]]])
def test_what_is_no_list_of_cells_is_refused(objects):
    with pytest.raises(BadPushedData, match="item 0"):
        pushed_to(PushDriver("d", {"description": "x"}), "data", objects)


@pytest.mark.parametrize("driver", [PushDriver("d", {}), FakeDriver("d", {})])
def test_a_table_that_takes_no_data_is_refused(driver):
    with pytest.raises(UnknownTableGroup, match="'nothing'"):
        pushed_to(driver, "nothing", [])


def test_events_of_a_doctor_inspector_become_rows():
    event = {
        "time": "2026-01-01T00:00:00Z",
        "type": "compute.host.down",
        "details": {"hostname": "nœud", "status": "down", "monitor": "zabbix", "monitor_event_id": "1", "more": 1},
    }
    assert pushed_to(DoctorDriver("d", {}), "events", [event, {"type": "x"}]) == {
        ("2026-01-01T00:00:00Z", "compute.host.down", "nœud", "down", "zabbix", "1"),
        ("None", "x", "None", "None", "None", "None"),
    }


def test_rows_that_a_table_had_before_can_be_given_back():
    runner = DatasourceRunner("d", FakeDriver("d", {}), lambda updates: None)
    runner.restore("fake_table", [[1, "a"], [1.5, None]])
    assert runner.rows("fake_table") == {(1, "a"), (Real(1.5), "None")}
    with pytest.raises(BadPushedData, match="2 cells"):
        runner.restore("fake_table", [[1]])
    with pytest.raises(UnknownTableGroup):
        runner.restore("nope", [])
