"""Actions of cloud drivers: a fixed list, each a single request whose path and body come from checked arguments.

An action is data: method, path, body, query and headers, with the arguments' names in braces where their values go.

    CloudAction("servers.reboot", "Reboot the server", "POST", "/servers/{server}/action",
                (SERVER, choice("reboot_type", "how", "SOFT", "HARD").otherwise("SOFT")),
                {"reboot": {"type": "{reboot_type}"}})

A member whose argument is absent is left out; a member `**` stands for the members of an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from congress.datasources.arguments import ABSENT, Parameter, bound
from congress.datasources.contract import Action, UnknownAction

_PLACE = re.compile(r"\{(\w+)\}")
MERGED = "**"


class Call(NamedTuple):
    """One request to the service. `microversion`: the one it is written for, None for the driver's own."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = {}
    microversion: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """Body and headers as keyword arguments of a keystoneauth session. A text/plain body is sent as it is."""
        raw = self.headers.get("Content-Type", "").startswith("text/")
        body = {"data": self.body.encode()} if raw else {"json": self.body}
        return {**body, "headers": dict(self.headers)} if self.headers else body


class Offered(Protocol):
    """What a driver can be asked to do."""

    @property
    def action(self) -> Action:
        """How it is advertised."""

    def call(self, datasource: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Call:
        """The request for these arguments. Raises ArgumentsInvalid when they do not fit the declaration."""


@dataclass(frozen=True, slots=True)
class CloudAction:
    """An action and the request it becomes."""

    name: str
    description: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    microversion: str | None = None

    @property
    def action(self) -> Action:
        return Action(self.name, tuple(one.argument for one in self.parameters), self.description)

    def call(self, datasource: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Call:
        return self.request(bound(where(self.name, datasource), self.parameters, positional, named))

    def request(self, values: Mapping[str, Any]) -> Call:
        """The request with checked values in it."""
        # Slashes are not encoded here: only `a_place` lets them through, which looks at the parts one by one.
        path = _PLACE.sub(lambda found: quote(str(values[found[1]]), safe="/"), self.path)
        query = urlencode(filled(self.query, values))
        target = f"{path}?{query}" if query else path
        body = filled(self.body, values)
        body = None if body is ABSENT else body
        return Call(self.method, target, body, filled(self.headers, values), self.microversion)


@dataclass(frozen=True, slots=True)
class ChosenAction:
    """An action that is one of several requests, by the value of the argument `by`."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    by: str
    requests: Mapping[Any, CloudAction]

    @property
    def action(self) -> Action:
        return Action(self.name, tuple(one.argument for one in self.parameters), self.description)

    def call(self, datasource: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Call:
        values = bound(where(self.name, datasource), self.parameters, positional, named)
        return self.requests[values[self.by]].request(values)


def where(action: str, datasource: str) -> str:
    """How messages name an action."""
    return f"action '{action}' of datasource '{datasource}'"


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with values in place of names in braces; members whose value is absent are left out."""
    if isinstance(template, str):
        found = _PLACE.fullmatch(template)
        return values.get(found[1], ABSENT) if found else template
    if isinstance(template, Mapping):
        return _members(template, values)
    if isinstance(template, list | tuple):
        return [one for one in (filled(each, values) for each in template) if one is not ABSENT]
    return template


def _members(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in template.items():
        value = filled(one, values)
        if value is ABSENT:
            continue
        if name == MERGED:
            found = {**value, **found}
        else:
            found[str(filled(name, values))] = value
    return found


def speaking(microversion: str, *offered: CloudAction) -> tuple[CloudAction, ...]:
    """The actions, written for this microversion unless they say otherwise."""
    return tuple(replace(one, microversion=one.microversion or microversion) for one in offered)


def requested(
    offered: Iterable[Offered], datasource: str, action: str, positional: Sequence[Any], named: Mapping[str, Any]
) -> Call:
    """The request that one of these actions becomes. Raises UnknownAction, ArgumentsInvalid."""
    found = by_name(offered)
    if action in found:
        return found[action].call(datasource, positional, named)
    near = ", ".join(get_close_matches(action, found)) or ", ".join(found) or "none"
    raise UnknownAction(f"datasource '{datasource}' has no action '{action}'; it offers: {near}")


def by_name(offered: Iterable[Offered]) -> dict[str, Offered]:
    """Name -> action, in their order."""
    return {one.action.name: one for one in offered}
