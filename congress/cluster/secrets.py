"""Secrets in what is generated: a text holds a mark where one belongs, and only what is written to a node holds it.

A mark is `${secret:NAME}`; a name is letters, digits, `.`, `_` and `-`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MARK = re.compile(r"\$\{secret:([A-Za-z0-9._-]+)\}")


def mark(name: str) -> str:
    """What stands for a secret in a generated text."""
    return f"${{secret:{name}}}"


def names(text: str) -> frozenset[str]:
    """The secrets that a text needs."""
    return frozenset(MARK.findall(text))


def filled(text: str, value: Callable[[str], str]) -> str:
    """The text with each mark replaced by the secret."""
    return MARK.sub(lambda match: value(match[1]), text)


def hidden(text: str) -> str:
    """The text for people: each mark says which secret belongs there."""
    return MARK.sub(lambda match: f"<secret {match[1]}>", text)
