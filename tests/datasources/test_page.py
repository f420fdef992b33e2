"""The examples of the page about datasources that need no code are what happens."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from congress import datalog
from congress.datasources.registry import drivers
from congress.datasources.validation import checked_config
from tests.datasources.answering import Answering

PAGE = (Path(__file__).parents[2] / "docs" / "datasources-more.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"(?m)^## ", PAGE)[1:]}
EXAMPLES = ("http", "sql", "file", "prometheus", "alertmanager", "kubernetes", "json")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_rows_that_it_shows(name: str, tmp_path: Path) -> None:
    blocks = [one for one in re.findall(r"(?ms)^```(\w+)\n(.*?)^```", SECTIONS[name]) if one[0] != "datalog"]
    request, wanted = json.loads(blocks[0][1]), json.loads(blocks[-1][1])
    answers = [json.loads(text) for kind, text in blocks[1:-1] if kind == "json"]
    with Answering(lambda asked: None if "watch" in asked.query else answers[0]) as service:
        config = _here(request["config"], blocks[1], service.url, tmp_path)
        driver = drivers()[request["driver"]]
        one = driver(request["name"], checked_config(driver, config))
        groups = one.configured_groups(one.config)
        found = {table: rows for group in groups for table, rows in one.fetch(group).items()}
        one.close()
    assert {table: sorted(map(list, found[table]), key=str) for table in wanted} == {
        table: sorted(rows, key=str) for table, rows in wanted.items()
    }


def _here(config: dict[str, Any], other: tuple[str, str], url: str, place: Path) -> dict[str, Any]:
    """The configuration with places of this test instead of those of the page."""
    kind, text = other
    if "url" in config:
        config = {**config, "url": url}
    if "token_file" in config:
        (place / "token").write_text("word")
        config = {**config, "token_file": str(place / "token")}
    if kind == "sql":
        with sqlite3.connect(place / "db") as database:
            database.executescript(text)
        database.close()
        config = {**config, "connection": f"sqlite:///{place}/db"}
    if kind == "yaml" and "ingester" in config:
        (place / "i.yaml").write_text(text.replace("https://cloud.example.org", url))
        config = {**config, "ingester": str(place / "i.yaml")}
    elif kind == "yaml":
        (place / "f.yaml").write_text(text)
        tables = json.loads(json.dumps(config["tables"]).replace("/etc/congress/owners.yaml", str(place / "f.yaml")))
        config = {**config, "tables": tables}
    return config


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rules_of_the_page_can_be_read(name: str) -> None:
    rules = re.findall(r"(?ms)^```datalog\n(.*?)^```", SECTIONS[name])
    assert rules
    for rule in rules:
        datalog.parse(rule)
