"""Drivers that list the objects of one OpenStack service: login, paging and errors; subclasses declare the tables."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import openstack
from keystoneauth1 import exceptions as auth_errors
from keystoneauth1.adapter import Adapter
from openstack import exceptions as sdk_errors
from oslo_config import types
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from congress.datalog.values import Row
from congress.datasources import transport
from congress.datasources.actions import Call, Offered, requested
from congress.datasources.contract import (
    Action,
    CloudUnreachable,
    Column,
    Driver,
    DriverError,
    Option,
    OutcomeUncertain,
    Unchanged,
    UnknownTableGroup,
)
from congress.datasources.hints import Hint, concerned
from congress.datasources.keys import keys
from congress.datasources.masking import without_logins
from congress.datasources.options import NOTIFICATION_URL, POLLING, URL
from congress.datasources.translate import Table, rows_by_table

LOG = logging.getLogger(__name__)
TIMEOUT = 60
_PAGES = 100_000
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


@dataclass(frozen=True, slots=True)
class Listing:
    """One list call: its path, the member of the answer that holds the list, and the tables it fills, root first.

    Without a `member` the answer is the list, or the only object. `marker`: the member of its last item that asks for
    what comes behind it, where the service gives no links. `within`: the listing of what holds these objects; the path
    then has its members in braces, and `given` says which of its members the objects get, under which names.
    """

    path: str
    member: str
    tables: tuple[Table, ...]
    marker: str | None = None
    within: Listing | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return self.tables[0].name

    def one(self, identity: str) -> str:
        """The path of a single object."""
        return f"{self.path.partition('?')[0].removesuffix('/detail')}/{quote(identity, safe='')}"

    def alone(self, answer: Any) -> Any:
        """The object in the answer about a single one, which most services put into a member named in the singular."""
        inner = answer.get(self.member.removesuffix("s")) if isinstance(answer, Mapping) else None
        return inner if isinstance(inner, Mapping) else answer


# Options that openstacksdk knows, with its names for them.
_LOGIN = ("auth_url", "username", "password", "user_domain_name", "project_domain_name")
_PASSED_ON = {"region": "region_name", "interface": "interface", "cacert": "cacert"}


class ObjectGone(DriverError):
    """The service has no such object (any longer), or no such path."""


class CloudDriver(Driver):
    """A service of an OpenStack cloud, read through openstacksdk. The first listing logs in."""

    options: ClassVar[tuple[Option, ...]] = STANDARD_OPTIONS
    service: ClassVar[str]
    """Name of the service's proxy in `openstack.connection.Connection`, e.g. `compute`."""
    listings: ClassVar[tuple[Listing, ...]]
    cloud_actions: ClassVar[tuple[Offered, ...]] = ()
    headers: ClassVar[Mapping[str, str]] = {}
    """Sent with every request, such as those that ask for all projects."""
    hints: ClassVar[tuple[Hint, ...]] = ()
    """What the service's notifications concern; see `congress.datasources.hints`."""

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._connecting = threading.Lock()
        self._connection: Any = None
        self._last_answers: dict[str, bytes] = {}
        """Group -> digest of its last listing, where that was one page."""

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for listing in cls.listings for table in listing.tables}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {listing.root: tuple(table.name for table in listing.tables) for listing in cls.listings}

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return tuple(one.action for one in cls.cloud_actions)

    @classmethod
    def object_keys(cls) -> Mapping[str, Mapping[str, int]]:
        hinted = {hint.group for hint in cls.hints if hint.ids}
        wanted = [one for one in cls.listings if one.root in hinted]
        return {one.root: found for one in wanted if (found := keys(one.tables)) is not None}

    @classmethod
    def hinted(cls, event_type: str, payload: Any) -> Iterable[tuple[str, str | None]]:
        return concerned(cls.hints, event_type, payload)

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        listing = self._listing(group)
        return rows_by_table(listing.tables, [one for page, _digest in self._pages(listing) for one in page])

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        listing, last = self._listing(group), self._last_answers.pop(group, None)
        pages = 0
        for objects, digest in self._pages(listing):
            if digest == last and digest is not None:
                self._last_answers[group] = digest
                raise Unchanged
            yield rows_by_table(listing.tables, objects)
            pages += 1
        if pages == 1 and digest is not None:
            self._last_answers[group] = digest

    def fetch_one(self, group: str, identity: str) -> Mapping[str, Iterable[Row]]:
        listing = self._listing(group)
        self._last_answers.pop(group, None)
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

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self._act(requested(self.cloud_actions, self.name, action, positional, named))

    def _act(self, call: Call) -> None:
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
        if self._connection is not None:
            self._connection.close()

    @property
    def connection(self) -> Any:
        """The `openstack.connection.Connection`, made on first use; nothing is sent before the first call."""
        with self._connecting:
            if self._connection is None:
                self._connection = openstack.connect(
                    load_yaml_config=False, load_envvars=False, app_name="congress", api_timeout=TIMEOUT,
                    **self._login(),
                )  # fmt: skip
                transport.guard(self._connection.session.session)
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

    def _pages(self, listing: Listing) -> Iterator[tuple[list[Any], bytes | None]]:
        """The objects of a listing, page after page; with a page that is the only one the digest of its text."""
        if listing.within is not None:
            yield from self._pages_within(listing, listing.within)
            return
        path: str | None = listing.path
        seen: set[str] = set()
        while path is not None:
            if path in seen or len(seen) == _PAGES:
                raise DriverError(f"{self._where()} gives no end of pages for {listing.path}; see the service's log")
            seen.add(path)
            text = self._text("GET", path)
            with self._errors("GET", path):
                page = json.loads(text if text or listing.member else b"[]")
            if listing.member:
                objects = page.get(listing.member) if isinstance(page, Mapping) else None
            else:
                objects = [page] if isinstance(page, Mapping) else page
            if not isinstance(objects, list):
                member = f" '{listing.member}'" if listing.member else ""
                raise DriverError(f"{self._where()} answered {path} without a list{member}")
            path = _next_page(listing, page, objects)
            yield objects, hashlib.blake2b(text, digest_size=16).digest() if path is None and len(seen) == 1 else None

    def _pages_within(self, listing: Listing, within: Listing) -> Iterator[tuple[list[Any], bytes | None]]:
        """The pages of one listing after another, for each object that holds some."""
        yield [], None  # where nothing holds any, that is known too
        for holders, _digest in self._pages(within):
            for holder in holders:
                members = {name: quote(str(cell), safe="") for name, cell in holder.items()}
                given = {name: holder.get(member) for name, member in listing.given.items()}
                try:
                    for page, _digest in self._pages(
                        replace(listing, path=listing.path.format_map(members), within=None)
                    ):
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
        except (auth_errors.CatalogException, sdk_errors.ConfigException, sdk_errors.NotSupported) as error:
            raise CloudUnreachable(
                f"{self._where()} is not usable: {_text(error)}; check region and endpoint"
            ) from error
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


def _next_page(listing: Listing, page: Any, objects: Sequence[Any]) -> str | None:
    """The path of the next page. Only the query of the service's link is taken: its host may be a name that is
    unknown here, and a token must not be sent to whatever address an answer contains."""
    path, _, query = listing.path.partition("?")
    asked = dict(parse_qsl(query))
    if listing.marker and objects and isinstance(objects[-1], Mapping):
        return f"{path}?{urlencode({**asked, 'marker': objects[-1].get(listing.marker)})}"
    if not isinstance(page, Mapping):
        return None
    links = page.get("links")
    link = links.get("next") if isinstance(links, Mapping) else page.get("next")
    for named in (links, page.get(f"{listing.member}_links")):
        for one in named if isinstance(named, list) else ():
            link = one.get("href") if isinstance(one, Mapping) and one.get("rel") == "next" else link
    return (
        f"{path}?{urlencode({**asked, **dict(parse_qsl(urlsplit(link).query))})}"
        if isinstance(link, str) and link
        else None
    )


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
