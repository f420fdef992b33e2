"""Regular expressions from policies, limited to those that cannot take exponential time.

Python's matcher tries every way to divide a text among nested repeats, and nothing can interrupt it; a policy must not
be able to stop the service. Refused are repeats of something that itself varies in length or in its alternatives, back
references, and very long expressions. What is left can still take polynomial time, hence the limit on the text.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from congress.datalog.values import Value

MAX_PATTERN = 500
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
HARMLESS = 32
"""Nested repeats are harmless while the product of their greatest counts is no larger, as in `([0-9]{1,3}[.]){3}`."""


@lru_cache(maxsize=256)
def compiled(pattern: Value, ignore_case: bool) -> re.Pattern[str]:
    """The compiled expression. Raises TypeError, ValueError."""
    if not isinstance(pattern, str):
        raise TypeError("a regular expression is a string")
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"regular expressions may have {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern)
            _refuse_explosion(tree)
            return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from error


def _refuse_explosion(tree: Iterable[Any]) -> None:
    """Raises ValueError when a repeat stands inside a repeat, or choices that begin alike do."""
    work = [(operation, argument, 1) for operation, argument in tree]
    while work:
        operation, argument, count = work.pop()
        if operation in _REPEATS:
            low, high = int(argument[0]), int(argument[1])
            if low != high and count > 1 and count * high > HARMLESS:
                raise ValueError("a repeat inside a repeat could take exponential time")
            count *= max(high, 1)
        elif operation is codes.GROUPREF or operation is codes.GROUPREF_EXISTS:
            raise ValueError("references to groups could take exponential time")
        elif operation is codes.BRANCH and count > HARMLESS and not _begin_differently(argument[1]):
            raise ValueError("choices that begin alike, inside a repeat, could take exponential time")
        work += [(inner, detail, count) for inner, detail in _inside(operation, argument)]


def _inside(operation: Any, argument: Any) -> list[tuple[Any, Any]]:
    """The operations directly within one operation of the parsed expression."""
    if operation is codes.BRANCH:
        return [item for branch in argument[1] for item in branch]
    if operation is codes.IN:
        return []
    found: list[tuple[Any, Any]] = []
    for part in argument if isinstance(argument, tuple) else (argument,):
        if isinstance(part, parser.SubPattern):
            found += list(part)
    return found


def _begin_differently(branches: Iterable[Any]) -> bool:
    seen = set()
    for branch in branches:
        first = branch[0] if len(branch) else None
        if first is None or first[0] is not codes.LITERAL or chr(first[1]).lower() in seen:
            return False
        seen.add(chr(first[1]).lower())
    return True
