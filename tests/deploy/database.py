"""One database node with the settings of the sample deployment, and the sample's database and account."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.ha.galera import Database
from demo.ha.machines import Machine
from demo.ha.templates import filled

PASSWORD = "canary-database"  # noqa: S105 - looked for where it must not be


def url(database: Database) -> str:
    return f"mysql+pymysql://congress:{PASSWORD}@{database.machine.address}/congress?charset=utf8mb4"


@contextmanager
def one_node() -> Iterator[Database]:
    """It runs, can be stopped and started again, and is removed at the end."""
    directory = Path(tempfile.mkdtemp(prefix="congress-database-"))
    directory.chmod(0o711)  # the database's account passes through it
    machine = Machine("db1", f"127.2.{os.getpid() % 250}.1")
    variables = {f"DATABASE_{number}": machine.address for number in (1, 2, 3)}
    variables |= {"NAME": machine.name, "ADDRESS": machine.address}
    check = [sys.executable, "-m", "congress.cli.galera_check", "--bind-host", machine.address]
    made = Database(machine, directory / "db1", variables, check)
    try:
        made.create()
        made.start(bootstrap=True)
        made.await_synced()
        for statement in filled("database.sql", {"DATABASE_PASSWORD": PASSWORD}).split(";\n"):
            if statement.strip():
                made.query(statement)
        yield made
    finally:
        made.check.stop()
        made.process.kill()
        shutil.rmtree(directory, ignore_errors=True)
