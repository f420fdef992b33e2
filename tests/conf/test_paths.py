"""Where the key of the secrets is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import paths


def key_dir(*options: str) -> Path:
    conf = congress.conf.register(cfg.ConfigOpts())
    conf(["--state-dir", options[0]], project="congress", default_config_files=list(options[1:]))
    return paths.key_dir(conf)


@pytest.fixture
def former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the original's key, which is there."""
    place = tmp_path / "etc" / "keys"
    place.mkdir(parents=True)
    (place / "aes_key").touch()
    monkeypatch.setattr(paths, "FORMER_KEYS", place)
    return place


def test_a_key_of_the_original_is_used_where_it_lay(former: Path, tmp_path: Path) -> None:
    assert key_dir(str(tmp_path / "state")) == former


def test_a_key_of_our_own_comes_first(former: Path, tmp_path: Path) -> None:
    own = tmp_path / "state" / "keys"
    own.mkdir(parents=True)
    assert key_dir(str(tmp_path / "state")) == own


def test_without_any_key_it_belongs_into_the_state_directory(former: Path, tmp_path: Path) -> None:
    (former / "aes_key").unlink()
    assert key_dir(str(tmp_path / "state")) == tmp_path / "state" / "keys"


def test_what_is_configured_counts(former: Path, tmp_path: Path) -> None:
    config = tmp_path / "congress.conf"
    config.write_text(f"[DEFAULT]\nencryption_key_path = {tmp_path}/mine\n")
    assert key_dir(str(tmp_path / "state"), str(config)) == tmp_path / "mine"
