"""Giving and taking roles: Keystone has a path of its own for each of who gets a role and where it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from congress.datasources.actions import Call, where
from congress.datasources.arguments import bound, identifier
from congress.datasources.contract import Action, ArgumentsInvalid

_WHO = {"user": "users", "group": "groups"}
_PLACES = {"system": "system", "domain": "domains", "project": "projects"}
_PARAMETERS = (
    identifier("role", "id of the role"),
    identifier("user", "id of the user").optional,
    identifier("group", "id of the group, instead of a user").optional,
    identifier("system", "all, for the whole cloud").optional,
    identifier("domain", "id of the domain").optional,
    identifier("project", "id of the project").optional,
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """An action on the role of one user or group in one place."""

    name: str
    description: str
    method: str

    @property
    def action(self) -> Action:
        return Action(self.name, tuple(one.argument for one in _PARAMETERS), self.description)

    def call(self, datasource: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Call:
        """The request. Raises ArgumentsInvalid, also when not exactly one of the two and one of the three is given."""
        place = where(self.name, datasource)
        values = bound(place, _PARAMETERS, positional, named)
        who = [name for name in _WHO if name in values]
        scope = [name for name in _PLACES if name in values]
        if len(who) != 1 or len(scope) != 1:
            raise ArgumentsInvalid(f"{place} takes one of user and group, and one of system, domain and project")
        inside = "/system" if scope == ["system"] else f"/{_PLACES[scope[0]]}/{quote(values[scope[0]], safe='')}"
        path = f"{inside}/{_WHO[who[0]]}/{quote(values[who[0]], safe='')}/roles/{quote(values['role'], safe='')}"
        return Call(self.method, path)


GRANT = Assignment("roles.grant", "Give a role to a user or group", "PUT")
REVOKE = Assignment("roles.revoke", "Take a role from a user or group", "DELETE")
