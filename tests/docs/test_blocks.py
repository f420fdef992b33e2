"""Every block of code on a page is run by a test, or read as what it is, or says why not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.checking import CHECKS, SHELL, SHOWN, python
from tests.docs.pages import PAGES, ROOT, Block, blocks, none_run
from tests.docs.test_commands import NAMES as PAGES_OF_COMMANDS

FOLLOWED = {
    "README.md": "tests/docs/test_tutorial.py",
    "docs/tutorial.md": "tests/docs/test_tutorial.py",
    "docs/write-a-policy.md": "tests/cli/authoring/test_authoring_page.py",
    "docs/authoring.md": "tests/cli/authoring/test_authoring_page.py",
    "docs/api-guide.md": "tests/test_api_guide.py",
    "docs/bundles.md": "tests/test_bundles_page.py",
    "docs/control-plane.md": "tests/cluster/guide.py",
    "docs/migration.md": "tests/test_migration_page.py",
    **{f"docs/{name}": "tests/docs/test_commands.py" for name in PAGES_OF_COMMANDS},
}
"""Page -> the test that runs all of its commands."""
READ = [
    block for page in PAGES for block in blocks(page) if block.language in CHECKS and not (block.not_run or block.file)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_run_or_read_or_says_why_not(page: Path) -> None:
    followed = str(page.relative_to(ROOT)) in FOLLOWED
    known = SHELL | SHOWN | CHECKS.keys() | {"python"}
    unknown = [f"{block} is {block.language or 'nothing'}" for block in blocks(page) if block.language not in known]
    assert not unknown, f"give each block one of the languages {sorted(known)}"
    idle = [str(block) for block in blocks(page) if block.language in SHELL and not (block.not_run or none_run(page))]
    assert followed or not idle, "run them in a test that is listed here, or say above them: <!-- not run: why -->"


@pytest.mark.parametrize("page", FOLLOWED)
def test_a_page_that_is_followed_is_named_by_its_test(page: str) -> None:
    assert re.search(rf'"([\w/]+/)?{re.escape(Path(page).name)}"', (ROOT / FOLLOWED[page]).read_text())


@pytest.mark.parametrize("block", READ, ids=str)
def test_what_a_page_shows_is_taken(block: Block) -> None:
    CHECKS[block.language](block.text)


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.language == "python" for block in blocks(page))])
def test_code_of_a_page_runs_in_its_order(page: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks(page):
        if block.language == "python":
            python(block.text, known)
