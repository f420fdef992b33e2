"""Writing into the editor of rules as a person does who pastes."""

from __future__ import annotations

from playwright.sync_api import Page


def write(page: Page, text: str) -> None:
    """Put `text` in the place of all that the editor holds.

    What is there is deleted by the editor's own command: a browser that replaces coloured words by itself tries to keep
    their colours with inline styles, which the page's policy refuses.
    """
    page.get_by_role("textbox", name="Rules").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")
