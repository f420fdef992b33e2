"""How an API that nobody wrote a driver for gives a long list: in which parts, and where the next one is.

Each style answers, from one part, where the next is; None after the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeAlias
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pydantic import Field, field_validator
from requests.utils import parse_header_links

from congress.datasources.contract import DriverError
from congress.datasources.mapping import Declared, compiled, matches


class Part(NamedTuple):
    """One part of a list: where it was, what it says, how many rows are in it, and how many parts were before it."""

    url: str
    document: Any
    headers: Mapping[str, str]
    rows: int
    before: int
    rows_before: int


class Style(Protocol):
    """A way to say where the next part is."""

    def next(self, part: Part) -> str | None:
        """The URL of the next part; None after the last."""


class Linked(Declared):
    """The answer's header `Link` names the next part (RFC 8288), as GitHub's and GitLab's do."""

    style: Literal["link"]

    def next(self, part: Part) -> str | None:
        links = parse_header_links(part.headers.get("Link", ""))
        found = next((link["url"] for link in links if "next" in link.get("rel", "").split()), None)
        return urljoin(part.url, found) if found else None


class _ByPath(Declared):
    path: str

    @field_validator("path")
    @classmethod
    def _is_path(cls, text: str) -> str:
        compiled(text)
        return text

    def _said(self, part: Part) -> str | None:
        found = matches(self.path, part.document)
        said = found[-1] if found else None
        return str(said) if isinstance(said, str | int) and not isinstance(said, bool) and said != "" else None


class Named(_ByPath):
    """A member of the answer is the URL of the next part."""

    style: Literal["next"]

    def next(self, part: Part) -> str | None:
        said = self._said(part)
        return urljoin(part.url, said) if said else None


class Marked(_ByPath):
    """A member of the answer, or of its last row, goes into a parameter of the next request; a part without rows, or
    without it, is the last."""

    style: Literal["marker"]
    parameter: str = "marker"

    def next(self, part: Part) -> str | None:
        said = self._said(part) if part.rows else None
        return with_query(part.url, {self.parameter: said}) if said else None


class Numbered(Declared):
    """Parts are numbered; one without rows, or with fewer than `size`, is the last."""

    style: Literal["page"]
    parameter: str = "page"
    first: int = 1
    size: int | None = None

    def next(self, part: Part) -> str | None:
        last = part.rows < (self.size or 1)
        return None if last else with_query(part.url, {self.parameter: str(self.first + part.before + 1)})


class Counted(Declared):
    """A parameter says how many rows were seen; a part without rows, or with fewer than `size`, is the last."""

    style: Literal["offset"]
    parameter: str = "offset"
    size: int | None = None

    def next(self, part: Part) -> str | None:
        seen = part.rows_before + part.rows
        return None if part.rows < (self.size or 1) else with_query(part.url, {self.parameter: str(seen)})


Paging: TypeAlias = Annotated[Linked | Named | Marked | Numbered | Counted, Field(discriminator="style")]
MOST_PARTS = 10_000


def followed(style: Style | None, part: Part, seen: set[str]) -> str | None:
    """Where to go on after a part. Raises DriverError when that is another server, for which our login is not meant, or
    a place that was seen: such a list has no end."""
    seen.add(part.url)
    url = style.next(part) if style is not None else None
    if url is None:
        return None
    if urlsplit(url)[:2] != urlsplit(part.url)[:2]:
        raise DriverError(f"the list goes on at another server, {urlsplit(url).netloc}, which is not followed")
    if url in seen or len(seen) >= MOST_PARTS:
        raise DriverError("the list does not end; see the paging of the table")
    return url


def with_query(url: str, parameters: Mapping[str, str | None]) -> str:
    """The URL with these parameters instead of those of the same names."""
    parts = urlsplit(url)
    kept = [(name, text) for name, text in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*kept, *_given(parameters)])))


def _given(parameters: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, text in parameters.items():
        if text is not None:
            yield name, text
