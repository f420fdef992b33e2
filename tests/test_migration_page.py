"""The page "Move from Congress" works as it is written: its commands, run on a database of the original."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy

from congress.db import migration
from congress.db.migrations import original
from congress.db.session import Database
from tests.databases import MariaDb, free_port
from tests.db import originals
from tests.docs import pages

PAGE = pages.ROOT / "docs" / "migration.md"
CLIENT = pages.ROOT / ".venv-client" / "bin"
NEW = Path(sys.prefix)

CONFIGURATION = """
[DEFAULT]
auth_strategy = noauth
bind_host = 127.0.0.1
bind_port = {port}
drivers = congress.datasources.nova_driver.NovaDriver,congress.datasources.neutronv2_driver.NeutronV2Driver
datasource_sync_period = 30
encryption_key_path = {keys}
[dse]
bus_id = bus
[database]
connection = mysql+pymysql://root@127.0.0.1:{database_port}/{database}?charset=utf8
"""
PASTE = """
[composite:congress]
use = egg:Paste#urlmap
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
oslo_config_project = congress
"""
CLOUDS = "clouds: {{mine: {{auth_type: none, auth: {{endpoint: '{url}'}}}}}}"


class Installation(NamedTuple):
    """One of the original: what the page calls DB, CONF, KEYS, …, and what is the login of the clients."""

    names: dict[str, str]
    environment: dict[str, str]
    url: str


def blocks() -> list[str]:
    """The commands of the page, the first block being the names."""
    return [block.text for block in pages.blocks(PAGE) if block.language == "sh" and not block.not_run]


def run(installation: Installation, *scripts: str) -> str:
    """Run the scripts in one shell that stops at the first failure, and end what they leave running."""
    names = "".join(f"{name}={value}\n" for name, value in installation.names.items())
    ended = subprocess.Popen(  # noqa: S603
        ["/bin/bash", "-euo", "pipefail", "-c", names + "".join(scripts)],
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told, _ = ended.communicate(timeout=240)
    finally:
        if ended.poll() is None:
            os.killpg(ended.pid, signal.SIGKILL)
    assert ended.returncode == 0, told
    return told


@pytest.fixture
def installation(mariadb: MariaDb, tmp_path: Path) -> Installation:
    url, port = mariadb.load(originals.DUMP), free_port()
    database = str(sqlalchemy.make_url(url).database)
    etc, keys = tmp_path / "etc", originals.keys(tmp_path / "etc" / "keys")
    values = {"port": port, "keys": keys, "database_port": mariadb.port, "database": database}
    (etc / "congress.conf").write_text(CONFIGURATION.format(**values))
    (etc / "api-paste.ini").write_text(PASTE)
    (tmp_path / ".my.cnf").write_text(f"[client]\nhost=127.0.0.1\nport={mariadb.port}\nuser=root\n")
    (tmp_path / "clouds.yaml").write_text(CLOUDS.format(url=f"http://127.0.0.1:{port}"))
    names = {
        "DB": database,
        "CONF": str(etc / "congress.conf"),
        "KEYS": str(keys),
        "NEW": str(NEW),
        "BACKUP": str(tmp_path / "backup"),
        "URL": f"http://127.0.0.1:{port}",
    }
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{CLIENT}:{os.environ['PATH']}",
        "OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml"),
        "OS_CLOUD": "mine",
    }
    return Installation(names, environment, url)


STOP = "kill -TERM $!; wait $!\n"


def test_the_page_names_everything_that_its_commands_use(installation: Installation) -> None:
    first, *others = blocks()
    assert set(re.findall(r"(?m)^(\w+)=", first)) == set(installation.names)
    used = set(re.findall(r"\$([A-Z]+)", "".join(others)))
    assert used == set(installation.names)


def test_its_steps_lead_to_a_server_that_serves_what_was_there(installation: Installation) -> None:
    forward = [block for block in blocks()[1:] if not block.startswith("# back")]
    told = run(installation, *forward, STOP)
    assert original.REVISION in told
    flowing = re.sub(r"[|\s]+", " ", told)  # the checks come in a table
    for said in ("option drivers has no effect", "api-paste.ini is not needed"):
        assert said in flowing
    assert "taking over a database of the original Congress" in told
    assert f"at {migration.head(Database(installation.url))}" in told
    for policy in originals.EXPECTED["policies"]:
        assert policy["name"] in told
        for rule in policy["rules_as_served"]:
            assert f"// ID: {rule['id']}" in told
    assert all(source["name"] in told for source in originals.EXPECTED["datasources"])


def test_its_way_back_leads_to_the_database_of_before(installation: Installation) -> None:
    until_upgraded = blocks()[1:5]
    back = [block for block in blocks() if block.startswith("# back")]
    run(installation, *until_upgraded)
    assert not originals.is_untouched(installation.url)
    run(installation, *back)
    assert originals.is_untouched(installation.url)
    with Database(installation.url).engine.connect() as connection:
        number = connection.exec_driver_sql("SELECT count(*) FROM policies").scalar()
    assert number == len(originals.EXPECTED["policies"]) + len(("classification", "action"))


def test_its_wsgi_commands_are_those_of_the_module() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "congress.wsgi.api:application" in text
    assert "--lazy-apps --module congress.wsgi.api" in text
