"""The pages of the documentation, the blocks of code on them, and the commands in those with what they print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "demo/**/*.md", "editors/*.md")
    for page in ROOT.glob(pattern)
    if "_build" not in page.parts
)
ANYTHING = "…"
_NOT_RUN = re.compile(r"<!-- not run: (.+?) -->", re.DOTALL)
_NONE_RUN = re.compile(r"<!-- commands of this page are not run: (.+?) -->", re.DOTALL)
_FILE = re.compile(r"`([\w./-]+)`")


class Block(NamedTuple):
    """A block of code. `language` is empty when it has none; `not_run` is the reason that a comment above it gives, and
    `file` the name above it, when it is what a file holds."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Step(NamedTuple):
    """A command and the lines that the page shows below it, in which `…` stands for anything."""

    command: str
    printed: str


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """All blocks of a page, in order. Directives of the site are no code."""
    found, before = [], ""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type in ("fence", "code_block"):
            language = token.info.split(" ")[0]
            if not language.startswith("{"):
                reason, file = _NOT_RUN.fullmatch(before.strip()), _FILE.fullmatch(before)
                line = (token.map or [0])[0] + 1
                given = (reason[1] if reason else "", file[1] if file else "")
                found.append(Block(page, line, language, token.content, *given))
            before = ""
        elif token.type in ("inline", "html_block"):
            before = token.content
    return tuple(found)


def none_run(page: Path) -> str:
    """The reason that a page gives for running none of its commands; empty when it gives none."""
    reason = _NONE_RUN.search(page.read_text(encoding="utf-8"))
    return reason[1] if reason else ""


def steps(block: Block) -> Iterator[Step]:
    """The commands of a block of language `console`: a line after `$ `, and lines after `> ` that go on with it."""
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        lines = part.splitlines()
        more = next((at for at, line in enumerate(lines[1:], 1) if not line.startswith("> ")), len(lines))
        command = "\n".join([lines[0], *(line[2:] for line in lines[1:more])])
        yield Step(command, "".join(f"{line}\n" for line in lines[more:]))


def shows(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed: `…` in a line stands for anything there, alone in one for any lines."""
    pattern = "".join(
        "(?:.*\n)*?" if line.strip() == ANYTHING else re.escape(line).replace(ANYTHING, ".*") + "\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else f"{printed}\n") is not None
