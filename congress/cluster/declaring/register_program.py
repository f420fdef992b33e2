"""Puts accounts, services and endpoints into keystone, as a JSON file says: `register_program.py FILE [--check]`.

It runs on controllers, with nothing but Python. What is there already stays; what differs is changed; a second run
changes nothing. With `--check` it only asks: the exit status is 1 when something is missing.
"""

from __future__ import annotations

import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS, UNAUTHORIZED = 20, 401


class Keystone:
    """The API, as the administrator."""

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self.url, self._token = wanted["auth_url"].rstrip("/"), ""
        self._trusted = ssl.create_default_context(cafile=wanted["authority"])
        admin = wanted["admin"]
        domain = {"name": "Default"}
        user = {"name": admin["user"], "domain": domain, "password": admin["password"]}
        scope = {"project": {"name": admin["project"], "domain": domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        headers = self._send("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}})[1]
        self._token = headers["X-Subject-Token"]

    def _send(self, method: str, path: str, body: object = None) -> tuple[Any, Mapping[str, str]]:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["X-Auth-Token"] = self._token
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)  # noqa: S310
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._trusted)
        opener = urllib.request.build_opener(*handlers)
        with opener.open(request, timeout=SECONDS) as answer:
            read = answer.read()
            return (json.loads(read) if read else None), answer.headers

    def find(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """The things of a kind, as `users`, with these properties."""
        found: list[dict[str, Any]] = self._send("GET", f"/{kind}?{urllib.parse.urlencode(query)}")[0][kind]
        return found

    def create(self, kind: str, thing: Mapping[str, str]) -> str:
        """The id of the new thing."""
        return str(self._send("POST", f"/{kind}", {_one(kind): thing})[0][_one(kind)]["id"])

    def change(self, kind: str, number: str, thing: Mapping[str, str]) -> None:
        self._send("PATCH", f"/{kind}/{number}", {_one(kind): thing})

    def knows(self, user: str, password: str) -> bool:
        """Whether that is the user's password."""
        identity = {"methods": ["password"], "password": {"user": {"id": user, "password": password}}}
        try:
            self._send("POST", "/auth/tokens", {"auth": {"identity": identity}})
        except urllib.error.HTTPError as error:
            if error.code == UNAUTHORIZED:
                return False
            raise
        return True

    def grant(self, scope: str, user: str, role: str) -> None:
        """`scope`: projects/ID or domains/ID."""
        self._send("PUT", f"/{scope}/users/{user}/roles/{role}")

    def granted(self, scope: str, user: str) -> set[str]:
        return {role["id"] for role in self._send("GET", f"/{scope}/users/{user}/roles")[0]["roles"]}


class Missing(Exception):  # noqa: N818
    """Something is not there, and only a check was asked for."""


def _one(kind: str) -> str:
    return kind.removesuffix("s")


def ensured(
    keystone: Keystone, check: bool, kind: str, query: Mapping[str, str], more: Mapping[str, str] | None = None
) -> str:
    """The id of the one thing that the query finds; made when there is none."""
    found = keystone.find(kind, **query)
    if found:
        return str(found[0]["id"])
    if check:
        raise Missing(f"no {_one(kind)} {dict(query)}")
    print(f"makes {_one(kind)} {dict(query)}")
    return keystone.create(kind, {**query, **(more or {})})


def accounts(keystone: Keystone, wanted: Mapping[str, Any], check: bool) -> None:
    """Users of a project, or of a domain of their own, with their roles; and roles that nobody has yet."""
    for account in wanted["accounts"]:
        domain, name = "default", account["name"]
        if "domain" in account:
            domain = ensured(keystone, check, "domains", {"name": account["domain"]})
            scope = f"domains/{domain}"
        else:
            project = ensured(keystone, check, "projects", {"name": account["project"], "domain_id": domain})
            scope = f"projects/{project}"
        secret = {"password": account["password"]}
        user = ensured(keystone, check, "users", {"name": name, "domain_id": domain}, secret)
        if not keystone.knows(user, secret["password"]):
            if check:
                raise Missing(f"{name} has another password")
            print(f"gives {name} its password")
            keystone.change("users", user, secret)
        held = keystone.granted(scope, user)
        for role_name in account["roles"]:
            role = ensured(keystone, check, "roles", {"name": role_name})
            if role in held:
                continue
            if check:
                raise Missing(f"{name} has no role {role_name}")
            keystone.grant(scope, user, role)
    for role_name in wanted["roles"]:
        ensured(keystone, check, "roles", {"name": role_name})


def catalogue(keystone: Keystone, wanted: Mapping[str, Any], check: bool) -> None:
    """Services, and where they are found."""
    for service in wanted["services"]:
        number = ensured(keystone, check, "services", {"name": service["name"], "type": service["type"]})
        for interface, url in service["endpoints"].items():
            place = {"service_id": number, "interface": interface, "region_id": wanted["region"]}
            found = keystone.find("endpoints", **place)
            if found and found[0]["url"] == url:
                continue
            if check:
                raise Missing(f"{service['name']} is not found at {url}")
            print(f"{service['name']} is found at {url}")
            if found:
                keystone.change("endpoints", found[0]["id"], {"url": url})
            else:
                keystone.create("endpoints", {**place, "url": url})


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 when all that is wanted is there."""
    check = "--check" in arguments
    with open(arguments[0], encoding="utf-8") as opened:
        wanted = json.load(opened)
    try:
        keystone = Keystone(wanted)
        accounts(keystone, wanted, check)
        catalogue(keystone, wanted, check)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except urllib.error.HTTPError as error:
        print(f"keystone at {wanted['auth_url']}: {error} {error.read().decode(errors='replace')}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"keystone at {wanted['auth_url']} does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
