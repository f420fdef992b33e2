"""The reference page says what the classes say."""

from pathlib import Path

from congress.datasources.reference import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "drivers.md"


def test_the_page_is_up_to_date():
    assert page() == PAGE.read_text(encoding="utf-8"), "write it again with: make docs"
