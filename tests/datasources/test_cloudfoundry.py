"""The driver cloudfoundryv2, over answers as the documentation of the API v2 shows them, shortened.

https://apidocs.cloudfoundry.org/198/: organizations, spaces, apps, service_bindings, spaces/get_space_summary, info.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from congress.datasources.cloudfoundryv2 import CloudFoundryV2Driver
from congress.datasources.contract import CloudUnreachable, DriverError
from tests.databases import free_port
from tests.datasources.answering import Answering, Asked, Said
from tests.datasources.tables import by, seen

TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": None}


def resource(guid: str, **entity: Any) -> dict[str, Any]:
    return {"metadata": {"guid": guid, "url": f"/v2/x/{guid}", **TIMES}, "entity": entity}


class Foundry:
    """A small API v2 with a login server in it."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens = ["first"]
        self.refused = False

    def __call__(self, asked: Asked) -> Any:
        if asked.path == "/v2/info":
            return {"authorization_endpoint": f"{self.url}/uaa"}
        if asked.path == "/uaa/oauth/token":
            form = parse_qs(asked.body.decode())
            wrong = self.refused or form["password"] != ["canary-foundry"]
            return Said({}, 401) if wrong else {"access_token": self.tokens[-1]}
        if asked.headers.get("authorization") != f"bearer {self.tokens[-1]}":
            return Said({}, 401)
        second = asked.query.get("page") == "2"
        pages = {
            "/v2/organizations": [resource("o-1", name="shop")] if not second else [resource("o-2", name="lab")],
            "/v2/spaces": [resource("s-1", name="dev")],
            "/v2/apps": [resource("a-1", name="web", space_guid="s-1", instances=2, environment_json={"A": "b"})],
            "/v2/service_bindings": [resource("b-1", app_guid="a-1", service_instance_guid="i-1")],
        }
        if asked.path == "/v2/spaces/s-1/summary":
            plan = {"name": "small", "guid": "p"}
            return {"services": [{"guid": "i-1", "name": "db", "bound_app_count": 1, "service_plan": plan}]}
        more = asked.path == "/v2/organizations" and not second
        found = pages.get(asked.path)
        return found and {"resources": found, "next_url": f"{asked.path}?page=2" if more else None}


@pytest.fixture
def foundry() -> Iterator[Foundry]:
    answer = Foundry()
    with Answering(answer) as service:
        answer.url = service.url
        yield answer


def driver(url: str, password: str = "canary-foundry") -> CloudFoundryV2Driver:  # noqa: S107
    return CloudFoundryV2Driver("cf", {"auth_url": url, "username": "me", "password": password})


def test_all_tables_are_read_over_all_pages(foundry: Foundry) -> None:
    tables = seen(driver(foundry.url))
    assert set(by(tables["organizations"], "guid")) == {"o-1", "o-2"}
    app = by(tables["apps"], "guid")["a-1"]
    assert (app["space_guid"], app["instances"], app["created_at"], app["updated_at"]) == (
        "s-1", 2, "2026-01-01T00:00:00Z", "None"
    )  # fmt: skip
    assert tables["service_bindings"] == [{"app_guid": "a-1", "service_instance_guid": "i-1"}]
    assert tables["services"] == [
        {"guid": "i-1", "space_guid": "s-1", "name": "db", "bound_app_count": 1, "last_operation": "None",
         "service_plan_name": "small"}
    ]  # fmt: skip


def test_a_token_that_ran_out_is_renewed(foundry: Foundry) -> None:
    one = driver(foundry.url)
    one.fetch("spaces")
    foundry.tokens.append("second")
    assert len(list(one.fetch("spaces")["spaces"])) == 1


def test_a_refused_login_and_an_api_that_is_away_say_so(foundry: Foundry) -> None:
    with pytest.raises(CloudUnreachable, match="datasource 'cf': the login was refused"):
        driver(foundry.url, "wrong").fetch("apps")
    with pytest.raises(CloudUnreachable, match="datasource 'cf': .* does not answer"):
        driver(f"http://127.0.0.1:{free_port()}").fetch("apps")


@pytest.mark.parametrize("answer", [[], {}, Said(b"<html>"), Said({}, 500), {"authorization_endpoint": 7}])
def test_what_is_no_cloud_foundry_is_an_error(answer: Any) -> None:
    with Answering(lambda _asked: answer) as service, pytest.raises(DriverError):
        driver(service.url).fetch("apps")
