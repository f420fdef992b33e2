"""What stands at a place of a text, which may be half written and not parse."""

from __future__ import annotations

import re
from typing import NamedTuple

_SKIPPED = re.compile(
    r'//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)|\'(?:[^\'\\\n]|\\.)*(?:\'|(?=\n)|\Z)',
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*)*:?")
_TABLE = re.compile(r"([A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*)*)\s*[+-]?$")
_COLUMN = re.compile(r"([A-Za-z_]\w*)\s*=")


class Word(NamedTuple):
    """A name: offsets `start` (included) and `end` (excluded); a policy before it belongs to it."""

    text: str
    start: int
    end: int


class Call(NamedTuple):
    """The table whose arguments a place is among, and the columns that are given in them already."""

    table: str
    columns: tuple[str, ...]


def blanked(text: str) -> str:
    """The text with comments and strings blanked out, offsets unchanged."""
    return _SKIPPED.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def word_at(text: str, offset: int) -> Word | None:
    """The name at, or right before, an offset."""
    plain = blanked(text)
    line = plain.rfind("\n", 0, offset) + 1
    end = plain.find("\n", offset)
    for match in _NAME.finditer(plain, line, len(plain) if end < 0 else end):
        if match.start() <= offset <= match.end():
            name = match.group().rstrip(":")
            return Word(name, match.start(), match.start() + len(name))
    return None


def typed_before(text: str, offset: int) -> str:
    """The beginning of a name that was typed up to an offset; may end in a colon, and may be empty."""
    found = re.search(r"[A-Za-z_][\w.:]*$", blanked(text)[:offset])
    return found.group() if found else ""


def is_silent(text: str, offset: int) -> bool:
    """Whether the place is within a comment or a string, where nothing is completed."""
    return any(match.start() < offset < match.end() or _is_open(match, offset) for match in _SKIPPED.finditer(text))


def _is_open(match: re.Match[str], offset: int) -> bool:
    """At the end of a line comment, or of a string that is not closed, one is still inside."""
    found = match.group()
    closed = (
        found.startswith("/*")
        and found.endswith("*/")
        or len(found) > 1
        and found[0] == found[-1]
        and found[0] in "\"'"
    )
    return match.end() == offset and not closed


def call_at(text: str, offset: int) -> Call | None:
    """The table whose arguments are open at an offset; None outside of arguments."""
    plain = blanked(text)[:offset]
    depth = 0
    for position in range(len(plain) - 1, -1, -1):
        char = plain[position]
        if char == ")":
            depth += 1
        elif char == "(" and depth:
            depth -= 1
        elif char == "(":
            found = _TABLE.search(plain, 0, position)
            arguments = blanked(text)[position + 1 :].partition(")")[0]
            return Call(found.group(1), tuple(_COLUMN.findall(arguments))) if found else None
        elif char in ";" or plain[position : position + 2] == ":-":
            return None
    return None
