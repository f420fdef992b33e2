"""The tables of Keystone's version 2 API, which clouds no longer offer, filled from version 3.

Source of the names: the identity API v2.0, whose tenants are the projects of version 3 and whose users had one tenant,
the default project of version 3.
"""

from __future__ import annotations

from typing import Any

from congress.datasources.allowed import keystonev3
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.hints import KEYSTONE
from congress.datasources.translate import Field, Table

_ID = Field("id", description="id")
_NAME = Field("name", description="name")
_ENABLED = Field("enabled", description="whether it may be used")

USERS = Table(
    "users",
    (
        Field("username", "name", description="name to log in with"),
        _NAME,
        _ENABLED,
        Field("tenantId", "default_project_id", description="project when none is asked for"),
        _ID,
        Field("email", description="address, where the user has this attribute"),
    ),
)
ROLES = Table("roles", (_ID, _NAME))
TENANTS = Table("tenants", (_ENABLED, Field("description", description="what its owner says"), _NAME, _ID))


class KeystoneDriver(CloudDriver):
    id = "keystone"
    description = "Users, roles and tenants, as version 2 of Keystone named them; asks version 3"
    service = "identity"
    hints = tuple(
        hint._replace(group="tenants") if hint.group == "projects" else hint
        for hint in KEYSTONE
        if hint.group != "domains"
    )
    listings = (
        Listing("/users", "users", (USERS,)),
        Listing("/roles", "roles", (ROLES,)),
        Listing("/projects", "projects", (TENANTS,)),
    )
    offered = keystonev3.ACTIONS

    def _login(self) -> dict[str, Any]:
        """Addresses of datasources that were created for version 2 name it."""
        login = super()._login()
        return login | {"auth_url": login["auth_url"].rstrip("/").removesuffix("/v2.0")}
