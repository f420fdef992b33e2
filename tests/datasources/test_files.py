"""The driver file: JSON, YAML and CSV, read when they change."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from congress.datasources.contract import DriverError, Unchanged
from congress.datasources.files import FileDriver
from congress.datasources.options import OptionInvalid


def driver(table: dict[str, Any], **config: str) -> FileDriver:
    return FileDriver("here", {"tables": json.dumps({"t": {"columns": {"a": "a"}, **table}}), **config})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", '[{"a": 1}, {"a": "x"}]'),
        ("t.yaml", "- a: 1\n- a: x\n"),
        ("t.yml", "\ufeff- {a: 1}\n- {a: x}\n"),
    ],
)
def test_each_format_is_told_by_the_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert set(driver({"path": str(tmp_path / name)}).fetch("t")["t"]) == {(1,), ("x",)}


def test_lines_of_csv_are_objects_and_numbers_are_read_where_columns_say_so(tmp_path: Path) -> None:
    (tmp_path / "owners").write_text('host;room;owner\r\nh1;12;"Roe; Jane"\r\nh2;;\r\n')
    table = {
        "path": str(tmp_path / "owners"),
        "format": "csv",
        "delimiter": ";",
        "columns": {"host": "host", "room": {"path": "room", "type": "Int"}, "owner": "owner", "rack": "rack"},
    }
    assert set(driver(table).fetch("t")["t"]) == {("h1", 12, "Roe; Jane", "None"), ("h2", "", "", "None")}


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[{"a": 1}]')
    one = driver({"path": str(path)})
    one.fetch("t")
    with pytest.raises(Unchanged):
        one.fetch("t")
    path.write_text('[{"a": 12}]')
    assert set(one.fetch("t")["t"]) == {(12,)}
    other = tmp_path / "new"
    other.write_text('[{"a": 34}]')
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.rename(path)  # as most programs replace a file: here with the same size and time
    assert set(one.fetch("t")["t"]) == {(34,)}


def test_a_file_that_goes_away_and_comes_back_as_it_was_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[{"a": 1}]')
    one = driver({"path": str(path)})
    one.fetch("t")
    path.rename(tmp_path / "away")
    with pytest.raises(DriverError, match=r"datasource 'here', table t: .*t\.json cannot be read: No such file"):
        one.fetch("t")
    (tmp_path / "away").rename(path)
    assert set(one.fetch("t")["t"]) == {(1,)}


def test_a_file_that_nobody_writes_any_longer_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("[]")
    os.utime(path, (1, 1))
    with pytest.raises(DriverError, match="is it still written"):
        driver({"path": str(path)}, max_age="60").fetch("t")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.json", b"[", "is not JSON: Expecting value"),
        ("t.json", b"[" * 200_000, "is not JSON: maximum recursion"),
        ("t.json", b"\xff", "is not JSON: 'utf-8' codec"),
        ("t.yaml", b"a: [", "is not YAML: while parsing"),
        ("t.yaml", b"a: &x [1]\nb: *x\n", "is not YAML: anchors cannot be used here"),
        ("t.yaml", b"!!python/object:os.system {}", "is not YAML: could not determine a constructor"),
        ("t.csv", b"a,b\n1,2,3\n", "is not CSV: line 2 has more cells"),
        ("t.csv", b'a\n"open\n', "is not CSV: unexpected end of data"),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DriverError, match=f"table t: {tmp_path}/{name} {said}"):
        driver({"path": str(tmp_path / name)}).fetch("t")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "t.path is missing"),
        ({"path": "/x/t"}, "t.format is missing"),
        ({"path": "t.json"}, "t.path: t.json must begin with /"),
        ({"path": "/t.xml", "format": "xml"}, "t.format: Input should be 'json', 'yaml' or 'csv'"),
        ({"path": "/t.csv", "delimiter": "ab"}, "t.delimiter: give one character"),
    ],
)
def test_a_wrong_table_is_refused_when_the_datasource_is_made(table: dict[str, Any], said: str) -> None:
    with pytest.raises((DriverError, OptionInvalid), match=f"config option tables: {said}"):
        driver(table)
