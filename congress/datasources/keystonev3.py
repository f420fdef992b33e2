"""Keystone v3: users, roles, projects and domains."""

from __future__ import annotations

from congress.datasources.allowed import keystonev3
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.hints import KEYSTONE
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


class KeystoneV3Driver(CloudDriver):
    id = "keystonev3"
    description = "Users, roles, projects and domains of Keystone (OpenStack identity, version 3)"
    service = "identity"
    hints = KEYSTONE
    listings = (
        Listing("/users", "users", (USERS,)),
        Listing("/roles", "roles", (ROLES,)),
        Listing("/projects", "projects", (PROJECTS,)),
        Listing("/domains", "domains", (DOMAINS,)),
    )
    offered = keystonev3.ACTIONS
