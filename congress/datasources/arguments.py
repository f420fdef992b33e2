"""Arguments of actions: how each is declared, and what becomes of the value that a rule or a caller gives for it.

Rules know texts and numbers only, with 'True', 'False' and 'None' for what is none of both. So every kind of argument
takes the text that a rule has as well as the value that JSON has. What does not fit raises ArgumentsInvalid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from congress.datasources.contract import Argument, ArgumentsInvalid
from congress.datasources.structured import structured

Check: TypeAlias = Callable[[Any], Any]
LONGEST_ID = 1024
LONGEST_TEXT = 65_536
TRUTHS = {"true": True, "false": False}


class _Mark:
    """A default that is no value."""


REQUIRED: Final = _Mark()
ABSENT: Final = _Mark()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an action. Without a value, `default` is taken; ABSENT leaves the argument out of the request."""

    name: str
    description: str
    check: Check
    default: Any = REQUIRED
    rest: bool = False
    """Takes all values after the others, as a sequence, and names that nobody declared."""

    @property
    def optional(self) -> Parameter:
        """The same, left out of the request when it is not given."""
        return replace(self, default=ABSENT)

    def otherwise(self, default: Any) -> Parameter:
        """The same with a default."""
        return replace(self, default=default)

    def called(self, name: str, description: str = "") -> Parameter:
        """The same under another name."""
        return replace(self, name=name, description=description or self.description)

    @property
    def argument(self) -> Argument:
        """How the action advertises it."""
        note = f" ({self.default} when not given)"
        if isinstance(self.default, _Mark):
            note = " (optional)" if self.default is ABSENT else ""
        return Argument(self.name, f"{self.description}{note}")

    def value(self, where: str, given: Any) -> Any:
        """What is sent for the given value. 'None' says of an optional argument that there is none."""
        if given in (None, "None") and not self.rest and self.default is not REQUIRED:
            return self.default
        try:
            return self.check(given)
        except ArgumentsInvalid as error:
            raise ArgumentsInvalid(f"{where}: {self.name} {error}") from error


