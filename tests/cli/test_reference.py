"""The page about commands has every command of the installation, as it is now."""

from __future__ import annotations

import tomllib

from congress.cli import reference
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "reference" / "commands.md"


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == reference.page(), "run: python -m congress.cli.reference > docs/reference/commands.md"


def test_every_program_that_is_installed_is_on_the_page() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert set(reference.PROGRAMS) == set(scripts)
