"""The replayed Keystone's tokens: issued to the users that it knows, shown to whoever has one, revoked, forgotten.

Names and ids are the recorded ones; the recorded token of the administrator lends every token its catalog.
"""

from __future__ import annotations

import copy
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from answers import Answer, failure, unauthorized

ADMIN, SERVICE = "admin", "congress"
PASSWORDS = {ADMIN: "admin of the replay", SERVICE: "service of the replay"}
DOMAIN = "default"
"""Id of the only domain whose users log in; its name differs in the first letter."""
LIFE = timedelta(hours=12)


class Account(NamedTuple):
    """Who may log in, to which project, and as what: members of a token as Keystone shows them."""

    user: dict[str, Any]
    project: dict[str, Any]
    roles: list[dict[str, Any]]


class Identity:
    """`recorded`: the token of the administrator; `projects` and `roles`: ids by name, as recorded."""

    def __init__(self, recorded: dict[str, Any], projects: dict[str, str], roles: dict[str, str]) -> None:
        self.catalog: list[dict[str, Any]] = copy.deepcopy(recorded["catalog"])
        domain = recorded["user"]["domain"]
        service = {"id": uuid.uuid5(uuid.NAMESPACE_DNS, SERVICE).hex, "name": SERVICE, "password_expires_at": None}
        self.accounts = {
            ADMIN: Account(recorded["user"], recorded["project"], recorded["roles"]),
            SERVICE: Account(
                {**service, "domain": domain},
                {"id": projects["service"], "name": "service", "domain": domain},
                [{"id": roles["service"], "name": "service"}],
            ),
        }
        self.tokens: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, token: str | None, subject: str | None, body: Any) -> Answer:
        """What `/v3/auth/tokens` answers."""
        if method == "POST":
            return self.login(body)
        if token not in self.tokens:
            return unauthorized()
        if subject not in self.tokens:
            return failure(404, "Not Found", "Could not find token.")
        if method == "DELETE":
            del self.tokens[subject]
            return Answer(204, None)
        return Answer(200, {"token": self._shown(subject)}, _headers(subject))

    def login(self, body: Any) -> Answer:
        """Issue a token for a password, or for a token, to the project in which the user has a role."""
        try:
            account = self._who(body["auth"]["identity"])
            scope = body["auth"].get("scope", {})
            project = scope.get("project")
            right = not scope or (account and project and _is(project, account.project))
        except (KeyError, TypeError, AttributeError):
            return failure(400, "Bad Request", "Expecting to find auth in request body.")
        if account is None or not right:
            return unauthorized()
        token, now = secrets.token_urlsafe(24), datetime.now(UTC)
        self.tokens[token] = {
            "methods": body["auth"]["identity"]["methods"],
            "user": account.user,
            "audit_ids": [secrets.token_urlsafe(16)],
            "issued_at": _zulu(now),
            "expires_at": _zulu(now + LIFE),
        }
        if project is not None:
            self.tokens[token] |= {"project": account.project, "is_domain": False, "roles": account.roles}
        return Answer(201, {"token": self._shown(token)}, _headers(token))

    def _who(self, identity: dict[str, Any]) -> Account | None:
        if identity["methods"] == ["token"]:
            known = self.tokens.get(identity["token"]["id"])
            return self.accounts[known["user"]["name"]] if known else None
        user = identity["password"]["user"]
        for name, account in self.accounts.items():
            if _is(user, account.user):
                return account if secrets.compare_digest(user["password"], PASSWORDS[name]) else None
        return None

    def _shown(self, token: str) -> dict[str, Any]:
        known = self.tokens[token]
        return {**known, "catalog": self.catalog} if "project" in known else known

    def offer(self, kind: str, name: str, url: str) -> None:
        """Enter a service into the catalog, in place of an earlier one of its type."""
        where = {"region": "RegionOne", "region_id": "RegionOne", "url": url}
        interfaces = ("public", "internal", "admin")
        endpoints = [{"id": uuid.uuid4().hex, "interface": interface, **where} for interface in interfaces]
        others = [one for one in self.catalog if one["type"] != kind]
        self.catalog = [*others, {"id": uuid.uuid4().hex, "type": kind, "name": name, "endpoints": endpoints}]


def _is(asked: dict[str, Any], known: dict[str, Any]) -> bool:
    """Whether an id, or a name with its domain, means that user or project."""
    if "id" in asked:
        return bool(asked["id"] == known["id"])
    domains = {value.lower() for value in asked["domain"].values()}
    return asked["name"] == known["name"] and domains == {DOMAIN}


def _headers(token: str) -> dict[str, str]:
    return {"X-Subject-Token": token, "Vary": "X-Auth-Token"}


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
