"""What became of the actions of the original: each is there, or it is said why not."""

from pathlib import Path

import pytest

from congress.datasources.coverage import ActionUnexplained, original, page, reason
from congress.datasources.registry import drivers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "actions.md"


LISTED = original()
OFFERED = {name: {one.name for one in driver.actions()} for name, driver in drivers().items()}


def test_the_page_is_up_to_date():
    assert page() == PAGE.read_text(encoding="utf-8"), "write it again with: make docs"


@pytest.mark.parametrize("name", LISTED)
def test_every_action_of_the_original_is_there_or_explained(name):
    for action in LISTED[name]:
        assert action in OFFERED.get(name, ()) or reason(name, action)


def test_an_action_that_nobody_explained_is_named():
    with pytest.raises(ActionUnexplained, match=r"nova:servers\.teleport is neither offered nor explained"):
        reason("nova", "servers.teleport")


@pytest.mark.parametrize(("name", "least"), [("nova", 73), ("cinder", 72), ("neutronv2", 114), ("tacker", 28)])
def test_most_actions_that_change_something_are_there(name, least):
    assert len(OFFERED[name] & set(LISTED[name])) >= least
