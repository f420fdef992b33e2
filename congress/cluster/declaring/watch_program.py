"""Lets Congress watch over what it is a part of, as a JSON file says: `watch_program.py FILE [--check]`.

It creates datasources and activates policies of the library, on controllers, with nothing but Python. What is there
already stays; a datasource that it made of another configuration is made anew; a second run changes nothing. With
`--check` it only asks: the exit status is 1 when something is missing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS, NOT_FOUND = 20, 404
MADE = "Made for the control plane, version "


class Missing(Exception):  # noqa: N818
    """Something is not there, and only a check was asked for."""


class Congress:
    """The API, as the service's own account."""

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self._url, self._token = wanted["url"].rstrip("/"), ""
        self._trusted = ssl.create_default_context(cafile=wanted["authority"])
        account, domain = wanted["account"], {"name": "Default"}
        user = {"name": account["user"], "domain": domain, "password": account["password"]}
        scope = {"project": {"name": account["project"], "domain": domain}}
        login = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        self._token = self._send("POST", f"{wanted['auth_url'].rstrip('/')}/auth/tokens", login)[1]["X-Subject-Token"]

    def _send(self, method: str, url: str, body: object = None) -> tuple[Any, Mapping[str, str]]:
        headers = {"Content-Type": "application/json", **({"X-Auth-Token": self._token} if self._token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - http or https
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._trusted)
        with urllib.request.build_opener(*handlers).open(request, timeout=SECONDS) as answer:
            read = answer.read()
            return (json.loads(read) if read else None), answer.headers

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the API answers below /v1."""
        return self._send(method, f"{self._url}/v1/{path}", body)[0]

    def has_policy(self, name: str) -> bool:
        try:
            self.ask("GET", f"policies/{urllib.parse.quote(name)}")
        except urllib.error.HTTPError as error:
            if error.code == NOT_FOUND:
                return False
            raise
        return True


def version(key: str, one: Mapping[str, Any]) -> str:
    """Tells configurations apart, passwords included, to nobody who does not know the key."""
    told = json.dumps(one, sort_keys=True).encode()
    return hmac.new(key.encode(), told, hashlib.sha256).hexdigest()[:16]


def datasources(congress: Congress, wanted: Mapping[str, Any], check: bool) -> None:
    """One of somebody else's, by the same name, stays as it is."""
    found = {each["name"]: each for each in congress.ask("GET", "data-sources")["results"]}
    for one in wanted["datasources"]:
        name, description = one["name"], MADE + version(wanted["account"]["password"], one)
        there = found.get(name)
        if there and not str(there.get("description")).startswith(MADE):
            continue
        if there and there["description"] == description:
            continue
        if check:
            raise Missing(f"datasource {name} is " + ("configured otherwise" if there else "missing"))
        if there:
            congress.ask("DELETE", f"data-sources/{there['id']}")
        print(f"makes datasource {name}")
        congress.ask("POST", "data-sources", {**one, "description": description})


def policies(congress: Congress, wanted: Mapping[str, Any], check: bool) -> None:
    """Activates those that are not there; what an operator changed in them stays."""
    for name in wanted["policies"]:
        if congress.has_policy(name):
            continue
        if check:
            raise Missing(f"policy {name} is missing")
        kept = congress.ask("GET", f"librarypolicies?name={urllib.parse.quote(name)}")["results"]
        if not kept:
            raise Missing(f"policy {name} is not in the library")
        print(f"activates policy {name}")
        congress.ask("POST", f"policies?library_policy={kept[0]['id']}", {})


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 when all that is wanted is there."""
    check = "--check" in arguments
    with open(arguments[0], encoding="utf-8") as opened:
        wanted = json.load(opened)
    try:
        congress = Congress(wanted)
        datasources(congress, wanted, check)
        policies(congress, wanted, check)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except urllib.error.HTTPError as error:
        print(f"{error.url}: {error} {error.read().decode(errors='replace')}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{wanted['auth_url']} or {wanted['url']} does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
