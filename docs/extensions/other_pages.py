"""Pages outside of docs/ on the site: the README is its front page, and links between them hold there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

PAGES = {"README.md": "index", "editors/README.md": "editors"}
"""File of the repository -> the page of the site that begins with it."""
_LINK = re.compile(r"\]\(([^)#:]+)((?:#[^)]*)?\))")


def _source_read(app: Sphinx, page: str, content: list[str]) -> None:
    docs = Path(app.srcdir)
    place = (docs / page).parent
    content[0] = seen_from(place, place, content[0], docs)
    for name, begins in PAGES.items():
        if begins == page:
            file = docs.parent / name
            content[0] = seen_from(place, file.parent, file.read_text(encoding="utf-8"), docs) + content[0]


def seen_from(place: Path, written: Path, text: str, docs: Path) -> str:
    """A text that was written in one directory, with links that hold in another one, to pages of the site."""

    def moved(link: re.Match[str]) -> str:
        target = os.path.normpath(written / link[1])
        page = PAGES.get(os.path.relpath(target, docs.parent))
        return f"]({os.path.relpath(docs / f'{page}.md' if page else target, place)}{link[2]}"

    return _LINK.sub(moved, text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", _source_read)
    return {"parallel_read_safe": True}
