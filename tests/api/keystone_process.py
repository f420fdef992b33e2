"""A real Keystone on a free port: users with the roles that the tests speak of, and a service that is called policy.

It is the Keystone of the real cloud (`tests.cloud`) alone, in the same environment, `.venv-cloud`.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import requests
from cryptography.fernet import Fernet

from tests import canaries
from tests.databases import free_port
from tests.waiting import until

HOME = Path(__file__).parents[2] / ".venv-cloud"
PREPARED = HOME / "keystone-1"
PASSWORD = f"{canaries.MARK}known to the tests"
START_SECONDS = 60.0
_DOUBLE = 0xCB  # how msgpack marks a double
_SERVE = """
import sys
port = int(sys.argv.pop())
from waitress import serve
from keystone.wsgi.api import application
from tests.waiting import until
serve(application, host="127.0.0.1", port=port, threads=4, _quiet=True)
"""
_CONFIGURATION = """
[DEFAULT]
log_file = {place}/keystone.log
[database]
connection = sqlite:///{place}/keystone.sqlite
[token]
provider = fernet
[fernet_tokens]
key_repository = {place}/keys
[credential]
key_repository = {place}/credential-keys
[cache]
enabled = false
[security_compliance]
lockout_failure_attempts = 100
"""


class Persona(NamedTuple):
    """A user; `project` None when the role is held on the system."""

    name: str
    role: str | None
    project: str | None


PERSONAS = (
    Persona("admin", "admin", "admin"),
    Persona("system-member", "member", None),
    Persona("system-reader", "reader", None),
    Persona("tenant-member", "member", "shop"),
    Persona("tenant-reader", "reader", "shop"),
    Persona("guest", "guest", "shop"),
    Persona("congress", "service", "service"),
)


AUTHTOKEN = """
[keystone_authtoken]
auth_type = password
auth_url = {url}
www_authenticate_uri = {url}
username = congress
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
service_token_roles_required = true
token_cache_time = {cached}
"""


class KeystoneProcess:
    """Serves a copy of a Keystone that was prepared once: that takes seconds, its preparation half a minute."""

    def __init__(self, place: Path) -> None:
        assert HOME.exists(), f"{HOME} is missing: `make test` installs it"
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/v3"
        canaries.ignore(self.url)

    def start(self) -> KeystoneProcess:
        with (HOME / "keystone.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not PREPARED.exists():
                with tempfile.TemporaryDirectory(dir=HOME) as draft:
                    KeystoneProcess(Path(draft) / "keystone")._prepare()
                    shutil.move(Path(draft) / "keystone", PREPARED)
        shutil.copytree(PREPARED, self._place)
        self._configure()
        with contextlib.closing(sqlite3.connect(self._place / "keystone.sqlite")) as database, database:
            database.execute("UPDATE endpoint SET url = ?", (self.url,))
        self.resume()
        return self

    def _prepare(self) -> None:
        """Make database and keys, and fill them."""
        self._place.mkdir()
        (self._place / "keys").mkdir(mode=0o700)
        self._configure()
        owner = ("--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
        self._manage("db_sync")
        self._manage("fernet_setup", *owner)
        self._manage("bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-public-url", self.url,
                     "--bootstrap-internal-url", self.url, "--bootstrap-region-id", "RegionOne")  # fmt: skip
        self.resume()
        try:
            self._fill()
        finally:
            self.stop()

    def _configure(self) -> None:
        (self._place / "keystone.conf").write_text(_CONFIGURATION.format(place=self._place))

    def resume(self) -> None:
        """Serve, also after `stop`."""
        with (self._place / "served.log").open("ab") as log:
            command = [str(HOME / "bin" / "python"), "-c", _SERVE, str(self._port)]
            self._process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)  # noqa: S603
        process = self._process
        try:
            until(
                self._answers,
                f"see the logs in {self._place}",
                seconds=START_SECONDS,
                ended=lambda: process.poll() is not None,
            )
        except BaseException:
            self.stop()  # nobody else would: who could not start it never gets it
            raise

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "OS_KEYSTONE_CONFIG_DIR": str(self._place)}

    def _manage(self, *words: str) -> None:
        command = [str(HOME / "bin" / "keystone-manage"), "--config-file", str(self._place / "keystone.conf"), *words]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
        assert ended.returncode == 0, f"{words}: {ended.stderr}"

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    # -- what is in it -------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        projects = {each["name"]: each["id"] for each in self.ask("GET", "/projects")["projects"]}
        for name in ("shop", "service"):
            projects[name] = self.ask("POST", "/projects", {"project": {"name": name}})["project"]["id"]
        roles = {each["name"]: each["id"] for each in self.ask("GET", "/roles")["roles"]}
        roles["guest"] = self.ask("POST", "/roles", {"role": {"name": "guest"}})["role"]["id"]
        for persona in PERSONAS[1:]:
            user = self.ask("POST", "/users", {"user": {"name": persona.name, "password": PASSWORD}})["user"]["id"]
            where = f"/projects/{projects[persona.project]}" if persona.project else "/system"
            self.ask("PUT", f"{where}/users/{user}/roles/{roles[str(persona.role)]}")
        admin = self.ask("GET", "/users?name=admin")["users"][0]["id"]
        self.ask("PUT", f"/domains/default/users/{admin}/roles/{roles['admin']}")

    @functools.cached_property
    def _admin(self) -> dict[str, str]:
        return {"X-Auth-Token": self.token("admin", project="admin")}

    def authtoken(self, cached: int = 300) -> str:
        """The section that tells a server how to ask this Keystone. `cached`: seconds, -1 to ask each time."""
        return AUTHTOKEN.format(url=self.url, password=PASSWORD, cached=cached)

    def offer(self, url: str) -> None:
        """Enter a Congress server into the catalog."""
        service = self.ask("POST", "/services", {"service": {"type": "policy", "name": "congress"}})["service"]["id"]
        endpoint = {"service_id": service, "interface": "public", "region_id": "RegionOne", "url": url}
        self.ask("POST", "/endpoints", {"endpoint": endpoint})

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """A request of the administrator."""
        answer = requests.request(verb, self.url + path, json=body, headers=self._admin, timeout=60)
        assert answer.status_code < 300, f"{verb} {path}: {answer.text}"
        return answer.json() if answer.content else None

    # -- logging in ----------------------------------------------------------------------------------------------

    def token_of(self, persona: Persona) -> str:
        """A token of the persona, for where its role is."""
        return self.token(persona.name, project=persona.project)

    def token(self, user: str, *, project: str | None = None, domain: str | None = None) -> str:
        """A token for the project, for the domain, or else for the system."""
        answer = requests.post(f"{self.url}/auth/tokens", json=_login(user, project, domain), timeout=60)
        assert answer.status_code == 201, answer.text
        return canaries.watch(str(answer.headers["X-Subject-Token"]))

    def expired(self, token: str) -> str:
        """The token as it would be after its time: signed by the same key, the moment of its end in the past."""
        keys = sorted((self._place / "keys").iterdir(), key=lambda path: int(path.name))
        signer = Fernet(keys[-1].read_bytes())
        content = signer.decrypt(token + "=" * (-len(token) % 4))
        now = time.time()
        for place in range(len(content) - 8):
            moment = struct.unpack(">d", content[place + 1 : place + 9])[0]
            if content[place] == _DOUBLE and abs(moment - now) < 2 * 24 * 3600:
                content = content[: place + 1] + struct.pack(">d", now - 60) + content[place + 9 :]
                return signer.encrypt(content).decode().rstrip("=")
        raise AssertionError("the token holds no moment of its end")

    def revoke(self, token: str) -> None:
        headers = {**self._admin, "X-Subject-Token": token}
        assert requests.delete(f"{self.url}/auth/tokens", headers=headers, timeout=60).status_code == 204


def _login(user: str, project: str | None, domain: str | None) -> dict[str, Any]:
    default = {"id": "default"}
    scope: dict[str, Any] = {"system": {"all": True}}
    if project:
        scope = {"project": {"name": project, "domain": default}}
    elif domain:
        scope = {"domain": {"id": domain}}
    identity = {"methods": ["password"], "password": {"user": {"name": user, "domain": default, "password": PASSWORD}}}
    return {"auth": {"identity": identity, "scope": scope}}
