"""The page on the agent names what there is."""

from __future__ import annotations

import re

from congress import datalog
from congress.agent import options
from tests.docs.pages import ROOT, blocks

FILE = ROOT / "docs" / "config-validator.md"
PAGE = FILE.read_text(encoding="utf-8")


def test_every_option_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE, re.M))
    assert explained == {(group, option.dest) for group, listed in options.list_opts() for option in listed}


def test_the_example_is_a_rule() -> None:
    (example,) = (block for block in blocks(FILE) if block.language == "datalog")
    datalog.parse_statement(example.text)
