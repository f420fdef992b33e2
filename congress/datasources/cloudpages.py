"""How services of OpenStack list things: what is in a page, and where the next one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from congress.datasources.contract import DriverError
from congress.datasources.translate import Table

MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One list call: its path, the member of the answer that holds the list, and the tables it fills, root first.

    The path says how long a page is (`limit`), wherever the service can be told. Without a `member` the answer is the
    list, or the only object. `marker`: the member of its last item that asks for what comes behind it, where the
    service gives no links; `counted`: the parameter that says how many items were seen, where it takes a number
    instead. `within`: the listing of what holds these objects; the path then has its members in braces, and `given`
    says which of its members the objects get, under which names.
    """

    path: str
    member: str
    tables: tuple[Table, ...]
    marker: str | None = None
    counted: str | None = None
    within: Listing | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return self.tables[0].name

    def one(self, identity: str) -> str:
        """The path of a single object."""
        return f"{self.path.partition('?')[0].removesuffix('/detail')}/{quote(identity, safe='')}"

    def alone(self, answer: Any) -> Any:
        """The object in the answer about a single one, which most services put into a member named in the singular."""
        inner = answer.get(self.member.removesuffix("s")) if isinstance(answer, Mapping) else None
        return inner if isinstance(inner, Mapping) else answer


class Page(NamedTuple):
    """`next`: the path of what follows; None after the last page."""

    objects: list[Any]
    next: str | None


def page_of(listing: Listing, answer: Any, before: int) -> Page:
    """What an answer to a listing holds, which followed on so many objects. Raises DriverError."""
    if listing.member:
        objects = answer.get(listing.member) if isinstance(answer, Mapping) else None
    else:
        objects = [answer] if isinstance(answer, Mapping) else answer
    if not isinstance(objects, list):
        raise DriverError("answered without a list" + (f" '{listing.member}'" if listing.member else ""))
    following = _next(listing, answer, objects, before)
    if following is None and isinstance(answer, Mapping) and answer.get("truncated") is True:
        raise DriverError(f"answered the first {before + len(objects)} only; see list_limit in the service's options")
    return Page(objects, following)


def _next(listing: Listing, answer: Any, objects: Sequence[Any], before: int) -> str | None:
    """Only the query of the service's link is taken: its host may be a name that is unknown here, and a token must not
    be sent to whatever address an answer contains."""
    if listing.marker:
        last = objects[-1] if objects else None
        return _with(listing, {"marker": last.get(listing.marker)}) if isinstance(last, Mapping) else None
    if listing.counted:
        return _with(listing, {listing.counted: before + len(objects)}) if objects else None
    link = _link(listing, answer) if isinstance(answer, Mapping) else None
    return _with(listing, dict(parse_qsl(urlsplit(link).query))) if isinstance(link, str) and link else None


def _link(listing: Listing, answer: Mapping[str, Any]) -> Any:
    links = answer.get("links")
    link = links.get("next") if isinstance(links, Mapping) else answer.get("next")
    for named in (links, answer.get(f"{listing.member}_links")):
        for one in named if isinstance(named, list) else ():
            link = one.get("href") if isinstance(one, Mapping) and one.get("rel") == "next" else link
    return link


def _with(listing: Listing, told: Mapping[str, Any]) -> str:
    path, _, query = listing.path.partition("?")
    return f"{path}?{urlencode({**dict(parse_qsl(query)), **told})}"
