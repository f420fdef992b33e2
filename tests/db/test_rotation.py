"""`congress-db-manage rotate-keys` loses no secret: not when it is interrupted anywhere, not while servers run."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from congress.datasources import registry, rotation
from congress.datasources import secrets as secrets_module
from congress.datasources.secrets import Secrets
from congress.db import datasources, migration
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database
from tests.api.server_process import Client, ServerProcess

FILES = {rotation.__file__, secrets_module.__file__}
PASSWORDS = {"clear": "canary-clear", "encrypted": "canary-encrypted"}
DRIVERS = registry.drivers([], [])


class Killed(BaseException):
    """Stands for the end of the process."""


@contextmanager
def killed_at(step: int) -> Iterator[list[int]]:
    """Ends the block before the n-th line of the rotation runs; the list counts the lines."""
    lines = [0]

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            lines[0] += 1
            if lines[0] == step:
                sys.settrace(None)
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    except Killed:
        pass
    finally:
        sys.settrace(before)


def installation(place: Path) -> Database:
    """Two datasources, one of them with a password from before passwords were encrypted."""
    database = Database(f"sqlite:///{place}/congress.sqlite")
    migration.upgrade(database)
    encrypted = Secrets(place / "keys").encrypt(PASSWORDS["encrypted"])
    with database.writer() as session:
        for name, password, names in (("clear", PASSWORDS["clear"], ()), ("encrypted", encrypted, ("password",))):
            record = DatasourceRecord(name, name, "nova", None, True, {"password": password}, names)
            datasources.add(session, record)
    return database


def readable(database: Database, keys: Path) -> dict[str, str]:
    """The passwords, as a server that starts now reads them."""
    secrets = Secrets(keys, create=False)
    with database.reader() as session:
        return {
            record.name: secrets.decrypt(record.config["password"]) if record.encrypted else record.config["password"]
            for record in datasources.every(session)
        }


def test_a_rotation_that_is_killed_before_any_of_its_lines_loses_nothing(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    installation(first).close()
    for step in itertools.count(1):
        place = tmp_path / "copy"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(first, place)
        database = Database(f"sqlite:///{place}/congress.sqlite")
        with killed_at(step) as lines:
            rotation.rotate(database, Secrets(place / "keys", create=False), DRIVERS)
        assert readable(database, place / "keys") == PASSWORDS, f"killed at line {step}"
        rotation.rotate(database, Secrets(place / "keys", create=False), DRIVERS)
        assert readable(database, place / "keys") == PASSWORDS, f"killed at line {step}, then run again"
        database.close()
        if lines[0] < step:
            break
    assert step > 50


def test_a_process_that_slept_through_rotations_still_writes_what_others_can_read(tmp_path: Path) -> None:
    database = installation(tmp_path)
    running = Secrets(tmp_path / "keys")
    for _ in range(3):
        rotation.rotate(database, Secrets(tmp_path / "keys", create=False), DRIVERS)
    assert Secrets(tmp_path / "keys", create=False).decrypt(running.encrypt("canary-late")) == "canary-late"


def test_a_server_works_on_through_rotations(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "state").start()
    try:
        client = Client(server.url)
        config = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "project_name": "p", "poll_time": "0"}
        for number in range(2):
            body = {"name": f"n{number}", "driver": "nova", "config": {**config, "password": f"canary-{number}"}}
            assert client.post("/v1/data-sources", body).status_code == 201
            command = [sys.executable, "-m", "congress.cli.db_manage", "--state-dir", str(server.state), "rotate-keys"]
            ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
            assert ended.returncode == 0, ended.stderr
            assert f"{number + 1} secrets are encrypted with a new key" in ended.stdout
            assert client.get("/v1/data-sources/n0").json()["config"]["password"] == "<hidden>"  # noqa: S105
        assert server.terminate() == 0
        client = Client(server.start().url)
        for number in range(2):
            status = client.get(f"/v1/data-sources/n{number}/status").json()
            assert "decrypted" not in status["last_error"]
    finally:
        server.close()
    with sqlite3.connect(server.state / "congress.sqlite") as stored:
        rows = stored.execute("SELECT name, config FROM datasources").fetchall()
    assert len(rows) == 2 and "canary" not in str(rows)
