"""Services tell a real Keystone about themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.cluster.declaring.access import REGION
from congress.cluster.declaring.catalogue import registering
from congress.cluster.secrets import filled
from congress.cluster.services.contract import File
from tests.api.keystone_process import PASSWORD, KeystoneProcess
from tests.cluster.services.descriptions import collapsed, composed, declared


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeystoneProcess]:
    process = KeystoneProcess(tmp_path_factory.mktemp("keystone") / "served").start()
    yield process
    process.stop()


class Registration:
    """The step of one service, on a node where its files are in a directory of the test."""

    def __init__(self, service: str, keystone: KeystoneProcess, directory: Path) -> None:
        self.password, self._directory = "one password", directory
        wanted = {Path(file.path).name: file for file in declared(composed(collapsed()), service).files}
        self._wishes: File = wanted["registration.json"]
        self.url = keystone.url
        self.moved: tuple[str, str] | None = None
        (directory / "register.py").write_text(wanted["register.py"].content)
        self._path = str(Path(self._wishes.path).parent)

    def _do(self, command: str) -> subprocess.CompletedProcess[str]:
        secrets = {"keystone-admin": PASSWORD}
        wishes = json.loads(filled(self._wishes.content, lambda name: secrets.get(name, self.password)))
        text = json.dumps(wishes | {"auth_url": self.url})
        (self._directory / "registration.json").write_text(text.replace(*self.moved) if self.moved else text)
        command = command.replace(self._path, str(self._directory)).replace("python3", sys.executable)
        return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=300, check=False)  # noqa: S603

    def run(self) -> str:
        done = self._do(registering(Path(self._path).name).command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def missing(self) -> str:
        """What is not there yet; empty when all is."""
        return self._do(registering(Path(self._path).name).done).stderr


def test_accounts_and_endpoints_are_made_once_and_follow_what_is_wanted(
    keystone: KeystoneProcess, tmp_path: Path
) -> None:
    glance = Registration("glance", keystone, tmp_path)
    assert "no user {'name': 'glance'" in glance.missing()
    assert "makes user" in glance.run()
    assert glance.run() == ""
    (service,) = keystone.ask("GET", "/services?type=image")["services"]
    endpoints = keystone.ask("GET", f"/endpoints?service_id={service['id']}")["endpoints"]
    assert {each["interface"] for each in endpoints} == {"public", "internal", "admin"}
    assert {(each["url"], each["region_id"]) for each in endpoints} == {("http://10.0.255.1:9292", REGION)}

    glance.moved, glance.password = ("10.0.255.1:9292", "10.0.255.9:9292"), "another password"  # noqa: S105
    assert "glance has another password" in glance.missing()
    told = glance.run()
    assert "gives glance its password" in told
    assert "glance is found at http://10.0.255.9:9292" in told
    assert glance.missing() == ""
    assert len(keystone.ask("GET", f"/endpoints?service_id={service['id']}")["endpoints"]) == len(endpoints)


def test_a_service_may_have_a_domain_of_its_own(keystone: KeystoneProcess, tmp_path: Path) -> None:
    Registration("heat", keystone, tmp_path).run()
    (domain,) = keystone.ask("GET", "/domains?name=heat")["domains"]
    (user,) = keystone.ask("GET", f"/users?domain_id={domain['id']}")["users"]
    assert user["name"] == "heat_domain_admin"
    assert keystone.ask("GET", "/roles?name=heat_stack_user")["roles"]


def test_a_keystone_that_is_away_is_told(keystone: KeystoneProcess, tmp_path: Path) -> None:
    nova = Registration("nova", keystone, tmp_path)
    nova.url = "http://127.0.0.1:1/v3"
    assert "keystone at http://127.0.0.1:1/v3 does not answer" in nova.missing()
