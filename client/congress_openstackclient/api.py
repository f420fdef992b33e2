"""Requests to Congress, and what it refuses in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from keystoneauth1.adapter import Adapter
from osc_lib.exceptions import CommandError

PAGE = 1000
"""Items that one request of a listing asks for."""


class Api:
    """The REST API, version 1, wherever the catalog has the service of type `policy`."""

    def __init__(self, session: Any, **where: Any) -> None:
        self._adapter = Adapter(session, service_type="policy", **where)

    def ask(self, verb: str, *path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of an answer. `path` are its members behind `/v1`; a query's None is left out. Raises CommandError
        with what the service said."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._answer(verb, path, params=given, json=body, headers={"Accept": "application/json"})

    def send(self, verb: str, *path: str, data: bytes) -> Any:
        """As `ask`, with bytes for a body."""
        kinds = {"Accept": "application/json", "Content-Type": "application/octet-stream"}
        return self._answer(verb, path, data=data, headers=kinds)

    def _answer(self, verb: str, path: tuple[str, ...], **request: Any) -> Any:
        answer = self._adapter.request(self._address(path), verb, raise_exc=False, **request)
        if answer.status_code >= 400:
            raise CommandError(f"{_said(answer)} (HTTP {answer.status_code})")
        return answer.json() if answer.content else None

    def _address(self, path: tuple[str, ...]) -> str:
        """Catalogs name the service with the version of its API, or without."""
        root = (self._adapter.get_endpoint() or "").rstrip("/").removesuffix("/v1")
        if not root:
            raise CommandError("the catalog has no service of type policy; name Congress with --os-endpoint")
        return f"{root}/v1/" + "/".join(quote(member, safe="") for member in path)

    def listed(self, *path: str, most: int | None = None, **query: Any) -> Iterator[Any]:
        """The items of a listing, page after page, at most so many."""
        left, marker = most, None
        while left is None or left > 0:
            limit = PAGE if left is None else min(left, PAGE)
            answer = self.ask("GET", *path, limit=limit, marker=marker, **query)
            yield from answer["results"]
            marker = answer.get("next_marker")
            if not marker:
                return
            left = None if left is None else left - len(answer["results"])


def _said(answer: Any) -> str:
    try:
        error = answer.json()["error"]
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        return f"the answer is not one of Congress: {answer.text[:200]!r}"
