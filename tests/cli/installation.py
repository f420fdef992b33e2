"""An installation that the tests of commands look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from congress.cli import status
from congress.db import datasources, migration
from congress.db.session import Database


class Installation:
    """A configuration file, a database and keys in one directory."""

    def __init__(self, directory: Path) -> None:
        self.keys, self.config = directory / "keys", directory / "congress.conf"
        self.url = f"sqlite:///{directory}/congress.sqlite"
        self.configure()

    def configure(self, *lines: str) -> None:
        head = f"[database]\nconnection = {self.url}\n[DEFAULT]\nencryption_key_path = {self.keys}\n"
        self.config.write_text(head + "\n".join(lines))

    def upgraded(self) -> Database:
        database = Database(self.url)
        migration.upgrade(database)
        return database

    def datasource(self, name: str, driver: str, config: dict[str, str], *encrypted: str) -> None:
        record = datasources.DatasourceRecord(name, name, driver, None, True, config, encrypted)
        with self.upgraded().writer() as session:
            datasources.add(session, record)

    def check(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
        code = status.main(["--config-file", str(self.config), "upgrade", "check", "--json"])
        checks = json.loads(capsys.readouterr().out.splitlines()[-1])["checks"]
        return code, {each["check"]: (each["result"], each["details"]) for each in checks}
