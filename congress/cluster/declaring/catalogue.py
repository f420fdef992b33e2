"""What a service tells keystone about itself: its account and where it is found. One file of wishes for each service,
and a step that makes them true.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from congress.cluster.declaring.access import KEYSTONE_PORT, REGION, SERVICE_PROJECT
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File, Once, Site

ADMIN_PASSWORD = "keystone-admin"  # noqa: S105 - the name of a secret
_PROGRAM = Path(__file__).with_name("register_program.py")
INTERFACES = ("public", "internal", "admin")


@dataclass(frozen=True, slots=True)
class Entry:
    """One service of the catalogue, and its URL."""

    type: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the project of services, or of a domain of its own. Its password is the secret `<name>-keystone`."""

    name: str
    roles: tuple[str, ...] = ("admin", "service")
    domain: str | None = None

    def wish(self) -> dict[str, object]:
        """For the program."""
        place = {"domain": self.domain} if self.domain else {"project": SERVICE_PROJECT}
        return {"name": self.name, "password": mark(f"{self.name}-keystone"), **place, "roles": list(self.roles)}


def registration(
    site: Site,
    service: str,
    entries: Sequence[Entry] = (),
    *,
    accounts: Sequence[Account] = (),
    roles: Sequence[str] = (),
) -> tuple[File, ...]:
    """The program and the wishes, below /etc/<service>: an account of the service's name, further `accounts`, `roles`
    that have to be there though nobody has them."""
    wishes = {
        "auth_url": site.endpoint("keystone", KEYSTONE_PORT, path="/v3"),
        "authority": site.authority,
        "region": REGION,
        "admin": {"user": "admin", "password": mark(ADMIN_PASSWORD), "project": "admin"},
        "accounts": [account.wish() for account in (Account(service), *accounts)],
        "roles": list(roles),
        "services": [
            {"type": entry.type, "name": entry.name, "endpoints": dict.fromkeys(INTERFACES, entry.url)}
            for entry in entries
        ],
    }
    return (
        File(_program(service), _PROGRAM.read_text(encoding="utf-8"), mode=0o755),
        File(_wishes(service), json.dumps(wishes, indent=2) + "\n", mode=0o600),
    )


def registering(service: str) -> Once:
    """Makes the wishes true, once keystone answers."""
    command = f"python3 {_program(service)} {_wishes(service)}"
    return Once(f"{service}: accounts and endpoints", command, done=f"{command} --check", after=("keystone",))


def _program(service: str) -> str:
    return f"/etc/{service}/register.py"


def _wishes(service: str) -> str:
    return f"/etc/{service}/registration.json"
