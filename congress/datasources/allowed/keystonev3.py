"""Requests to Keystone, as its API describes them: https://docs.openstack.org/api-ref/identity/v3/.

None of them carries a password, a token or another credential: arguments are kept in the ledger of actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from congress.datasources.actions import CloudAction, Offered
from congress.datasources.allowed.grants import GRANT, REVOKE
from congress.datasources.arguments import Parameter, attributes, identifier, pairs, text, truth
from congress.datasources.contract import ArgumentsInvalid
from congress.datasources.masking import looks_secret


def _public(raw: Sequence[Any]) -> dict[str, Any]:
    found = attributes(raw)
    if secret := [name for name in found if looks_secret(name)]:
        raise ArgumentsInvalid(f"has {secret[0]} in it, a secret, which would be kept with the action; leave it out")
    return found


USER = identifier("user", "id of the user")
GROUP = identifier("group", "id of the group")
PROJECT = identifier("project", "id of the project")
DOMAIN = identifier("domain", "id of the domain")
ROLE = identifier("role", "id of the role")
TAG = identifier("tag", "the tag")
NAME = text("name", "name")
DESCRIPTION = text("description", "what is said of it").optional
IN_DOMAIN = text("domain", "id of its domain").optional
ENABLED = truth("enabled", "whether it may be used")
ATTRIBUTES = pairs("attributes", "attributes, no secrets", _public)


def _update(kind: Parameter) -> CloudAction:
    return CloudAction(
        f"{kind.name}s.update",
        f"Set attributes of a {kind.name}",
        "PATCH",
        f"/{kind.name}s/{{{kind.name}}}",
        (kind, ATTRIBUTES),
        {kind.name: "{attributes}"},
    )


def _delete(kind: Parameter) -> CloudAction:
    return CloudAction(
        f"{kind.name}s.delete", f"Delete a {kind.name}", "DELETE", f"/{kind.name}s/{{{kind.name}}}", (kind,)
    )


ACTIONS: tuple[Offered, ...] = (
    CloudAction(
        "users.update_enabled", "Allow or forbid a user to log in", "PATCH", "/users/{user}", (USER, ENABLED),
        {"user": {"enabled": "{enabled}"}},
    ),
    CloudAction(
        "projects.update_enabled", "Allow or forbid the use of a project", "PATCH", "/projects/{project}",
        (PROJECT, ENABLED), {"project": {"enabled": "{enabled}"}},
    ),
    *(_update(kind) for kind in (USER, GROUP, PROJECT, DOMAIN, ROLE)),
    *(_delete(kind) for kind in (USER, GROUP, PROJECT, DOMAIN, ROLE)),
    CloudAction(
        "users.create",
        "Make a user that cannot log in until it is given a password",
        "POST",
        "/users",
        (
            NAME,
            IN_DOMAIN,
            text("default_project", "id of its default project").optional,
            text("email", "address").optional,
            DESCRIPTION,
            ENABLED.optional,
        ),
        {
            "user": {
                "name": "{name}",
                "domain_id": "{domain}",
                "default_project_id": "{default_project}",
                "email": "{email}",
                "description": "{description}",
                "enabled": "{enabled}",
            }
        },
    ),
    CloudAction(
        "groups.create", "Make a group", "POST", "/groups", (NAME, IN_DOMAIN, DESCRIPTION),
        {"group": {"name": "{name}", "domain_id": "{domain}", "description": "{description}"}},
    ),
    CloudAction(
        "projects.create",
        "Make a project",
        "POST",
        "/projects",
        (NAME, IN_DOMAIN, DESCRIPTION, ENABLED.optional, text("parent", "id of the project above it").optional),
        {
            "project": {
                "name": "{name}",
                "domain_id": "{domain}",
                "description": "{description}",
                "enabled": "{enabled}",
                "parent_id": "{parent}",
            }
        },
    ),
    CloudAction(
        "domains.create", "Make a domain", "POST", "/domains", (NAME, DESCRIPTION, ENABLED.optional),
        {"domain": {"name": "{name}", "description": "{description}", "enabled": "{enabled}"}},
    ),
    CloudAction(
        "roles.create", "Make a role", "POST", "/roles", (NAME, IN_DOMAIN),
        {"role": {"name": "{name}", "domain_id": "{domain}"}},
    ),
    GRANT,
    REVOKE,
    CloudAction(
        "users.add_to_group", "Add a user to a group", "PUT", "/groups/{group}/users/{user}", (USER, GROUP)
    ),
    CloudAction(
        "users.remove_from_group", "Take a user out of a group", "DELETE", "/groups/{group}/users/{user}",
        (USER, GROUP),
    ),
    CloudAction("projects.add_tag", "Add a tag", "PUT", "/projects/{project}/tags/{tag}", (PROJECT, TAG)),
    CloudAction("projects.delete_tag", "Remove a tag", "DELETE", "/projects/{project}/tags/{tag}", (PROJECT, TAG)),
)  # fmt: skip
