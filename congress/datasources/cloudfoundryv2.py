"""Cloud Foundry by its API v2, which later releases dropped; kept for those who still run one.

Source: the documentation of the Cloud Foundry API v2 and of UAA's password grant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests

from congress.datasources.contract import CloudUnreachable, DriverError, Option
from congress.datasources.documents import read_json
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.options import POLLING, URL
from congress.datasources.paging import Named, Part, followed
from congress.datasources.translate import Field, Table
from congress.datasources.transport import session

_NEXT = Named(style="next", path="$.next_url")
_TIMES = (
    Field("created_at", description="time of creation"),
    Field("updated_at", description="time of the last change"),
)


def _named(name: str, of: str) -> Table:
    fields = (Field("guid", description=f"id of the {of}"), Field("name", description=f"name of the {of}"), *_TIMES)
    return Table(name, fields)


ORGANIZATIONS = _named("organizations", "organization")
SPACES = _named("spaces", "space")
_APP: Mapping[str, str] = {
    "space_guid": "space it runs in",
    "guid": "id of the app",
    "buildpack": "buildpack that was asked for",
    "command": "command that starts it",
    "console": "whether it has a console",
    "debug": "whether it is debugged",
    "detected_buildpack": "buildpack that was found to fit",
    "detected_start_command": "command that the buildpack found",
    "disk_quota": "MB of disk of an instance",
    "docker_image": "image that it runs, instead of a droplet",
    "environment_json": "variables of its environment",
    "health_check_timeout": "seconds until it must be healthy",
    "instances": "how often it runs",
    "memory": "MB of memory of an instance",
    "name": "name of the app",
    "package_state": "PENDING, STAGED or FAILED",
    "package_updated_at": "when its bits changed",
    "production": "deprecated by Cloud Foundry",
    "staging_failed_reason": "why staging failed",
    "staging_task_id": "id of the last staging",
    "state": "STARTED or STOPPED",
    "version": "id of its version",
}
APPS = Table("apps", (*(Field(name, description=text) for name, text in _APP.items()), *_TIMES))
BINDINGS = Table(
    "service_bindings",
    (
        Field("app_guid", description="the app"),
        Field("service_instance_guid", description="the service that it uses"),
    ),
)
SERVICES = Table(
    "services",
    (
        Field("guid", description="id of the service instance"),
        Field("space_guid", description="space it belongs to"),
        Field("name", description="name of the instance"),
        Field("bound_app_count", description="how many apps use it"),
        Field("last_operation", description="what was done with it last"),
        Field("service_plan_name", ("service_plan", "name"), description="its plan"),
    ),
)
_PATHS = {ORGANIZATIONS.name: "organizations", SPACES.name: "spaces", APPS.name: "apps"}


class CloudFoundryV2Driver(ListedDriver):
    """Logs in once, and again when the token is refused."""

    id = "cloudfoundryv2"
    description = "Organizations, spaces, apps and services of Cloud Foundry, by its API v2"
    options = (
        Option("auth_url", required=True, type=URL, description="Where the API is, without /v2"),
        Option("username", required=True, description="User"),
        Option("password", required=True, secret=True, description="Password"),
        Option("cacert", description="File with the certificates of the authorities that signed the API's"),
        TIMEOUT,
        *POLLING,
    )
    sights = ((ORGANIZATIONS,), (SPACES,), (APPS,), (BINDINGS,), (SERVICES,))

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._url: str = self.settings["auth_url"].rstrip("/")
        self._session = session()
        self._session.verify = self.settings["cacert"] or True
        self._token: str | None = None

    def close(self) -> None:
        self._session.close()

    def look(self, group: str) -> Iterator[Objects]:
        if group == SERVICES.name:
            yield from ({group: services} for services in self._services())
            return
        path = "service_bindings" if group == BINDINGS.name else _PATHS[group]
        for page in self._every(path):
            yield {group: page}

    def _services(self) -> Iterator[list[dict[str, Any]]]:
        for page in self._every("spaces"):
            for space in page:
                guid = str(space.get("guid"))
                found = self._ask(f"{self._url}/v2/spaces/{quote(guid, safe='')}/summary").get("services")
                services = found if isinstance(found, list) else []
                yield [{**one, "space_guid": guid} for one in services if isinstance(one, dict)]

    def _every(self, path: str) -> Iterator[list[dict[str, Any]]]:
        """The resources at a path, 100 to a page."""
        following: str | None = f"{self._url}/v2/{path}?results-per-page=100"
        seen: set[str] = set()
        while following:
            page = self._ask(following)
            found = page.get("resources")
            if not isinstance(found, list):
                raise DriverError(f"datasource '{self.name}': the answer has no resources; is it an API v2?")
            yield [_flat(one) for one in found]
            following = followed(_NEXT, Part(following, page, {}, len(found), len(seen), 0), seen)

    def _ask(self, url: str) -> dict[str, Any]:
        try:
            for again in (False, True):
                if self._token is None:
                    self._token = self._login()
                headers = {"Authorization": f"bearer {self._token}"}
                answer = self._request("GET", url, headers=headers)
                if answer.status_code != 401 or again:
                    return _object(answer)
                self._token = None
        except DriverError as error:
            raise type(error)(f"datasource '{self.name}': {error}") from error
        raise AssertionError("the loop returns or raises")

    def _login(self) -> str:
        info = _object(self._request("GET", f"{self._url}/v2/info"))
        place = str(info.get("authorization_endpoint") or "")
        if not place.startswith(("https://", "http://")):
            raise CloudUnreachable("/v2/info names no authorization_endpoint; is auth_url that of the API?")
        login = {
            "grant_type": "password",
            "username": self.settings["username"],
            "password": self.settings["password"],
        }
        answer = self._request("POST", f"{place.rstrip('/')}/oauth/token", data=login, auth=("cf", ""))
        if answer.status_code in (400, 401):
            raise CloudUnreachable("the login was refused; check username and password")
        token = _object(answer).get("access_token")
        if not isinstance(token, str):
            raise CloudUnreachable("the login gave no token")
        return token

    def _request(self, method: str, url: str, **more: Any) -> requests.Response:
        timeout: float = self.settings["timeout"]
        try:
            return self._session.request(method, url, timeout=timeout, allow_redirects=False, **more)
        except requests.RequestException as error:
            raise CloudUnreachable(f"{url.partition('?')[0]} does not answer: {type(error).__name__}") from error
        except OSError as error:
            raise DriverError(str(error)) from error


def _object(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise DriverError(f"{answer.url.partition('?')[0]} answers {answer.status_code} {answer.reason}")
    found = read_json(answer.content)
    if not isinstance(found, dict):
        raise DriverError(f"{answer.url.partition('?')[0]} answers no object")
    return found


def _flat(resource: Any) -> dict[str, Any]:
    """Metadata and entity of a resource together."""
    parts = [resource.get(name) for name in ("entity", "metadata")] if isinstance(resource, dict) else []
    return {name: one for part in parts if isinstance(part, dict) for name, one in part.items()}
