"""The parts of something redundant, and what each of them says.

That one does not answer is a fact worth knowing, and no reason to know nothing of the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.masking import without_logins

_NAMED = re.compile(r"([\w.-]+)=(.+)")
_THREADS = 16
_LONGEST = 300
Answered = TypeVar("Answered")


class Member(NamedTuple):
    """A part, and the places at which it can be asked, the preferred one first."""

    name: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer(Generic[Answered]):
    """What one member said, or why it said nothing. `place`: where it was asked last, without a login."""

    name: str
    place: str
    value: Answered | None
    problem: str | None

    def told(self) -> Mapping[str, object]:
        """What goes into a table of members."""
        return {
            "name": self.name,
            "place": self.place,
            "reachable": self.value is not None,
            "problem": self.problem,
        }


def members(option: str, text: str) -> tuple[Member, ...]:
    """The members of `[name=]place[|place...]`, separated by commas. A member without a name is called after its host,
    a file after its path. Raises DriverError."""
    found: dict[str, Member] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        named = _NAMED.fullmatch(entry)
        places = tuple(filter(None, (place.strip() for place in (named[2] if named else entry).split("|"))))
        if not places:
            raise DriverError(f"{option}: '{entry}' says nowhere to ask; write [name=]place[|place...]")
        name = named[1] if named else _called(places[0])
        if name in found:
            raise DriverError(f"{option}: two members are called '{name}'; give them names as in {name}1={places[0]}")
        found[name] = Member(name, places)
    if not found:
        raise DriverError(f"{option} is empty; write [name=]place[|place...], separated by commas")
    return tuple(found.values())


def _called(place: str) -> str:
    if place.startswith("/"):
        return str(PurePosixPath(place))
    return urlsplit(place if "://" in place else f"//{place}").hostname or place


def ask_all(
    datasource: str, asked: Sequence[Member], ask: Callable[[str, str], Answered]
) -> tuple[Answer[Answered], ...]:
    """Ask all members at the same time: `ask(name, place)`, at the first of their places that answers.

    Raises CloudUnreachable when nobody answers.
    """
    with ThreadPoolExecutor(min(_THREADS, len(asked)), thread_name_prefix=f"datasource-{datasource}") as threads:
        answers = tuple(threads.map(lambda member: _ask(member, ask), asked))
    if all(answer.value is None for answer in answers):
        told = "; ".join(f"{answer.name} at {answer.place}: {answer.problem}" for answer in answers)
        raise CloudUnreachable(f"datasource '{datasource}': none of its members answers: {told}")
    return answers


def _ask(member: Member, ask: Callable[[str, str], Answered]) -> Answer[Answered]:
    problems = []
    for place in member.places:
        try:
            return Answer(member.name, without_logins(place), ask(member.name, place), None)
        except DriverError as error:
            problems.append(without_logins(" ".join(str(error).split()))[:_LONGEST])
    return Answer(member.name, without_logins(member.places[-1]), None, "; ".join(dict.fromkeys(problems)))
