"""The page about errors has every code, and its examples have the mistakes that they show."""

from __future__ import annotations

import re

import pytest

from congress.api.errors import CODES as NUMBERS
from congress.authoring.checking import ALL_CODES
from congress.cli.remedies import programs, reference
from congress.cli.remedies.language import REMEDIES
from congress.cluster.checks.registry import checks
from congress.datalog import CODES, DatalogError
from tests.docs.checking import page_with_drivers
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "errors.md"
SHOWN = [code for code, remedy in REMEDIES.items() if remedy.wrong]


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == reference.page(), "run: python -m congress.cli.remedies.reference > docs/errors.md"


def test_every_code_has_a_remedy_and_is_on_the_page() -> None:
    assert set(REMEDIES) == set(CODES)
    assert set(programs.CHECKS) == set(ALL_CODES) - set(CODES)
    assert set(programs.NUMBERS) == set(NUMBERS)
    text = PAGE.read_text(encoding="utf-8")
    codes = [*ALL_CODES, *(one.code for one in checks()), *(str(one.number) for one in NUMBERS.values())]
    assert [code for code in codes if not re.search(rf"`{code}`|\[{code}\]|\| {code} \|", text)] == []


def test_every_status_that_the_api_answers_with_is_on_the_page() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "congress" / "api").rglob("*.py"))
    answered = {int(number) for number in re.findall(r"\b(?:bare|plain|ApiError)\((\d{3})", sources)}
    assert {400, 404, 503} <= answered <= set(programs.STATUSES)


@pytest.mark.parametrize("code", SHOWN)
def test_the_wrong_example_has_the_mistake_and_the_right_one_is_taken(code: str) -> None:
    with pytest.raises(DatalogError) as refused, page_with_drivers() as change:
        change.insert_rules("page", [REMEDIES[code].wrong])
    assert code in {found.code for found in refused.value.diagnostics}
    with page_with_drivers() as change:
        change.insert_rules("page", [REMEDIES[code].right], wait_for_schema=True)
