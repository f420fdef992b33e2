"""congress-status upgrade check tells what needs a look before the server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cli import status
from congress.datasources.secrets import Secrets
from congress.db import policies, rules
from tests.cli.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_a_database_that_is_not_upgraded_is_a_failure(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = installation.check(capsys)
    assert code == 2
    assert "congress-db-manage upgrade head" in found["database"][1]
    assert "when the database is upgraded" in found["rules"][1]


def test_an_upgraded_database_is_a_success(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    installation.upgraded()
    code, found = installation.check(capsys)
    assert (code, {result for result, _details in found.values()}) == (0, {0})


def test_options_without_a_meaning_are_a_warning(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.upgraded()
    installation.configure("api_workers = 4")
    code, found = installation.check(capsys)
    assert code == 1
    assert "api_workers has no effect" in found["options"][1]


def test_a_datasource_without_its_driver_is_a_warning(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.datasource("old", "ceilometer", {})
    code, found = installation.check(capsys)
    assert code == 1
    assert "there is no driver ceilometer" in found["datasources"][1]


def test_secrets_in_clear_or_without_their_key_are_a_warning(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.datasource("clear", "nova", {"password": "canary-password"})
    code, found = installation.check(capsys)
    assert "clear has secrets in clear; congress-db-manage rotate-keys" in found["datasources"][1]
    assert "canary" not in found["datasources"][1]
    foreign = Secrets(tmp_path / "foreign").encrypt("x")
    installation.datasource("foreign", "nova", {"password": foreign}, "password")
    assert "holds no key" in installation.check(capsys)[1]["datasources"][1]
    Secrets(installation.keys)
    code, found = installation.check(capsys)
    assert code == 1
    assert "datasource foreign: a stored secret cannot be decrypted" in found["datasources"][1]


def test_what_the_engine_would_refuse_is_a_warning(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    database = installation.upgraded()
    with database.writer() as session:
        policies.add(session, policies.PolicyRecord("1", "p", "p", "", "user", "nonrecursive"))
        rules.add(session, "1", [rules.RuleRecord("good", "q(1)", "", None), rules.RuleRecord("bad", "q(x", "", None)])
    installation.datasource("p", "fake_datasource", {})
    code, found = installation.check(capsys)
    assert code == 1
    assert "policy p: " in found["rules"][1]
    assert "rule bad of policy p: " in found["rules"][1]


def test_the_table_for_people_names_every_check(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    installation.upgraded()
    assert status.main(["--config-file", str(installation.keys.parent / "congress.conf"), "upgrade", "check"]) == 0
    shown = capsys.readouterr().out
    for name in ("database", "options", "datasources", "rules"):
        assert f"Check: {name}" in shown
