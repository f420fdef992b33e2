"""Regular expressions from policies, refused when matching them could take too long.

Python's matcher may try every way to divide a text among the repeats and choices of an expression, and nothing can
interrupt it; a policy must not be able to stop the service. So the number of those ways is estimated beforehand.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from math import log
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from congress.datalog.values import Value

MAX_PATTERN = 500
MAX_WAYS = 1e8
"""What the matcher tries within a few seconds."""
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def matches(pattern: Value, ignore_case: bool, text: str) -> bool:
    """Whether the expression is found in the text. Raises TypeError; ValueError, also when it could take too long."""
    if not isinstance(pattern, str):
        raise TypeError("a regular expression is a string")
    expression, tree = _compiled(pattern, ignore_case)
    if _ways(tree, len(text)) + log(len(text) + 1) > log(MAX_WAYS):
        raise ValueError(f"the regular expression could take too long on {len(text)} characters")
    return expression.search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str, ignore_case: bool) -> tuple[re.Pattern[str], Any]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a regular expression may have {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern, re.IGNORECASE if ignore_case else 0), parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from error


def _ways(tree: Iterable[Any], length: int) -> float:
    """Logarithm of the ways to divide a text of this length among the parts of a parsed expression."""
    total = 0.0
    for operation, argument in tree:
        if operation in _REPEATS:
            low, high, inner = argument
            most = min(int(high), length)
            total += log(max(most - int(low), 0) + 1) + most * _ways(inner, length)
        elif operation is codes.BRANCH:
            branches = argument[1]
            choices = 1 if _begin_differently(branches) else len(branches)
            total += log(choices) + max(_ways(branch, length) for branch in branches)
        elif operation in (codes.GROUPREF, codes.GROUPREF_EXISTS):
            raise ValueError("references to groups are not supported")
        elif isinstance(argument, tuple):
            total += sum(_ways(part, length) for part in argument if isinstance(part, parser.SubPattern))
        elif isinstance(argument, parser.SubPattern):
            total += _ways(argument, length)
    return total


def _begin_differently(branches: Iterable[Any]) -> bool:
    """Whether the first character decides which branch can match."""
    seen = set()
    for branch in branches:
        first = branch[0] if len(branch) else None
        if first is None or first[0] is not codes.LITERAL or chr(first[1]).lower() in seen:
            return False
        seen.add(chr(first[1]).lower())
    return True
