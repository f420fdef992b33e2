"""Where things lie in a listed object: walks to the elements that become rows, and the sources of their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

_PLAIN = (str, int, float, list, tuple, type(None))


class Step(Enum):
    """A step of a walk that leads to many places."""

    ITEMS = "the items of a list"
    ENTRIES = "the values of a dictionary whose keys are data"


class Place(Enum):
    """What a field may take instead of a member of the element."""

    SELF = "the element itself"
    KEY = "the key under which the last ENTRIES found the element"


ITEMS: Final = Step.ITEMS
ENTRIES: Final = Step.ENTRIES
SELF: Final = Place.SELF
KEY: Final = Place.KEY


class Root(NamedTuple):
    """A member of the listed object, for tables whose elements lie deeper; usually its id."""

    name: str


Extract: TypeAlias = Callable[[Any], Any]
"""A step of a walk, or the source of a cell, that only code can describe: given the place, it gives the next one."""
Walk: TypeAlias = tuple[str | Step | Extract, ...]
Source: TypeAlias = str | tuple[str, ...] | Root | Place
Read: TypeAlias = Callable[[Any, Any, Any], Any]
"""(element, key, listed object) -> cell."""


def elements(place: Any, key: Any, walk: Walk) -> Iterator[tuple[Any, Any]]:
    """(element, key) for each element that the walk reaches; parts that are missing or of another shape hold none."""
    if not walk:
        yield place, key
        return
    step, rest = walk[0], walk[1:]
    if step is Step.ITEMS:
        for item in place if isinstance(place, list | tuple) else ():
            yield from elements(item, key, rest)
    elif step is Step.ENTRIES:
        for name, item in place.items() if isinstance(place, Mapping) else ():
            yield from elements(item, name, rest)
    else:
        inner = _next(place, step)
        if inner is not None:
            yield from elements(inner, key, rest)


def reaches(place: Any, walk: Walk) -> bool:
    """Whether there is the list, the dictionary or the object that a walk leads into first, be it empty."""
    for step in walk:
        if step is Step.ITEMS:
            return isinstance(place, list | tuple)
        if step is Step.ENTRIES:
            return isinstance(place, Mapping)
        place = _next(place, step)
    return place is not None


def reader(source: Source) -> Read:
    """The function that takes a cell from its source; None where there is no such member."""
    if isinstance(source, str):
        return lambda element, _key, _root: element.get(source) if type(element) is dict else member(element, source)
    if isinstance(source, Root):
        return lambda _element, _key, root: member(root, source.name)
    if source is Place.SELF:
        return lambda element, _key, _root: element
    if source is Place.KEY:
        return lambda _element, key, _root: key
    return lambda element, _key, _root: _deep(element, source)


def converted(convert: Extract, raw: Any) -> Any:
    """What a conversion makes of something; itself when it is of a shape that the conversion was not made for."""
    if raw is None:
        return None
    try:
        return convert(raw)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        return raw


def member(place: Any, name: str) -> Any:
    """A member of a dictionary, or an attribute of an object of a client library; None when there is none."""
    if type(place) is dict:  # as all of JSON is; the question whether it is a mapping takes ten times as long
        return place.get(name)
    if place is None:
        return None
    if isinstance(place, Mapping):
        return place.get(name)
    return None if isinstance(place, _PLAIN) else getattr(place, name, None)


def _deep(place: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        place = member(place, name)
    return place


def _next(place: Any, step: str | Step | Extract) -> Any:
    if isinstance(step, str):
        return member(place, step)
    assert not isinstance(step, Step)
    try:
        return None if place is None else step(place)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        return None
