from __future__ import annotations

import copy
from typing import Any

import pytest

from congress.datasources.config import ConfigDriver
from congress.datasources.configreport import TABLES
from congress.datasources.contract import BadPushedData, UnknownTableGroup
from congress.datasources.options import OptionInvalid

OPTION = {
    "group": "DEFAULT", "name": "workers", "type": "Integer", "default": 1, "deprecated": "False",
    "deprecated_reason": "", "mutable": "False", "positional": "False", "required": "False",
    "sample_default": "None", "secret": "False", "help": "How many.", "limits": [["int_type", [1, "", ""]]],
}  # fmt: skip
REPORT: dict[str, Any] = {
    "host": "h1",
    "version": "2026.1",
    "namespaces": {"nova.conf": {"module": "nova.conf.opts", "base_dir": "/nova", "options": [OPTION]}},
    "files": [
        {
            "service": "nova",
            "file": "/etc/nova.conf",
            "template": "/gen.conf",
            "namespaces": ["nova.conf"],
            "values": [["nova.conf", "DEFAULT", "workers", 4]],
        }
    ],
}


def report(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(REPORT) | changes


def declaring(option: Any) -> dict[str, Any]:
    return report(namespaces={"n": {"module": "m", "base_dir": "b", "options": [option]}})


def rows(driver: ConfigDriver, *reports: Any) -> dict[str, list[Any]]:
    return {table: sorted(found) for table, found in driver.translate("host", reports).items()}


def test_the_tables_are_those_that_users_know() -> None:
    assert {table: [column.name for column in columns] for table, columns in TABLES.items()} == {
        "binding": ["option_id", "file_id", "val"],
        "option": ["id", "namespace", "group", "name"],
        "option_info": ["option_id", "type", "default", "deprecated", "deprecated_reason", "mutable", "positional",
                        "required", "sample_default", "secret", "help"],
        "host": ["id", "name"],
        "file": ["id", "host_id", "template", "name"],
        "module": ["id", "base_dir", "module"],
        "service": ["service", "host", "version"],
        "template": ["id", "name"],
        "template_ns": ["template", "namespace"],
        "namespace": ["id", "name"],
        "int_type": ["option_id", "min", "max", "choices"],
        "float_type": ["option_id", "min", "max"],
        "string_type": ["option_id", "regex", "max_length", "quotes", "ignore_case", "choices"],
        "list_type": ["option_id", "item_type", "bounds"],
        "ipaddr_type": ["option_id", "version"],
        "uri_type": ["option_id", "max_length", "schemes"],
        "range_type": ["option_id", "min", "max"],
    }  # fmt: skip


def test_a_report_becomes_rows_that_join() -> None:
    found = rows(ConfigDriver("c", {}), report())
    ((host, name),) = found["host"]
    ((space, _conf),) = found["namespace"]
    ((option, *_rest),) = found["option"]
    ((file, *of_file),) = found["file"]
    ((template, _path),) = found["template"]
    assert name == "h1" and found["service"] == [("nova", host, "2026.1")]
    assert of_file == [host, template, "/etc/nova.conf"]
    assert found["template_ns"] == [(template, space)] and found["module"] == [(space, "/nova", "nova.conf.opts")]
    assert found["option"] == [(option, space, "DEFAULT", "workers")]
    assert found["binding"] == [(option, file, 4)] and found["int_type"] == [(option, 1, "", "")]
    assert found["option_info"][0][:3] == (option, "Integer", 1)


def test_hosts_with_the_same_release_share_options_and_others_do_not() -> None:
    driver = ConfigDriver("c", {})
    assert len(rows(driver, report(), report(host="h2"))["option"]) == 1
    newer = report(host="h3")
    newer["namespaces"]["nova.conf"]["options"][0]["default"] = 2
    found = rows(driver, newer)
    assert (len(found["host"]), len(found["option"]), len(found["binding"])) == (3, 2, 3)


def test_another_report_takes_the_place_of_the_hosts_last_one() -> None:
    driver = ConfigDriver("c", {})
    rows(driver, report(), report(host="h2"))
    found = rows(driver, report(files=[]))
    assert (len(found["host"]), len(found["binding"]), len(found["service"])) == (2, 1, 1)
    assert not any(rows(driver).values())


def test_a_host_that_fell_silent_is_forgotten() -> None:
    driver = ConfigDriver("c", {"forget_after": "60"})
    times = iter([0.0, 50.0, 70.0])
    driver.clock = lambda: next(times)
    assert [row[1] for row in rows(driver, report())["host"]] == ["h1"]
    assert len(rows(driver, report(host="h2"))["host"]) == 2
    assert [row[1] for row in rows(driver, report(host="h2"))["host"]] == ["h2"]


def test_zero_never_forgets() -> None:
    driver = ConfigDriver("c", {"forget_after": "0"})
    times = iter([0.0, 1e9])
    driver.clock = lambda: next(times)
    rows(driver, report())
    assert len(rows(driver, report(host="h2"))["host"]) == 2


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(OptionInvalid, match="forget_after must be"):
        ConfigDriver("c", {"forget_after": text})


@pytest.mark.parametrize(
    "wrong",
    [
        1,
        {},
        report(host=""),
        report(files=[{}]),
        declaring({}),
        declaring(OPTION | {"limits": [["host", [1]]]}),
        declaring(OPTION | {"limits": [["int_type", [1]]]}),
        declaring(OPTION | {"default": []}),
    ],
)
def test_what_is_no_report_is_refused_and_changes_nothing(wrong: Any) -> None:
    driver = ConfigDriver("c", {})
    rows(driver, report())
    with pytest.raises(BadPushedData, match="item 1 of the pushed list is no report"):
        rows(driver, report(host="h2"), wrong)
    assert len(rows(driver, report())["host"]) == 1


def test_other_tables_take_nothing() -> None:
    with pytest.raises(UnknownTableGroup, match="in table 'host'"):
        ConfigDriver("c", {}).translate("option", [])
    with pytest.raises(UnknownTableGroup, match="pushed to"):
        ConfigDriver("c", {}).fetch("host")
