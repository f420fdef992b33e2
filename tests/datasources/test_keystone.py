"""The tables of Keystone's version 2, filled from version 3."""

from congress.datasources.keystone import KeystoneDriver
from congress.datasources.keystonev3 import KeystoneV3Driver
from tests.datasources.tables import by, seen


def test_its_tables_hold_what_those_of_version_3_hold(cloud):
    old, new = seen(KeystoneDriver("k", cloud.login)), seen(KeystoneV3Driver("k", cloud.login))
    assert set(old) == {"users", "roles", "tenants"}
    assert by(old["roles"], "id") == by(new["roles"], "id")
    projects = by(new["projects"], "id")
    assert {one["id"]: one["name"] for one in old["tenants"]} == {key: one["name"] for key, one in projects.items()}
    users = by(new["users"], "id")
    assert users
    for one in old["users"]:
        here = users[one["id"]]
        assert (one["username"], one["name"], one["enabled"]) == (here["name"], here["name"], here["enabled"])
        assert one["tenantId"] == here["default_project_id"]


def test_the_address_of_version_2_leads_to_version_3(cloud):
    login = {**cloud.login, "auth_url": cloud.login["auth_url"].removesuffix("/v3") + "/v2.0/"}
    assert seen(KeystoneDriver("k", login), "tenants")["tenants"]
    project = login.pop("project_name")
    assert seen(KeystoneDriver("k", {**login, "tenant_name": project}), "tenants")["tenants"]


def test_a_notification_of_a_project_concerns_its_tenant():
    assert list(KeystoneDriver.hinted("identity.project.updated", {"resource_info": "p1"})) == [("tenants", "p1")]
    assert not list(KeystoneDriver.hinted("identity.domain.updated", {"resource_info": "d1"}))
