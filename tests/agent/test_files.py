"""What the agent finds in templates, installed namespaces and configuration files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from congress.agent import files
from congress.agent.namespaces import MASK
from congress.datasources.configreport import checked
from tests.agent import sample


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample.install(tmp_path / "packages")
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))


@pytest.fixture
def report(tmp_path: Path) -> dict[str, Any]:
    file, template = sample.write(tmp_path / "etc")
    return files.report("h1", "2026.1", {"sample": {file: template}})


def options(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {option["name"]: option for option in report["namespaces"]["sample.conf"]["options"]}


def test_a_report_is_what_the_driver_takes(report: dict[str, Any]) -> None:
    assert checked(0, json.loads(json.dumps(report)))


def test_installed_namespaces_are_described_and_others_left_out(report: dict[str, Any]) -> None:
    assert set(report["namespaces"]) == {"sample.conf", "oslo.log"}
    space = report["namespaces"]["sample.conf"]
    assert (space["module"], Path(space["base_dir"]).name) == ("sample_options", "packages")
    assert report["files"][0]["namespaces"] == ["sample.conf", "oslo.log"]


def test_an_option_is_described(report: dict[str, Any]) -> None:
    assert options(report)["workers"] == {
        "group": "DEFAULT", "name": "workers", "type": "Integer", "default": 1, "deprecated": "False",
        "deprecated_reason": "", "mutable": "False", "positional": "False", "required": "False",
        "sample_default": "None", "secret": "False", "help": "How many.", "limits": [["int_type", [1, 8, ""]]],
    }  # fmt: skip
    assert (options(report)["gone"]["deprecated"], options(report)["must"]["required"]) == ("True", "True")


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("ratio", [["float_type", [0.5, ""]]]),
        ("mode", [["string_type", ["fast|slow", 0, "False", "False", ""]]]),
        ("level", [["string_type", ["", 4, "False", "True", "high,low"]]]),
        ("port", [["int_type", [0, 65535, ""]]]),
        ("names", [["list_type", ["String", "False"]]]),
        ("endpoint", [["uri_type", [99, "http,https"]]]),
        ("address", [["ipaddr_type", [4]]]),
        ("span", [["range_type", [1, 9]]]),
        ("debug", []),
    ],
)
def test_each_type_has_its_limits(report: dict[str, Any], name: str, limits: Any) -> None:
    assert options(report)[name]["limits"] == limits


def test_values_have_types_where_they_fit_and_are_text_where_not(report: dict[str, Any]) -> None:
    values = {tuple(value) for value in report["files"][0]["values"]}
    assert values == {
        ("sample.conf", "DEFAULT", "workers", "12"),  # beyond the bounds: as it is written
        ("sample.conf", "DEFAULT", "transport", MASK),
        ("sample.conf", "DEFAULT", "debug", "True"),
        ("oslo.log", "DEFAULT", "debug", "True"),
        ("sample.conf", "DEFAULT", "driver", "one"),
        ("sample.conf", "DEFAULT", "driver", "two"),
        ("sample.conf", "DEFAULT", "my_ip", "192.0.2.1"),
        ("sample.conf", "DEFAULT", "url", "http://192.0.2.1/v1"),
        ("sample.conf", "api", "ratio", "much"),
        ("sample.conf", "api", "names", "a, b"),
        ("sample.conf", "api", "gone", "x"),
        ("sample.conf", "api", "mode", "fast"),  # written under its former name
    }


def test_a_value_that_fits_a_number_is_one(tmp_path: Path) -> None:
    file, template = sample.write(tmp_path / "etc", "[DEFAULT]\nworkers = 3\n[api]\nratio = 0.75\nport = 81\n")
    (found,) = files.report("h", "", {"s": {file: template}})["files"]
    assert [value[-1] for value in found["values"]] == [3, 0.75, 81]


def test_no_secret_is_in_a_report(report: dict[str, Any]) -> None:
    assert sample.CANARY not in json.dumps(report)


def test_files_that_cannot_be_read_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, template = sample.write(tmp_path / "etc")
    broken, _same = sample.write(tmp_path / "broken", f"[DEFAULT]\npassword {sample.CANARY}\n")
    report = files.report("h", "", {"s": {file: template, broken: template, "/nonexistent": template}})
    assert [each["file"] for each in report["files"]] == [file]
    assert "/nonexistent of service s is left out" in caplog.text and f"{broken}, line 2" in caplog.text
    assert sample.CANARY not in caplog.text


def test_a_namespace_that_fails_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "packages" / "sample_options.py").write_text("raise RuntimeError('no')\n")
    monkeypatch.delitem(__import__("sys").modules, "sample_options", raising=False)
    file, template = sample.write(tmp_path / "etc")
    assert set(files.report("h", "", {"s": {file: template}})["namespaces"]) == {"oslo.log"}
    assert "namespace sample.conf cannot be loaded" in caplog.text
