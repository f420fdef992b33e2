"""The reference page is what the code says, and its examples are policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from congress import datalog
from congress.datalog.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "language.md"
EXAMPLES = re.findall(r"```datalog\n(.*?)```", reference(), re.DOTALL)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run: python -m congress.datalog.reference > docs/reference/language.md"
    )


def test_every_mark_in_the_prose_is_filled() -> None:
    assert not re.search(r"<!-- [A-Z_0-9]+ -->", reference())


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_policies_in_the_layout_of_the_formatter(example: str) -> None:
    assert datalog.format_text(example) == example
