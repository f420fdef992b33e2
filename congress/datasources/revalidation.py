"""Answers that a service may say are still right, instead of sending them again: conditional requests of HTTP.

Source: RFC 9110, sections 8.8 (validators) and 13 (conditional requests); RFC 9111, section 4.1 (Vary).
"""

from __future__ import annotations

import random
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import requests
from requests.structures import CaseInsensitiveDict

from congress.datasources.contract import DriverError
from congress.datasources.masking import without_logins

MOST_BYTES: Final = 16 * 2**20
"""Of the packed answers that are kept for one datasource."""
_GIVES_WAY: Final = 0.03
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Range", "If-Unmodified-Since", "Range")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: the headers that ask whether it is still right, what it `varies` by, and its packed content."""

    conditions: Mapping[str, str]
    varies: Mapping[str, str | None]
    headers: CaseInsensitiveDict[str]
    packed: bytes


class Revalidation:
    """The answers of one datasource. Safe to call from any thread.

    With `dates` a time of change is believed, too. Without it only an ETag is: in services of OpenStack `Last-Modified`
    of a list may be the time of its newest member, which does not change when one is deleted. A request with the header
    `Cache-Control: no-store`, or a condition of its own, is left as it is.
    """

    def __init__(self, *, dates: bool = True, most_bytes: int = MOST_BYTES) -> None:
        self._dates, self._most_bytes = dates, most_bytes
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._bytes = 0

    def conditional(self, request: requests.PreparedRequest) -> tuple[requests.PreparedRequest, Kept | None]:
        """The request, with the condition that the answer is another one than that which is kept."""
        with self._lock:
            kept = self._kept.get(str(request.url))
        if kept is None or not _may_be_kept(request) or kept.varies != _named(request, kept.varies):
            return request, None
        asked = request.copy()  # where a redirect leads, the condition has no meaning
        asked.headers.update(kept.conditions)
        return asked, kept

    def settle(self, request: requests.PreparedRequest, answer: requests.Response, kept: Kept | None) -> None:
        """Give an answer that says `not modified` the content it had, and keep the answer. Raises DriverError."""
        if answer.status_code == 304:
            if kept is None:
                where = without_logins(str(request.url).partition("?")[0])
                raise DriverError(f"{where} says 304 Not Modified to a question that was not whether it is")
            answer.status_code, answer.reason = 200, "OK"
            answer._content = zlib.decompress(kept.packed)
            answer.headers = CaseInsensitiveDict({**kept.headers, **_without_lengths(answer.headers)})
        elif answer.status_code == 200 and self._most_bytes and _may_be_kept(request):
            self._keep(str(request.url), self._made(request, answer))
        elif request.method == "GET":
            self._keep(str(request.url), None)

    def _made(self, request: requests.PreparedRequest, answer: requests.Response) -> Kept | None:
        conditions = _conditions(answer.headers, dates=self._dates)
        vary = [name.strip() for name in answer.headers.get("Vary", "").split(",") if name.strip()]
        if not conditions or "*" in vary or "no-store" in answer.headers.get("Cache-Control", ""):
            return None
        packed = zlib.compress(answer.content, 1)
        return Kept(conditions, _named(request, vary), CaseInsensitiveDict(answer.headers), packed)

    def _keep(self, url: str, made: Kept | None) -> None:
        with self._lock:
            self._drop(url)
            if made is None or len(made.packed) > self._most_bytes:
                return
            # A list is read from its first page to its last, so the page that was not asked for the longest time is the
            # next one. What is kept stays, therefore, and gives way to a newcomer seldom, in case it is asked no more.
            is_seldom = random.random() < _GIVES_WAY  # noqa: S311 - no secret
            while self._bytes + len(made.packed) > self._most_bytes:
                if not is_seldom:
                    return
                self._drop(random.choice(list(self._kept)))  # noqa: S311 - no secret
            self._kept[url] = made
            self._bytes += len(made.packed)

    def _drop(self, url: str) -> None:
        before = self._kept.pop(url, None)
        self._bytes -= len(before.packed) if before else 0


def _may_be_kept(request: requests.PreparedRequest) -> bool:
    has_own = any(name in request.headers for name in _CONDITIONS)
    return request.method == "GET" and not has_own and "no-store" not in str(request.headers.get("Cache-Control", ""))


def _conditions(headers: Mapping[str, str], *, dates: bool) -> dict[str, str]:
    """How to ask whether an answer with these headers is still right."""
    found = {}
    if headers.get("ETag"):
        found["If-None-Match"] = headers["ETag"]
    changed = headers.get("Last-Modified")
    if dates and changed and _is_past(changed, headers.get("Date")):
        found["If-Modified-Since"] = changed
    return found


def _is_past(changed: str, now: str | None) -> bool:
    """Whether the second of the change was over when the answer was made; else there may be another in it."""
    try:
        return (parsedate_to_datetime(now or "") - parsedate_to_datetime(changed)).total_seconds() >= 1
    except (ValueError, TypeError):
        return False


def _named(request: requests.PreparedRequest, names: Mapping[str, object] | list[str]) -> dict[str, str | None]:
    return {name: None if name not in request.headers else str(request.headers[name]) for name in names}


def _without_lengths(headers: Mapping[str, str]) -> dict[str, str]:
    """What a 304 says of its own content is not about the one that it stands for."""
    of_content = ("content-length", "content-encoding", "transfer-encoding", "content-type")
    return {name: text for name, text in headers.items() if name.lower() not in of_content}
