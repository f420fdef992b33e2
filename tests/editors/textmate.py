"""As much of TextMate's way to colour a text as our grammar uses: rules with `match`, or with `begin` and `end`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple


class Coloured(NamedTuple):
    """A stretch of the text, by offsets, and the innermost scope of it."""

    start: int
    end: int
    scope: str


def coloured(grammar: dict[str, Any], text: str) -> Iterator[Coloured]:
    """The stretches with a scope, in their order. Lines are looked at one by one, as editors do."""
    top, opened, offset = list(_flat(grammar, grammar["patterns"])), None, 0
    for line in text.splitlines(keepends=True):
        position = 0
        while position < len(line):
            rules = (
                top
                if opened is None
                else [{"match": opened["end"], "closes": True}, *_flat(grammar, opened.get("patterns", []))]
            )
            found = [(_compiled(rule.get("match") or rule["begin"]).search(line, position), rule) for rule in rules]
            matches = [(match, rule) for match, rule in found if match]
            if not matches:
                if opened is not None:
                    yield Coloured(offset + position, offset + len(line), opened["name"])
                break
            match, rule = min(matches, key=lambda each: each[0].start())
            if opened is not None:
                yield Coloured(offset + position, offset + match.end(), opened["name"])
                opened = None if rule.get("closes") else opened
            elif "begin" in rule:
                opened = rule
                yield Coloured(offset + match.start(), offset + match.end(), rule["name"])
            elif "captures" in rule:
                for group, capture in rule["captures"].items():
                    yield Coloured(offset + match.start(int(group)), offset + match.end(int(group)), capture["name"])
            else:
                yield Coloured(offset + match.start(), offset + match.end(), rule["name"])
            assert match.end() > position or rule.get("closes"), f"{rule} matches nothing"
            position = match.end()
        offset += len(line)


def _flat(grammar: dict[str, Any], patterns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in patterns:
        if "include" in each:
            yield from _flat(grammar, grammar["repository"][each["include"].removeprefix("#")]["patterns"])
        else:
            yield each


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
