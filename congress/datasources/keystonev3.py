"""Keystone v3: users, roles, projects and domains."""

from __future__ import annotations

from congress.datasources.actions import Call, action, path
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.contract import DriverError
from congress.datasources.translate import Field, Table

_ID = Field("id", description="id")
_NAME = Field("name", description="name")
_ENABLED = Field("enabled", description="whether it may be used")
_DESCRIPTION = Field("description", description="what its owner says")
_DOMAIN = Field("domain_id", description="domain it belongs to")

USERS = Table(
    "users", (_ID, _NAME, _ENABLED, Field("default_project_id", description="project when none is asked for"), _DOMAIN)
)
ROLES = Table("roles", (_ID, _NAME))
PROJECTS = Table("projects", (_ENABLED, _DESCRIPTION, _NAME, _DOMAIN, _ID))
DOMAINS = Table("domains", (_ENABLED, _DESCRIPTION, _NAME, _ID))


def _truth(raw: object) -> bool:
    text = str(raw).lower()
    if text not in ("true", "false"):
        raise DriverError(f"enabled must be True or False, not '{raw}'")
    return text == "true"


class KeystoneV3Driver(CloudDriver):
    id = "keystonev3"
    description = "Users, roles, projects and domains of Keystone (OpenStack identity, version 3)"
    service = "identity"
    listings = (
        Listing("/users", "users", (USERS,)),
        Listing("/roles", "roles", (ROLES,)),
        Listing("/projects", "projects", (PROJECTS,)),
        Listing("/domains", "domains", (DOMAINS,)),
    )
    cloud_actions = (
        action(
            "users.update_enabled",
            ("user: id of the user", "enabled: True or False"),
            "Allow or forbid a user to log in",
            lambda values: Call("PATCH", path("users", values[0]), {"user": {"enabled": _truth(values[1])}}),
        ),
        action(
            "projects.update_enabled",
            ("project: id of the project", "enabled: True or False"),
            "Allow or forbid the use of a project",
            lambda values: Call("PATCH", path("projects", values[0]), {"project": {"enabled": _truth(values[1])}}),
        ),
    )
