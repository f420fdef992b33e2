"""Objects and lists that arrive as values or as their text in JSON or YAML, made fit to be sent as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import yaml

from congress.datasources.contract import ArgumentsInvalid

LONGEST = 262_144
DEEPEST = 50


class _PlainLoader(yaml.SafeLoader):
    """YAML as far as JSON goes: no anchors, which let a short text become a huge object, and no dates."""

    def compose_node(self, parent: Any, index: int) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("anchors cannot be used here; write the value where it is needed")
        return super().compose_node(parent, index)


# Rows have dates as text, and so do requests.
_PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def structured(raw: Any) -> Any:
    """The value that a text writes in JSON or YAML; a value that is no text, as it is. Raises ArgumentsInvalid."""
    if not isinstance(raw, str):
        return _plain(raw, 0)
    if len(raw) > LONGEST:
        raise ArgumentsInvalid(f"has {len(raw)} characters; at most {LONGEST} are sent")
    try:
        return _plain(_parsed(raw), 0)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ArgumentsInvalid(f"is neither JSON nor YAML: {reason}") from error


def read_yaml(text: str) -> Any:
    """The value that a text writes in YAML, as JSON would have it: keys are texts. Raises YAMLError, ValueError."""
    return _with_texts(yaml.load(text, _PlainLoader))  # noqa: S506 - a safe loader, made narrower


def _with_texts(found: Any) -> Any:
    if isinstance(found, dict):
        return {str(name): _with_texts(one) for name, one in found.items()}
    if isinstance(found, list | tuple | set):
        return [_with_texts(one) for one in found]
    return found if found is None or isinstance(found, str | int | float | bool) else str(found)


def _parsed(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return yaml.load(raw, _PlainLoader)  # noqa: S506 - a safe loader, made narrower


def _plain(found: Any, depth: int) -> Any:
    """A copy that JSON can write. Raises ArgumentsInvalid."""
    if depth > DEEPEST:
        raise ArgumentsInvalid(f"is nested deeper than {DEEPEST} levels")
    if isinstance(found, Mapping):
        if strange := [key for key in found if not isinstance(key, str)]:
            raise ArgumentsInvalid(f"has the key {strange[0]!r}; keys must be texts")
        return {_plain(key, depth): _plain(one, depth + 1) for key, one in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(one, depth + 1) for one in found]
    if isinstance(found, str):
        if any("\ud800" <= letter <= "\udfff" for letter in found):
            raise ArgumentsInvalid("has half a character in it, which cannot be sent; give whole Unicode characters")
        return found
    if found is None or isinstance(found, bool | int) or (isinstance(found, float) and math.isfinite(found)):
        return found
    raise ArgumentsInvalid(f"has {found!r} in it, for which JSON has no value"[:200])
