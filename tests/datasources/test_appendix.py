"""The drivers of the original Congress are here with the same options, tables and columns."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from congress.datasources.cloud import STANDARD_OPTIONS
from congress.datasources.contract import Driver
from congress.datasources.registry import drivers
from congress.datasources.translate import rows_by_table

ORIGINAL: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("appendix.yaml").read_text())
OFFERED = drivers()
SHARED = {option.name for option in STANDARD_OPTIONS}
"""Some of these are new; drivers that log in to a cloud, or poll, have got them without being asked one by one."""
KEPT = sorted(set(ORIGINAL) & set(OFFERED))


def told(driver: type[Driver]) -> dict[str, list[str]]:
    """The columns of a driver as the file writes them."""
    return {
        table: [column.name if column.type == "Scalar" else f"{column.name} {column.type}" for column in columns]
        for table, columns in driver.tables().items()
    }


def listed(name: str, what: str) -> list[str]:
    return sorted(ORIGINAL[name].get(what, ()))


@pytest.mark.parametrize("name", KEPT)
def test_tables_columns_and_types_are_those_of_the_original(name):
    assert told(OFFERED[name]) == {**ORIGINAL[name]["tables"], **ORIGINAL[name].get("now", {})}


@pytest.mark.parametrize("name", KEPT)
def test_options_are_those_of_the_original_and_those_that_were_added(name):
    options = {option.name for option in OFFERED[name].options}
    before = {*listed(name, "required"), *listed(name, "optional")}
    assert before <= options
    added = set(listed(name, "added"))
    assert added <= options
    assert options - before - SHARED == added - SHARED


@pytest.mark.parametrize("name", KEPT)
def test_what_was_optional_still_is(name):
    required = {option.name for option in OFFERED[name].options if option.required}
    assert required == set(listed(name, "required")) - set(listed(name, "relaxed"))


@pytest.mark.parametrize("name", KEPT)
def test_what_was_secret_still_is(name):
    secret = {option.name for option in OFFERED[name].options if option.secret}
    assert secret >= set(listed(name, "secret"))


@pytest.mark.parametrize("name", KEPT)
def test_a_driver_is_known_by_the_id_that_it_had(name):
    assert OFFERED[name].id == name


def test_every_driver_of_the_original_is_offered():
    assert set(ORIGINAL) - set(OFFERED) == set()


@pytest.mark.parametrize(
    ("parent", "child", "key"),
    [
        ("stacks", "stacks_links", "id"),
        ("deployments", "deployment_output_values", "id"),
        ("resources", "resources_links", "physical_resource_id"),
        ("events", "events_links", "id"),
    ],
)
def test_a_parent_key_of_heat_is_a_cell_of_the_parent(parent, child, key):
    """By `parent_key` the original named tables that repeat a cell of their parent's. An id made of a row's content
    would have a column in the parent instead, and no parent of heat has one."""
    columns = ORIGINAL["heat"]["tables"][parent]
    assert ORIGINAL["heat"]["tables"][child][0] == "parent_key"
    assert key in columns
    assert not {"links", "output_values", "parent_key"} & set(columns)
    (listing,) = [one for one in OFFERED["heat"].listings if one.root == parent]
    links = [{"href": "http://heat/1", "rel": "self"}]
    objects = [{key: name, "links": links, "output_values": {"result": name}} for name in ("one", "two")]
    found = rows_by_table(listing.tables, objects)
    assert {row[columns.index(key)] for row in found[parent]} == {"one", "two"}
    assert {row[0] for row in found[child]} == {"one", "two"}
