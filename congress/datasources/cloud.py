"""Drivers that list the objects of one OpenStack service: login, paging and errors; subclasses declare the tables."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import openstack
from keystoneauth1 import exceptions as auth_errors
from keystoneauth1.adapter import Adapter
from openstack import exceptions as sdk_errors
from oslo_config import types
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from congress.datalog.values import Row
from congress.datasources import transport
from congress.datasources.actions import Call
from congress.datasources.cloudpages import MOST_PAGES, Listing, Page, page_of
from congress.datasources.contract import CloudUnreachable, DriverError, Option, OutcomeUncertain, UnknownTableGroup
from congress.datasources.hints import Hint, concerned
from congress.datasources.keys import keys
from congress.datasources.listed import ListedDriver, Objects, rows_of
from congress.datasources.masking import without_logins
from congress.datasources.options import NOTIFICATION_URL, POLLING, URL
from congress.datasources.revalidation import Revalidation
from congress.datasources.sameness import LastAnswers
from congress.datasources.translate import rows_by_table

__all__ = ["STANDARD_OPTIONS", "CloudDriver", "Listing", "ObjectGone"]

TIMEOUT = 60
_VERSION = re.compile(r"/v\d+(\.\d+)?/")

STANDARD_OPTIONS: tuple[Option, ...] = (
    Option("auth_url", required=True, description="Address of Keystone, e.g. http://controller:5000/v3", type=URL),
    Option("username", required=True, description="User to log in as; it must be allowed to list all projects"),
    Option("password", required=True, secret=True, description="Password of the user"),
    Option("project_name", required=True, description="Project to log in to"),
    Option("endpoint", description="Address of the service, instead of the one in Keystone's catalog", type=URL),
    Option("region", description="Region whose endpoints are used"),
    Option(
        "interface",
        description="Which endpoints of the catalog are used",
        type=types.String(choices=["public", "internal", "admin"]),
        default="public",
    ),
    Option("cacert", description="File with the certificates of the authorities that signed the cloud's"),
    Option("user_domain_name", description="Domain of the user", default="Default"),
    Option("project_domain_name", description="Domain of the project", default="Default"),
    Option("tenant_name", description="Older name of project_name"),
    NOTIFICATION_URL,
    *POLLING,
)


# What is raised when there is no such service, or nobody answers where it should be.
_NO_SERVICE = (
    auth_errors.CatalogException,
    sdk_errors.ConfigException,
    sdk_errors.NotSupported,
    sdk_errors.ServiceDiscoveryException,
)
# Options that openstacksdk knows, with its names for them.
_LOGIN = ("auth_url", "username", "password", "user_domain_name", "project_domain_name")
_PASSED_ON = {"region": "region_name", "interface": "interface", "cacert": "cacert"}


class ObjectGone(DriverError):
    """The service has no such object (any longer), or no such path."""


class CloudDriver(ListedDriver):
    """A service of an OpenStack cloud, read through openstacksdk. The first listing logs in."""

    options: ClassVar[tuple[Option, ...]] = STANDARD_OPTIONS
    service: ClassVar[str]
    """Name of the service's proxy in `openstack.connection.Connection`, e.g. `compute`."""
    listings: ClassVar[tuple[Listing, ...]]
    headers: ClassVar[Mapping[str, str]] = {}
    """Sent with every request, such as those that ask for all projects."""
    hints: ClassVar[tuple[Hint, ...]] = ()
    """What the service's notifications concern; see `congress.datasources.hints`."""

    def __init_subclass__(cls) -> None:
        if "listings" in vars(cls):
            cls.sights = tuple(listing.tables for listing in cls.listings)

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._connecting = threading.Lock()
        self._connection: Any = None
        self._known, self._last = Revalidation(dates=False), LastAnswers()

    @classmethod
    def object_keys(cls) -> Mapping[str, Mapping[str, int]]:
        hinted = {hint.group for hint in cls.hints if hint.ids}
        wanted = [one for one in cls.listings if one.root in hinted]
        return {one.root: found for one in wanted if (found := keys(one.tables)) is not None}

    @classmethod
    def hinted(cls, event_type: str, payload: Any) -> Iterable[tuple[str, str | None]]:
        return concerned(cls.hints, event_type, payload)

    def look(self, group: str) -> Iterator[Objects]:
        for page, _text in self._pages(self._listing(group)):
            yield page

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        listing = self._listing(group)
        for page in self._last.news(group, self._pages(listing)):
            yield rows_of(listing.tables, page)

    def fetch_one(self, group: str, identity: str) -> Mapping[str, Iterable[Row]]:
        listing = self._listing(group)
        self._last.forget(group)
        try:
            answer = self._answer("GET", listing.one(identity))
        except ObjectGone:
            return {}
        return rows_by_table(listing.tables, [listing.alone(answer)])

    def _listing(self, group: str) -> Listing:
        listing = next((one for one in self.listings if one.root == group), None)
        if listing is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        return listing

    def act(self, call: Call) -> None:
        """Send a request that changes something. Raises DriverError, CloudUnreachable, OutcomeUncertain."""
        self._log_in()  # what fails before the request itself is sent was surely not done
        version = {"microversion": call.microversion} if call.microversion else {}
        try:
            self._answer(call.method, call.path, **version, **call.content)
        except CloudUnreachable as error:
            if _may_have_arrived(error):
                raise OutcomeUncertain(f"{error}; the request may have arrived") from error
            raise

    def _log_in(self) -> None:
        """Raises CloudUnreachable, DriverError."""
        with self._errors("GET", "/"):
            self.connection.session.get_token()

    def close(self) -> None:
        self._forget_catalog()

    def _forget_catalog(self) -> None:
        """Log in again before the next request: a connection never asks again for what a catalog did not have."""
        with self._connecting:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def connection(self) -> Any:
        """The `openstack.connection.Connection`, made on first use; nothing is sent before the first call."""
        with self._connecting:
            if self._connection is None:
                self._connection = openstack.connect(
                    load_yaml_config=False, load_envvars=False, app_name="congress", api_timeout=TIMEOUT,
                    **self._login(),
                )  # fmt: skip
                transport.guard(self._connection.session.session, self._known)
            return self._connection

    def _login(self) -> dict[str, Any]:
        given = self.settings
        login: dict[str, Any] = {name: given[name] for name in _LOGIN}
        login["project_name"] = given["project_name"] or given["tenant_name"]
        login |= {name: given[key] for key, name in _PASSED_ON.items() if given[key]}
        if given["endpoint"]:
            login[f"{self.service}_endpoint_override"] = given["endpoint"]
        return login

    def _microversion(self) -> str | None:
        """The API microversion to ask for; None leaves the service at its oldest behaviour."""
        return None

    def _pages(self, listing: Listing) -> Iterator[tuple[Objects, bytes | None]]:
        """The objects of a listing, for each of its tables, page after page; with the only page the answer's text."""
        found = self._asked(listing) if listing.within is None else self._asked_within(listing, listing.within)
        for objects, text in found:
            yield {table.name: objects for table in listing.tables}, text

    def _asked(self, listing: Listing) -> Iterator[tuple[list[Any], bytes | None]]:
        path: str | None = listing.path
        seen: set[str] = set()
        before = 0
        while path is not None:
            if path in seen or len(seen) == MOST_PAGES:
                raise DriverError(f"{self._where()} gives no end of pages for {listing.path}; see the service's log")
            seen.add(path)
            page, text = self._page(listing, path, before)
            before += len(page.objects)
            path = page.next
            yield page.objects, text if path is None and len(seen) == 1 else None

    def _page(self, listing: Listing, path: str, before: int) -> tuple[Page, bytes]:
        text = self._text("GET", path)
        with self._errors("GET", path):
            answer = json.loads(text if text or listing.member else b"[]")
        try:
            return page_of(listing, answer, before), text
        except DriverError as error:
            raise DriverError(f"{self._where()}, {path}: {error}") from error

    def _asked_within(self, listing: Listing, within: Listing) -> Iterator[tuple[list[Any], bytes | None]]:
        """The pages of one listing after another, for each object that holds some."""
        yield [], None  # where nothing holds any, that is known too
        for holders, _text in self._asked(within):
            for holder in holders:
                members = {name: quote(str(cell), safe="") for name, cell in holder.items()}
                given = {name: holder.get(member) for name, member in listing.given.items()}
                try:
                    for page, _text in self._asked(replace(listing, path=listing.path.format_map(members))):
                        yield [{**one, **given} for one in page if isinstance(one, Mapping)], None
                except ObjectGone:
                    continue  # between the two requests

    def _answer(self, method: str, path: str, **body: Any) -> Any:
        """The JSON of an answer, None for an empty one. Raises DriverError, CloudUnreachable, ObjectGone."""
        text = self._text(method, path, **body)
        with self._errors(method, path):
            return json.loads(text) if text else None

    def _text(self, method: str, path: str, **body: Any) -> bytes:
        """The text of an answer. Raises DriverError, CloudUnreachable, ObjectGone."""
        with self._errors(method, path):
            proxy = getattr(self.connection, self.service)
            response = proxy.request(_behind(Adapter.get_endpoint(proxy), path), method, **self._sent(body))
            sdk_errors.raise_from_response(response)
            return bytes(response.content)

    def _sent(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a request: the driver's own, and those given."""
        headers = {**self.headers, **given.get("headers", {})}
        return {"microversion": self._microversion(), **given, **({"headers": headers} if headers else {})}

    @contextmanager
    def _errors(self, method: str, path: str) -> Iterator[None]:
        """Say in our own words what the libraries raise."""
        try:
            yield
        except auth_errors.Unauthorized as error:
            raise CloudUnreachable(
                f"{self._where()}: the login as {self.settings['username']} was refused; "
                "check username, password, project_name and the domains"
            ) from error
        except sdk_errors.HttpException as error:  # is an OSError, too
            status = getattr(error, "status_code", None)
            kind = CloudUnreachable if status in (502, 503, 504) else ObjectGone if status == 404 else DriverError
            raise kind(f"{self._where()} refused {method} {urlsplit(path).path}: {_text(error)}") from error
        except (auth_errors.ConnectionError, auth_errors.DiscoveryFailure, OSError) as error:
            raise CloudUnreachable(f"{self._where()} is unreachable: {_text(error)}") from error
        except _NO_SERVICE as error:
            self._forget_catalog()
            endpoint = self.settings["endpoint"]
            to_check = f"endpoint {without_logins(endpoint)}" if endpoint else "region and endpoint"
            raise CloudUnreachable(f"{self._where()} is not usable: {_text(error)}; check {to_check}") from error
        except (auth_errors.ClientException, sdk_errors.SDKException, ValueError, RecursionError) as error:
            raise DriverError(f"{self._where()} failed at {method} {urlsplit(path).path}: {_text(error)}") from error

    def _where(self) -> str:
        return f"datasource '{self.name}' (service {self.service} at {without_logins(self.settings['auth_url'])})"


def _behind(endpoint: str | None, path: str) -> str:
    """The path as it is asked for there: catalogs and discovery name some services with the version of the API, which
    the path then begins with once too often."""
    version = _VERSION.match(path)
    if version is None or not (endpoint or "").rstrip("/").endswith(version.group().rstrip("/")):
        return path
    return path[version.end() - 1 :]


def _may_have_arrived(error: BaseException) -> bool:
    """Whether a request whose connection failed may have been read by the other side all the same."""
    cause = error.__cause__
    if isinstance(cause, auth_errors.Unauthorized | auth_errors.CatalogException | auth_errors.DiscoveryFailure):
        return False
    if isinstance(cause, sdk_errors.HttpException):
        return getattr(cause, "status_code", None) != 503  # a proxy that has nobody to pass the request on to
    found: BaseException | None = cause
    while found is not None:
        reason = getattr(found, "reason", None)  # urllib3 keeps the first cause there
        for one in (found, reason, *found.args):
            if isinstance(one, NewConnectionError | ConnectTimeoutError):
                return False
        found = found.__cause__ or found.__context__
    return True


def _text(error: Exception) -> str:
    return without_logins(" ".join(str(error).split()))[:500]
