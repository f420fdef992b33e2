"""The page of policies shows which bundles there are."""

from __future__ import annotations

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.api.server_process import Client
from tests.policies.bundles.versions import archive


def test_bundles_are_listed_with_what_is_active(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{client.url}/dashboard#/policies")
    expect(page.get_by_role("region", name="Policies")).to_be_visible()
    expect(page.get_by_role("region", name="Bundles")).to_have_count(0)
    for version in ("1.0", "1.1"):
        data, kind = archive(version, packed=[f"t({version})"]), {"Content-Type": "application/octet-stream"}
        assert client.post("/v1/bundles", data=data, headers=kind).status_code == 201
        assert client.post(f"/v1/bundles/shop/versions/{version}/activate").status_code == 200
    page.reload()
    row = page.get_by_role("region", name="Bundles").get_by_role("row").filter(has_text="shop")
    expect(row.get_by_role("cell")).to_have_text(["1.1", "1.0", "packed", re.compile("ago|just now")])
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