def bound(where: str, parameters: Sequence[Parameter], positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Parameter name -> checked value, without those that are absent. Raises ArgumentsInvalid, naming `where`."""
    rest = next((one for one in parameters if one.rest), None)
    plain = [one for one in parameters if not one.rest]
    names = [one.name for one in plain]
    listed = ", ".join(one.name for one in parameters) or "none"
    given = dict(zip(names, positional, strict=False))
    more, unknown = list(positional[len(names) :]), sorted(set(named) - set(names))
    if unknown and rest is None:
        raise ArgumentsInvalid(f"{where} has no argument {', '.join(unknown)}; it takes {listed}")
    if more and rest is None:
        raise ArgumentsInvalid(f"{where} takes {len(names)} arguments ({listed}), not {len(positional)}")
    if twice := sorted(set(given) & set(named)):
        raise ArgumentsInvalid(f"{where} got {', '.join(twice)} by position and by name")
    given |= {name: value for name, value in named.items() if name in names}
    if missing := [one.name for one in plain if one.name not in given and one.default is REQUIRED]:
        raise ArgumentsInvalid(f"{where} misses {', '.join(missing)}; it takes {listed}")
    found = {one.name: one.value(where, given.get(one.name)) for one in plain}
    if rest is not None:
        found[rest.name] = rest.value(where, [*more, *(part for name in unknown for part in (name, named[name]))])
    return {name: value for name, value in found.items() if value is not ABSENT}


# ---------------------------------------------------------------------------------------------------------------- kinds


def a_text(raw: Any) -> str:
    """A text; numbers and truth values as they are written in rules."""
    if not isinstance(raw, str | int | float):
        raise ArgumentsInvalid(f"is {_kind(raw)}; give a text")
    text = str(raw)
    if len(text) > LONGEST_TEXT:
        raise ArgumentsInvalid(f"has {len(text)} characters; at most {LONGEST_TEXT} are sent")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ArgumentsInvalid("has half a character in it, which cannot be sent; give whole Unicode characters")
    return text


def an_id(raw: Any) -> str:
    """One part of a path. A slash is refused, since services take an encoded one for a real one."""
    text = a_text(raw)
    if text in ("", ".", "..", "None") or "/" in text or "\\" in text or len(text) > LONGEST_ID or not _printed(text):
        raise ArgumentsInvalid(f"is {text[:60]!r}, which is not an id; give the id of one object")
    return text


def a_place(raw: Any) -> str:
    """Several parts of a path, for names that contain slashes, such as those of Swift's objects."""
    text = a_text(raw)
    for part in text.split("/"):
        an_id(part)
    return text


def a_number(raw: Any) -> int | float:
    """A number, also as text."""
    if isinstance(raw, str) and len(raw) < 40:
        for kind in (int, float):
            try:
                raw = kind(raw)
                break
            except ValueError:
                continue
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise ArgumentsInvalid(f"is {_shown(raw)}; give a number")
    return raw


def a_truth(raw: Any) -> bool:
    """True or False, also as text."""
    found = raw if isinstance(raw, bool) else TRUTHS.get(str(raw).lower())
    if found is None:
        raise ArgumentsInvalid(f"is {_shown(raw)}; it must be True or False")
    return found


def a_list(raw: Any) -> list[Any]:
    """A list, or a text: a JSON list, or texts with commas between them."""
    if isinstance(raw, str) and not raw.lstrip().startswith("["):
        return [a_text(part.strip()) for part in raw.split(",") if part.strip()]
    found = structured(raw)
    if not isinstance(found, list):
        raise ArgumentsInvalid(f"is {_kind(found)}; give a list, or texts with commas between them")
    return found


def a_document(raw: Any) -> Any:
    """An object, or its text in JSON or YAML."""
    found = structured(raw)
    if not isinstance(found, Mapping):
        raise ArgumentsInvalid(f'is {_kind(found)}; give an object such as {{"port": {{"name": "a"}}}}')
    return found


def attributes(raw: Sequence[Any]) -> dict[str, Any]:
    """`key1, value1, key2, value2, …` as an object; the words True, False and None become what JSON has for them."""
    words = {"True": True, "False": False, "None": None}
    return {key: words.get(one, one) if isinstance(one, str) else structured(one) for key, one in _pairs(raw)}


def texts_by_key(raw: Sequence[Any]) -> dict[str, str]:
    """`key1, value1, key2, value2, …` as an object all of whose values are texts."""
    return {key: a_text(one) for key, one in _pairs(raw)}


def some_texts(raw: Sequence[Any]) -> list[str]:
    """At least one text."""
    if not raw:
        raise ArgumentsInvalid("is empty; give at least one")
    return [a_text(one) for one in raw]


def _pairs(raw: Sequence[Any]) -> list[tuple[str, Any]]:
    if not raw or len(raw) % 2:
        raise ArgumentsInvalid("must be keys and values alternately, at least one pair")
    return [(a_text(key), one) for key, one in zip(raw[::2], raw[1::2], strict=True)]


def one_of(*choices: str) -> Check:
    """One of these texts, in whatever case it is written."""
    known = {choice.lower(): choice for choice in choices}

    def check(raw: Any) -> str:
        found = known.get(str(raw).lower())
        if found is None:
            raise ArgumentsInvalid(f"is {_shown(raw)}; use one of {', '.join(choices)}")
        return found

    return check


# --------------------------------------------------------------------------------------------------------- declarations


def identifier(name: str, description: str) -> Parameter:
    return Parameter(name, description, an_id)


def text(name: str, description: str) -> Parameter:
    return Parameter(name, description, a_text)


def number(name: str, description: str) -> Parameter:
    return Parameter(name, description, a_number)


def truth(name: str, description: str) -> Parameter:
    return Parameter(name, f"{description}, True or False", a_truth)


def choice(name: str, description: str, *choices: str) -> Parameter:
    return Parameter(name, f"{description}: {', '.join(choices)}".lstrip(": "), one_of(*choices))


def items(name: str, description: str) -> Parameter:
    return Parameter(name, f"{description}: a list, or texts with commas between them", a_list)


def envelope(member: str) -> Parameter:
    """A request's whole body, whose only member is known."""

    def check(raw: Any) -> Any:
        found = a_document(raw)
        if list(found) != [member]:
            raise ArgumentsInvalid(f"must have the one member {member}, as in {{{json.dumps(member)}: {{...}}}}")
        return found

    return Parameter(
        "body", f'body of the request, {{"{member}": {{...}}}}, as an object or its JSON or YAML text', check
    )


def document(name: str, description: str) -> Parameter:
    return Parameter(name, f"{description}, as an object or its JSON or YAML text", a_document)


def pairs(name: str, description: str, check: Check = attributes) -> Parameter:
    return Parameter(name, f"{description}: key1, value1, key2, value2, ...", check, rest=True)


def _printed(text: str) -> bool:
    return all(ord(letter) >= 32 and ord(letter) != 127 for letter in text)


def _kind(raw: Any) -> str:
    names = {dict: "an object", list: "a list", type(None): "nothing", bool: "a truth value", str: "a text"}
    return names.get(type(raw), "a number" if isinstance(raw, int | float) else f"a {type(raw).__name__}")


def _shown(raw: Any) -> str:
    return json.dumps(raw, default=str)[:60] if isinstance(raw, str | int | float) else _kind(raw)
