"""Parsing on behind a mistake, for people who are still writing: what can be read, and each thing that cannot.

A statement that cannot be parsed is blanked out, from the line on which it begins to the next line on which one could
begin, and the rest is parsed again. Offsets and lines stay those of the whole text.
"""

from __future__ import annotations

import re

from congress.datalog.diagnostics import MAX_DIAGNOSTICS, DatalogError, Diagnostic
from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.syntax.ast import Program, Source, Span
from congress.datalog.syntax.parser import parse_program

_FIRST = re.compile(r"^[A-Za-z_.]", re.MULTILINE)
"""By the layout everybody uses, a statement begins at the margin, and what goes on with it is indented."""
_VISIBLE = re.compile(r"[^\r\n]")
_OPEN = (",", "(", "[", ":-", "=", ":")
"""Behind these a statement goes on; when the next one begins there, the one before it is what is wrong."""


def parse_around(source: Source, limits: Limits = DEFAULT_LIMITS) -> tuple[Program, tuple[Diagnostic, ...]]:
    """The statements and comments that can be read, and what is wrong with the others; never raises DatalogError."""
    text, found = source.text, list[Diagnostic]()
    while len(found) < MAX_DIAGNOSTICS:
        try:
            return parse_program(Source(source.name, text), limits), tuple(found)
        except DatalogError as error:
            place = error.diagnostics[0].span
            if place is None:
                return Program(()), (*found, *error.diagnostics)
            start, end = _around(text, place)
            found += error.diagnostics
            text = text[:start] + _VISIBLE.sub(" ", text[start:end]) + text[end:]
    return Program(()), tuple(found)


def _around(text: str, place: Span) -> tuple[int, int]:
    """Offsets of the statement in which a mistake is; always something that is not blank yet."""
    beginnings = [match.start() for match in _FIRST.finditer(text)]
    # At the end of the text, or where a statement begins, it is the one before that is not complete.
    at = place.start if place.start < len(text.rstrip()) else len(text.rstrip()) - 1
    start = max((each for each in beginnings if each <= at), default=0)
    end = min((each for each in beginnings if each > max(at, place.end - 1)), default=len(text))
    while text[:start].rstrip().endswith(_OPEN):
        start = max((each for each in beginnings if each < start), default=0)
    return start, end
