"""Everything that can be asked of the API, from its routes: the material of the tests of access."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from unittest import mock

from congress.api import access, openapi, routes

VERBS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS")


class Asked(NamedTuple):
    """A verb on a path, with an action where the verb takes one."""

    verb: str
    path: str
    action: str | None

    @property
    def target(self) -> str:
        """A request line for it, about things that do not exist."""
        path = re.sub(r"{\w+}", "nothing", self.path)
        return f"{path}?action={self.action}" if self.action else path


def guarded() -> Iterator[Asked]:
    """Every verb that a handler has, except on the public routes; each action by itself."""
    for path, handler in routes.routes(mock.MagicMock()):
        for verb in VERBS:
            if path not in access.PUBLIC and hasattr(handler, f"on_{verb.lower()}"):
                for action in _actions(path, verb):
                    yield Asked(verb, path, action)


def _actions(path: str, verb: str) -> list[str | None]:
    """The actions that the description of the operation names."""
    try:
        text = openapi.operation(path, verb.lower()).query.get("action")
    except KeyError:  # not described, which is for other tests to find
        text = None
    return [None] if text is None else list(re.findall(r"`([\w-]+)`", text))


def needed(asked: Asked) -> str:
    """Who may ask this, by the principles of docs/authentication.md and not by the rules: the least mighty of
    `anybody`, `reader`, `member`, `admin`."""
    if asked.path in ("/v1", "/v1/", "/v1/openapi.json"):
        return "anybody"
    if asked.verb in ("GET", "HEAD"):
        return "reader"
    if asked.action in ("simulate", "explain", "request-refresh") or asked.path.endswith(("/check", "/explain")):
        return "member"
    return "admin"
