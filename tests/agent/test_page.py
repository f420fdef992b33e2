"""The page on the agent names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from congress import datalog
from congress.agent import options

PAGE = (Path(__file__).parents[2] / "docs" / "config-validator.md").read_text(encoding="utf-8")


def test_every_option_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE, re.M))
    assert explained == {(group, option.dest) for group, listed in options.list_opts() for option in listed}


def test_the_example_is_a_rule() -> None:
    example = re.search(r"^ +error\(host(?:.|\n)*?name=host\)$", PAGE, re.M)
    assert example
    datalog.parse_statement(example[0])
