"""Where values of secrets come from."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from congress.cluster.model.loading import Described, parse
from congress.cluster.vault import SecretError, Vault
from tests.cluster.stand_ins import DESCRIPTION

NAMED = """\
    web.key: {file: web.key}
"""


def described(directory: Path, secrets: str = NAMED) -> Described:
    power = "    power: {environment: POWER}\n"
    text = DESCRIPTION.replace(power, power + secrets)
    return parse(text, directory=directory)


def test_from_the_environment_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "web.key").write_text("of the file\n")
    vault = Vault(described(tmp_path), {"POWER": "of the environment"})
    assert vault("power") == "of the environment"
    assert vault("web.key") == "of the file"
    assert not vault.store.exists()


def test_generated_ones_are_kept_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = Vault(described(tmp_path), {})("database")
    assert len(first) == 32
    assert first.isalnum()
    again = Vault(described(tmp_path), {})
    assert again("database") == first
    assert again.store.stat().st_mode & 0o777 == 0o600


def test_keys_have_the_length_of_keys(tmp_path: Path) -> None:
    value = Vault(described(tmp_path), {})("token-0-key")
    assert len(base64.urlsafe_b64decode(value + "=")) == 32


def test_another_value_on_request(tmp_path: Path) -> None:
    vault = Vault(described(tmp_path), {})
    before = vault("database")
    assert vault.renew("database") != before
    assert Vault(described(tmp_path), {})("database") == vault("database")


def test_keys_follow_each_other(tmp_path: Path) -> None:
    vault = Vault(described(tmp_path), {})
    names = ("staged-key", "primary-key", "former-key")
    staged, primary, _ = (vault(name) for name in names)
    vault.rotate(*names)
    again = Vault(described(tmp_path), {})
    assert (again("primary-key"), again("former-key")) == (staged, primary)
    assert len({again(name) for name in names}) == 3
    assert len(base64.urlsafe_b64decode(again("staged-key") + "=")) == 32


def test_keys_that_are_not_generated_are_not_rotated(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="it is not generated, and keys that follow each other have to be"):
        Vault(described(tmp_path), {}).rotate("staged-key", "primary-key", "web.key")


def test_what_comes_from_elsewhere_is_changed_there(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="it comes from the variable POWER; change it there"):
        Vault(described(tmp_path), {"POWER": "x"}).renew("power")


def test_missing_ones_are_told_and_nothing_is_generated(tmp_path: Path) -> None:
    vault = Vault(described(tmp_path), {})
    told = [str(error) for error in vault.missing({"power", "web.key", "database"})]
    assert told[0] == "secret 'power': the variable POWER is not set; export it"
    assert told[1].startswith(f"secret 'web.key': {tmp_path / 'web.key'} cannot be read")
    assert len(told) == 2
    assert not vault.store.exists()


def test_those_that_would_be_misread_are_told(tmp_path: Path) -> None:
    (tmp_path / "web.key").write_text("a@b\n")
    vault = Vault(described(tmp_path), {"POWER": "plain-enough"})
    assert vault.awkward({"power", "web.key", "database"}) == {"web.key"}


def test_without_a_default_each_has_to_be_named(tmp_path: Path) -> None:
    text = DESCRIPTION.replace("  default: {generated: 32}\n", "")
    with pytest.raises(SecretError, match="nothing says where it comes from; add it to `secrets.named`"):
        Vault(parse(text, directory=tmp_path), {})("database")


def test_files_of_tls_are_secrets_too(tmp_path: Path) -> None:
    (tmp_path / "api.key").write_text("the key\n")
    text = DESCRIPTION + "tls: {certificate: api.crt, key: api.key}\n"
    vault = Vault(parse(text, directory=tmp_path), {})
    assert vault("tls.key") == "the key"
    assert [error.name for error in vault.missing(["tls.certificate"])] == ["tls.certificate"]


def test_a_store_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("database: x\n")
    (tmp_path / "secrets.yaml").chmod(0o644)
    with pytest.raises(SecretError, match="others may read the file; run `chmod 600`"):
        Vault(described(tmp_path), {})("database")
