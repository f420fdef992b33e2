"""The commands of congress-db-manage that do not depend on the kind of database."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cli import db_manage
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.db import datasources, migration
from congress.db.session import Database


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/congress.sqlite"


def manage(url: str, *command: str) -> int:
    return db_manage.main(["--database-connection", url, *command])


def test_history_begins_with_the_newest_revision(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage(url, "history") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{migration.head(Database(url))}: ")
    assert lines[-1].startswith("c0125080d572: ")


def test_migrations_form_one_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage(url, "branches") == 0
    assert manage(url, "check_migration") == 0
    assert capsys.readouterr().out.startswith("none\none line of migrations")


def test_stamp_says_the_revision_and_changes_nothing_else(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage(url, "stamp", "r0001") == 0
    assert manage(url, "current") == 0
    assert capsys.readouterr().out.startswith("r0001 (needed: ")
    assert manage(url, "stamp", "--sql", "r0001") == 0
    assert "INSERT INTO alembic_version" in capsys.readouterr().out


@pytest.mark.parametrize("command", [("upgrade", "nope"), ("stamp", "nope"), ("upgrade", "--delta", "99")])
def test_a_revision_that_does_not_exist_is_refused(
    url: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert manage(url, *command) == 1
    assert capsys.readouterr().err.startswith("congress-db-manage: ")


@pytest.mark.parametrize("options", [(), ("--delta", "1"), ("--sql",), ("--mysql-engine", "InnoDB")])
def test_every_downgrade_is_refused(url: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    manage(url, "upgrade")
    assert manage(url, "downgrade", *options, "r0001") == 1
    assert "never taken back" in capsys.readouterr().err


def test_a_takeover_cannot_be_printed_as_sql(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage(url, "upgrade", "--sql", "c0125080d572:head") == 1
    assert "without --sql" in capsys.readouterr().err


def test_the_classic_options_are_taken(url: str, tmp_path: Path) -> None:
    (tmp_path / "congress.conf").write_text(f"[database]\nconnection = {url}\n")
    config = ["--config-file", str(tmp_path / "congress.conf"), "--database-engine", "mysql"]
    assert db_manage.main([*config, "upgrade", "--mysql-engine", "InnoDB", "head"]) == 0
    assert migration.current(Database(url)) == migration.head(Database(url))


@pytest.fixture
def stored(url: str, tmp_path: Path) -> Database:
    """A datasource with a secret, and one from before secrets were encrypted."""
    database = Database(url)
    migration.upgrade(database)
    secret = Secrets(tmp_path / "keys").encrypt("canary-first")
    with database.writer() as session:
        add = datasources.DatasourceRecord
        datasources.add(
            session, add("1", "new", "nova", None, True, {"password": secret, "username": "u"}, ("password",))
        )
        datasources.add(session, add("2", "old", "nova", None, True, {"password": "canary-second"}, ()))
    return database


def rotate(url: str, keys: Path) -> int:
    config = keys.parent / "rotate.conf"
    config.write_text(f"[DEFAULT]\nencryption_key_path = {keys}\n[database]\nconnection = {url}\n")
    return db_manage.main(["--config-file", str(config), "rotate-keys"])


def clear(database: Database, keys: Path) -> dict[str, str]:
    secrets = Secrets(keys, create=False)
    with database.reader() as session:
        return {each.name: secrets.decrypt(each.config["password"]) for each in datasources.every(session)}


def test_rotation_encrypts_everything_with_a_new_key(url: str, stored: Database, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    before = (keys / "aes_key").read_bytes()
    running = Secrets(keys)
    assert rotate(url, keys) == 0
    assert (keys / "aes_key").read_bytes() != before
    assert (keys / "aes_key.old").read_bytes() == before
    assert {(keys / name).stat().st_mode & 0o777 for name in ("aes_key", "aes_key.old")} == {0o600}
    assert clear(stored, keys) == {"new": "canary-first", "old": "canary-second"}
    with stored.reader() as session:
        record = datasources.find(session, "new")
    assert record is not None
    assert running.decrypt(record.config["password"]) == "canary-first"  # a server that runs sees the new key
    (keys / "aes_key.old").unlink()
    assert clear(stored, keys) == {"new": "canary-first", "old": "canary-second"}


def test_what_a_running_server_stores_during_a_rotation_stays_readable(
    url: str, stored: Database, tmp_path: Path
) -> None:
    running = Secrets(tmp_path / "keys")
    rotate(url, tmp_path / "keys")
    assert Secrets(tmp_path / "keys").decrypt(running.encrypt("late")) == "late"


def test_a_rotation_that_was_interrupted_can_be_run_again(url: str, stored: Database, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    Secrets(keys).exchange()  # here the process died, twice
    Secrets(keys).exchange()
    assert rotate(url, keys) == 0
    assert clear(stored, keys) == {"new": "canary-first", "old": "canary-second"}
    assert len((keys / "aes_key.old").read_bytes().splitlines()) == 1


def test_a_secret_that_cannot_be_read_keeps_its_key(
    url: str, stored: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "others" / "keys"
    Secrets(foreign)
    before = (foreign / "aes_key").read_bytes()
    assert rotate(url, foreign) == 1
    assert "secrets of new cannot be read" in capsys.readouterr().err
    assert (foreign / "aes_key").read_bytes() == before
    with pytest.raises(SecretUnreadable):
        clear(stored, foreign)


def test_rotation_without_a_key_file_makes_none(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    migration.upgrade(Database(url))
    assert rotate(url, tmp_path / "nowhere") == 1
    assert "holds no key" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
