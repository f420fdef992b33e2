from __future__ import annotations

from pathlib import Path

import pytest

from congress.datasources.secrets import Secrets, SecretUnreadable


def test_a_secret_can_be_read_again_with_the_same_key_file(tmp_path: Path) -> None:
    stored = Secrets(tmp_path / "keys").encrypt("pässword")
    assert "pässword" not in stored
    assert Secrets(tmp_path / "keys").decrypt(stored) == "pässword"


def test_the_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    Secrets(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "aes_key").stat().st_mode & 0o777 == 0o600


def test_another_key_names_the_file_that_is_needed(tmp_path: Path) -> None:
    stored = Secrets(tmp_path / "one").encrypt("x")
    with pytest.raises(SecretUnreadable, match="aes_key"):
        Secrets(tmp_path / "two").decrypt(stored)
